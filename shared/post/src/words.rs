//! What an intent says, in its member's language.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use club::personal::Personal;
use club::programme;
use kernel::{Currency, Date, Lang, Money, Points, Timestamp, Zone};
use membership::profile::Language;
use messaging::topic::{Field, FieldKind};
use messaging::words::{Content, NoWords, Phrasebook, Value, Words};
use store::directory;
use store::notifications::{Intent, body_place};
use store::{Sql, StoreError};

use crate::refusal::Refusal;

/// Characters of a text in the data, and of what a person wrote.
const TEXT_CHARS_MAX: usize = 4_000;

thread_local! {
    /// The texts of all languages, read when first needed.
    static BOOK: OnceCell<Result<Phrasebook, NoWords>> = const { OnceCell::new() };
}

/// Why an intent cannot be put into words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unsayable {
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Whoever made the intent left something out, or made it of another kind.
    #[error("the intent's data: {0}")]
    Data(String),
    /// The texts do not fit the topic.
    #[error(transparent)]
    Texts(#[from] NoWords),
}

impl From<StoreError> for Unsayable {
    fn from(error: StoreError) -> Self {
        Self::Refusal(error.into())
    }
}

/// Who is written to.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub brand: &'a str,
    /// As the reader knows the chain.
    pub brand_name: &'a str,
    pub language: Language,
    pub zone: &'a Zone,
}

/// The language of texts.
#[must_use]
pub const fn lang(language: Language) -> Lang {
    match language {
        Language::Ru => Lang::Ru,
        Language::Kk => Lang::Kk,
        Language::En => Lang::En,
    }
}

/// The words of an intent.
///
/// # Errors
/// See [`Unsayable`].
pub fn compose(
    sql: &dyn Sql,
    intent: &Intent,
    reader: Reader<'_>,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<Words, Unsayable> {
    let sealed = personal.open(body_place(intent.id), intent.body_sealed.as_deref())?;
    let (sealed_link, body) = if intent.topic.has_sealed_link() { (sealed, None) } else { (None, sealed) };
    if intent.topic.is_for_one_contact() && body.is_none() {
        return Err(Unsayable::Data("the text by a person is gone".to_owned()));
    }
    let data: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&intent.data).map_err(|_| Unsayable::Data("not an object".to_owned()))?;
    let mut content = Content {
        topic: intent.topic,
        brand: reader.brand_name.to_owned(),
        values: BTreeMap::new(),
        link: None,
        body: body.map(|body| body.chars().take(TEXT_CHARS_MAX).collect()),
    };
    for field in intent.topic.fields() {
        let given = data.get(field.name).filter(|value| !value.is_null());
        let Some(given) = given else {
            if field.required {
                return Err(Unsayable::Data(format!("{} is missing", field.name)));
            }
            continue;
        };
        if field.kind == FieldKind::Link {
            content.link = Some(link(text(field, given)?).ok_or_else(|| wrong(field))?);
        } else {
            content.values.insert(field.name, value(sql, field, given, reader, now)?);
        }
    }
    if intent.topic.has_sealed_link() {
        let found = sealed_link.and_then(link).or(content.link);
        content.link = Some(found.ok_or_else(|| Unsayable::Data("the link is gone".to_owned()))?);
    }
    say(&content, lang(reader.language), reader.zone)
}

/// A message in words.
///
/// # Errors
/// [`Unsayable::Texts`].
pub fn say(content: &Content, lang: Lang, zone: &Zone) -> Result<Words, Unsayable> {
    BOOK.with(|book| match book.get_or_init(Phrasebook::load) {
        Ok(book) => Ok(book.compose(content, lang, zone)?),
        Err(error) => Err(error.clone().into()),
    })
}

fn wrong(field: &Field) -> Unsayable {
    Unsayable::Data(format!("{} is of another kind", field.name))
}

fn text(field: &Field, given: &serde_json::Value) -> Result<String, Unsayable> {
    let text = given.as_str().ok_or_else(|| wrong(field))?;
    Ok(text.chars().filter(|each| !each.is_control()).take(TEXT_CHARS_MAX).collect())
}

/// Nothing but the web is linked to: `javascript:` and its kind are no addresses.
fn link(link: String) -> Option<String> {
    let is_web = link.starts_with("https://") || link.starts_with("http://");
    (is_web && !link.contains(char::is_whitespace)).then_some(link)
}

fn value(
    sql: &dyn Sql,
    field: &Field,
    given: &serde_json::Value,
    reader: Reader<'_>,
    now: Timestamp,
) -> Result<Value, Unsayable> {
    Ok(match field.kind {
        FieldKind::Count => Value::Count(given.as_i64().ok_or_else(|| wrong(field))?),
        FieldKind::Flag => Value::Flag(given.as_bool().ok_or_else(|| wrong(field))?),
        FieldKind::Points => {
            let text = given.as_str().map(str::to_owned).unwrap_or_else(|| given.to_string());
            Value::Points(Points::parse(&text).map_err(|_| wrong(field))?)
        }
        FieldKind::Money => Value::Money(money(given).ok_or_else(|| wrong(field))?),
        FieldKind::Date => Value::Date(Date::parse(&text(field, given)?).map_err(|_| wrong(field))?),
        FieldKind::PointInTime => Value::PointInTime(instant(field, given)?),
        FieldKind::Tier => Value::Text(tier(sql, &text(field, given)?, reader, now)?),
        FieldKind::Outlet => Value::Text(outlet(sql, text(field, given)?)?),
        FieldKind::Text | FieldKind::Link => Value::Text(text(field, given)?),
    })
}

/// As everywhere on the wire: `{"amount":"210.00","currency":"RUB"}`.
fn money(given: &serde_json::Value) -> Option<Money> {
    let part = |name: &str| given.get(name)?.as_str();
    Money::parse(part("amount")?, Currency::parse(part("currency")?).ok()?).ok()
}

/// An instant as RFC 3339, or as milliseconds since the Unix epoch.
fn instant(field: &Field, given: &serde_json::Value) -> Result<Timestamp, Unsayable> {
    match given.as_i64() {
        Some(millis) => Ok(Timestamp::from_millis(millis)),
        None => Timestamp::parse(&text(field, given)?).map_err(|_| wrong(field)),
    }
}

/// A tier's name in the reader's language; its code where the programme has it no more.
fn tier(sql: &dyn Sql, code: &str, reader: Reader<'_>, now: Timestamp) -> Result<String, Unsayable> {
    let rules = match programme::in_force(sql, reader.brand, now) {
        Ok(found) => found.rules,
        Err(club::Refusal::NoProgramme) => return Ok(code.to_owned()),
        Err(error) => return Err(Refusal::from(error).into()),
    };
    let found = rules.tiers.iter().find(|tier| tier.code == code);
    Ok(found.map_or(code, |tier| tier.name.text(lang(reader.language))).to_owned())
}

/// An outlet's name, where the directory knows the code.
fn outlet(sql: &dyn Sql, code: String) -> Result<String, Unsayable> {
    Ok(directory::load(sql, &code)?.map_or(code, |entry| entry.name))
}
