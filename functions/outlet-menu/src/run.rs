//! Find the outlet, compare the tag, read the snapshot, show it.

use api::problem as p;
use kernel::{OutletId, ParseError};
use store::directory;
use web::problem::lang;
use web::{Call, Problem, Reply};

use crate::show;

/// How long a phone or a cache may show a menu without asking, in seconds.
const KEEP_SECONDS: u32 = 30;
/// Longest code of an outlet, and most characters of a search.
const CODE_LEN_MAX: usize = 32;

/// Serves the menu.
///
/// # Errors
/// 404 for an outlet that is not there or has no menu; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let code = call.parameter("code", code)?;
    let query = call.query("q", words)?;
    let none = || Problem::of(&p::NOT_FOUND);
    let outlet = directory::load(call.sql, &code)?.ok_or_else(none)?.id;
    if let (None, Some(revision)) = (&query, shop::menu::revision(call.sql, outlet)?) {
        let tag = tag(call, &revision);
        if call.request.header("if-none-match").is_some_and(|known| names(known, &tag)) {
            return Ok(keep(Reply::empty(304), &tag));
        }
    }
    read(call, outlet, query.as_deref()).await?.ok_or_else(none)
}

async fn read(call: &Call<'_>, outlet: OutletId, query: Option<&str>) -> Result<Option<Reply>, Problem> {
    let Some(menu) = shop::menu::current(call.sql, call.kv, outlet, call.now).await? else { return Ok(None) };
    let language = lang(call.language);
    let Some(query) = query else {
        let reply = Reply::json(200, &show::whole(&menu, language)?)?;
        return Ok(Some(keep(reply, &tag(call, &menu.revision)).header("content-language", language.code())));
    };
    let found = show::found(&menu, query, language)?;
    Ok(Some(Reply::json(200, &found)?.header("content-language", language.code())))
}

/// One per content and language.
fn tag(call: &Call<'_>, revision: &str) -> String {
    format!("\"{revision}-{}\"", lang(call.language).code())
}

/// Whether a list of tags names this one; weak ones compare as strong ones do here.
fn names(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn keep(reply: Reply, tag: &str) -> Reply {
    reply
        .header("etag", tag)
        .header("cache-control", format!("public, max-age={KEEP_SECONDS}"))
        .header("vary", "accept-language")
}

fn code(text: &str) -> Result<String, ParseError> {
    let lawful =
        !text.is_empty() && text.len() <= CODE_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    lawful.then(|| text.to_owned()).ok_or(ParseError("no such outlet"))
}

fn words(text: &str) -> Result<String, ParseError> {
    let lawful = (1..=menu::search::QUERY_MAX).contains(&text.chars().count());
    lawful.then(|| text.to_owned()).ok_or(ParseError("must have 1 to 100 characters"))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn tags_compare_as_the_standard_says() {
        let tag = "\"a-ru\"";
        for list in ["\"a-ru\"", "W/\"a-ru\"", "\"b\", \"a-ru\"", "*"] {
            assert!(names(list, tag), "{list}");
        }
        for list in ["", "\"a-kk\"", "a-ru"] {
            assert!(!names(list, tag), "{list}");
        }
    }
}
