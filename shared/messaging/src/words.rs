//! The words of messages, from the texts in `texts/`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use fluent_syntax::ast::Pattern;
use kernel::{Date, Lang, Money, Points, Timestamp, Zone};
use unic_langid::LanguageIdentifier;

use crate::topic::{FieldKind, Topic};

/// The brand's name, beside the fields of every topic.
pub const BRAND: &str = "brand";
/// A decimal as it is shown; the field itself is the number that plural forms are chosen by.
const SHOWN: &str = "_text";

/// A value in the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Count(i64),
    Points(Points),
    Money(Money),
    Date(Date),
    PointInTime(Timestamp),
    Flag(bool),
}

/// What a message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub topic: Topic,
    /// As the guest knows the chain.
    pub brand: String,
    /// Every field that is not a link, by name ([`Topic::fields`]).
    pub values: BTreeMap<&'static str, Value>,
    /// Where a button leads.
    pub link: Option<String>,
    /// What a person wrote.
    pub body: Option<String>,
}

/// A message in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// A line: heading of a notification, subject of a mail.
    pub title: String,
    /// With the person's own words, if there are any.
    pub text: String,
    /// Title and text in one short line, for a text message.
    pub short: String,
    pub link: Option<String>,
}

/// Why there are no words: a defect of ours, found by a test for every topic and language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWords {
    #[error("the texts have no {0}")]
    Missing(String),
    #[error("{0}: a value is missing or of the wrong kind")]
    Value(String),
    #[error("the texts cannot be read: {0}")]
    Texts(String),
}

/// The texts of one language.
#[must_use]
pub const fn texts(lang: Lang) -> &'static str {
    match lang {
        Lang::Ru => include_str!("../texts/ru.ftl"),
        Lang::Kk => include_str!("../texts/kk.ftl"),
        Lang::En => include_str!("../texts/en.ftl"),
    }
}

/// The texts of every language, read once.
pub struct Phrasebook {
    languages: Vec<(Lang, FluentBundle<FluentResource>)>,
}

impl Phrasebook {
    /// Reads the texts.
    ///
    /// # Errors
    /// When they are not Fluent: a defect of ours.
    pub fn load() -> Result<Self, NoWords> {
        let languages = Lang::ALL.into_iter().map(|lang| Ok((lang, bundle(lang)?)));
        Ok(Self { languages: languages.collect::<Result<_, NoWords>>()? })
    }

    /// The words of a message in a language; times are shown in `zone`.
    ///
    /// # Errors
    /// When texts or values do not fit each other.
    pub fn compose(&self, content: &Content, lang: Lang, zone: &Zone) -> Result<Words, NoWords> {
        let bundle = self.bundle(lang)?;
        let mut arguments = FluentArgs::new();
        arguments.set(BRAND, content.brand.as_str());
        for field in content.topic.fields() {
            if field.kind != FieldKind::Link {
                set(bundle, &mut arguments, field.name, content.values.get(field.name), lang, zone)?;
            }
        }
        let id = content.topic.text_id();
        let part = |name: &str| attribute(bundle, &id, name, &arguments);
        let (title, text) = (part("title")?, part("text")?);
        let text = match &content.body {
            Some(body) => format!("{text}\n\n{body}"),
            // What leads over to a person's words says nothing without them.
            None if content.topic.has_body() => title.clone(),
            None => text,
        };
        let short = if content.topic.is_for_one_contact() { title.clone() } else { part("sms")? };
        let short = match &content.body {
            Some(body) => format!("{short} {body}"),
            None => short,
        };
        Ok(Words { title, text, short, link: content.link.clone() })
    }

    fn bundle(&self, lang: Lang) -> Result<&FluentBundle<FluentResource>, NoWords> {
        let found = self.languages.iter().find(|(known, _)| *known == lang);
        found.map(|(_, bundle)| bundle).ok_or_else(|| NoWords::Missing(lang.code().to_owned()))
    }
}

