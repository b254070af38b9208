//! One call: the request, who makes it, and everything the outside world provides for it.

use api::Operation;
use http::{HeaderMap, Method};
use kernel::{IdSource, ParseError, Timestamp};
use membership::profile::Language;
use store::{Kv, Sql};

use crate::auth::Principal;
use crate::problem::Problem;

/// An HTTP request with its whole body.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// Path without query, percent-encoding untouched: none of our parameters needs any.
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Address of the client, as the host reports it; empty when unknown.
    pub client_address: String,
}

impl Request {
    /// A header as text, if it is there once and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// A query parameter, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        url_pairs(&self.query).find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// `a=b&c=d` as decoded pairs.
fn url_pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(query.as_bytes()).map(|(key, value)| (key.into_owned(), value.into_owned()))
}

/// Configuration values (Spin variables), read when first needed: a function sees only those granted to it.
pub trait Settings {
    /// The value of a variable.
    ///
    /// # Errors
    /// When it is not set or not granted: a deployment fault, answered as an internal error.
    fn get(&self, name: &'static str) -> Result<String, Problem>;
}

/// One call in progress.
pub struct Call<'a> {
    pub request: Request,
    pub operation: &'static Operation,
    /// Values of the path's `:name` segments.
    pub parameters: Vec<(&'static str, String)>,
    pub principal: Principal,
    pub language: Language,
    /// The one reading of the clock that the whole call uses.
    pub now: Timestamp,
    pub ids: IdSource,
    /// Cryptographically strong random bytes.
    pub random: fn(usize) -> Vec<u8>,
    pub sql: &'a dyn Sql,
    pub kv: &'a dyn Kv,
    pub settings: &'a dyn Settings,
    /// The way out. The host lets a function reach the addresses granted to it in `spin.toml`, and no others.
    pub partners: &'a dyn partner::Exchange,
}

impl Call<'_> {
    /// A path parameter read as a typed value.
    ///
    /// # Errors
    /// 404: a path whose id has the wrong shape names nothing.
    pub fn parameter<T>(&self, name: &str, parse: fn(&str) -> Result<T, ParseError>) -> Result<T, Problem> {
        let text = self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        text.and_then(|text| parse(text).ok()).ok_or_else(|| Problem::of(&api::problem::NOT_FOUND))
    }

    /// A query parameter read as a typed value; `None` when it was not sent.
    ///
    /// # Errors
    /// 422 with the parameter's name when its value is not lawful.
    pub fn query<T>(
        &self,
        name: &str,
        parse: fn(&str) -> Result<T, ParseError>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.request.query(name) else { return Ok(None) };
        parse(&text)
            .map(Some)
            .map_err(|error| Problem::of(&api::problem::INVALID_FIELD).at(format!("?{name}"), error.0))
    }
}