fn bundle(lang: Lang) -> Result<FluentBundle<FluentResource>, NoWords> {
    let unreadable = |what: String| NoWords::Texts(format!("{}: {what}", lang.code()));
    let resource = FluentResource::try_new(texts(lang).to_owned())
        .map_err(|(_, errors)| unreadable(format!("{errors:?}")))?;
    let name: LanguageIdentifier = lang.code().parse().map_err(|_| unreadable("no language".to_owned()))?;
    let mut bundle = FluentBundle::new(vec![name]);
    // Marks around values are for mixed directions of writing; phones show them as boxes.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| unreadable(format!("{errors:?}")))?;
    Ok(bundle)
}

fn set<'a>(
    bundle: &FluentBundle<FluentResource>,
    arguments: &mut FluentArgs<'a>,
    name: &'static str,
    value: Option<&'a Value>,
    lang: Lang,
    zone: &Zone,
) -> Result<(), NoWords> {
    match value {
        Some(Value::Text(text)) => arguments.set(name, text.as_str()),
        Some(Value::Count(count)) => arguments.set(name, *count),
        Some(Value::Flag(flag)) => arguments.set(name, if *flag { "yes" } else { "no" }),
        Some(Value::Date(on)) => arguments.set(name, date(bundle, *on)?),
        Some(Value::PointInTime(at)) => arguments.set(name, instant(bundle, *at, zone)?),
        Some(Value::Points(points)) => {
            let plain = plain(*points);
            let number: FluentNumber = plain.parse().map_err(|_| NoWords::Value(name.to_owned()))?;
            arguments.set(name, number);
            let shown = if lang == Lang::En { plain } else { plain.replace('.', ",") };
            arguments.set(format!("{name}{SHOWN}"), shown);
        }
        Some(Value::Money(money)) => {
            let amount = money.amount().to_string();
            let amount = if lang == Lang::En { amount } else { amount.replace('.', ",") };
            arguments.set(name, money.minor());
            arguments.set(format!("{name}{SHOWN}"), format!("{amount} {}", money.currency()));
        }
        // What may be absent is nought.
        None => {
            arguments.set(name, 0i64);
            arguments.set(format!("{name}{SHOWN}"), "0");
        }
    }
    Ok(())
}

/// Without the hundredths when there are none: `120`, `120.5`.
fn plain(points: Points) -> String {
    let text = points.to_string();
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn date(bundle: &FluentBundle<FluentResource>, date: Date) -> Result<String, NoWords> {
    let (_, month, day) = date.parts();
    let mut arguments = FluentArgs::new();
    arguments.set("day", i64::from(day));
    arguments.set("month", i64::from(month));
    message(bundle, "date", &arguments)
}

fn instant(bundle: &FluentBundle<FluentResource>, at: Timestamp, zone: &Zone) -> Result<String, NoWords> {
    let local = at.rfc3339_in(zone);
    let mut arguments = FluentArgs::new();
    arguments.set("date", date(bundle, at.date_in(zone))?);
    // `2026-11-21T09:30:00+05:00`
    arguments.set("time", local.get(11..16).unwrap_or_default().to_owned());
    message(bundle, "instant", &arguments)
}

fn message(
    bundle: &FluentBundle<FluentResource>,
    id: &str,
    arguments: &FluentArgs<'_>,
) -> Result<String, NoWords> {
    let missing = || NoWords::Missing(id.to_owned());
    let pattern = bundle.get_message(id).and_then(|message| message.value()).ok_or_else(missing)?;
    formatted(bundle, pattern, id, arguments)
}

fn attribute(
    bundle: &FluentBundle<FluentResource>,
    id: &str,
    name: &str,
    arguments: &FluentArgs<'_>,
) -> Result<String, NoWords> {
    let missing = || NoWords::Missing(format!("{id}.{name}"));
    let message = bundle.get_message(id).ok_or_else(missing)?;
    let attribute = message.get_attribute(name).ok_or_else(missing)?;
    formatted(bundle, attribute.value(), id, arguments)
}

fn formatted(
    bundle: &FluentBundle<FluentResource>,
    pattern: &Pattern<&str>,
    id: &str,
    arguments: &FluentArgs<'_>,
) -> Result<String, NoWords> {
    let mut errors = Vec::new();
    let text: Cow<'_, str> = bundle.format_pattern(pattern, Some(arguments), &mut errors);
    if errors.is_empty() { Ok(text.into_owned()) } else { Err(NoWords::Value(id.to_owned())) }
}
