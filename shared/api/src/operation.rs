//! What an endpoint is: method, path, who may call it, what goes in and out.

use membership::staff_auth::Permission;

use crate::problem::Kind;

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As in a request line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a token.
    Public,
    /// Anybody; a signed-in guest is recognised.
    Visitor,
    /// A signed-in guest, for themselves.
    Guest,
    /// A till with its outlet's API key.
    Till,
    /// Staff whose role has the permission, within their scope.
    Staff(Permission),
}

/// What an `Idempotency-Key` header means to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Reads, and writes that are the same when repeated: the header is ignored.
    None,
    /// Another, permanent key in the body does the same (a receipt's outlet, date and number).
    Natural,
    /// Honoured when sent.
    Optional,
    /// Refused without.
    Required,
}

/// A body's content type and, with the feature `schema`, its JSON Schema.
#[derive(Debug, Clone, Copy)]
pub struct Content {
    /// `application/json` unless said otherwise.
    pub media_type: &'static str,
    /// Writes the schema into a generator's definitions and returns a reference to it.
    #[cfg(feature = "schema")]
    pub schema: Option<fn(&mut schemars::SchemaGenerator) -> schemars::Schema>,
}

impl Content {
    /// A body that is not JSON: an image, CSV, NDJSON.
    #[must_use]
    pub const fn other(media_type: &'static str) -> Self {
        Self {
            media_type,
            #[cfg(feature = "schema")]
            schema: None,
        }
    }
}

/// The JSON body of a Rust type: `json!(wire::balance::Balance)`.
#[macro_export]
macro_rules! json_content {
    ($type:ty) => {{
        // Names the type without the feature too, so that a wrong one does not compile there either.
        const _: ::std::marker::PhantomData<$type> = ::std::marker::PhantomData;
        $crate::operation::Content {
            media_type: "application/json",
            #[cfg(feature = "schema")]
            schema: Some(|generator| generator.subschema_for::<$type>()),
        }
    }};
}

/// A query parameter.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub name: &'static str,
    /// What it means, with its default and limits.
    pub meaning: &'static str,
    /// A JSON Schema for its value, as text.
    pub schema: &'static str,
}

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// `<verb>_<resource>`.
    pub id: &'static str,
    pub method: Method,
    /// With `:name` segments.
    pub path: &'static str,
    /// The function (component, package, folder) that serves it.
    pub component: &'static str,
    pub access: Access,
    pub idempotency: Idempotency,
    /// One line.
    pub summary: &'static str,
    pub query: &'static [Query],
    pub request: Option<Content>,
    /// Success statuses and their bodies.
    pub replies: &'static [(u16, Option<Content>)],
    /// Problems besides those that every operation may answer (see [`crate::problem::everywhere`]).
    pub problems: &'static [&'static Kind],
}

impl Operation {
    /// The path's parameters when `path` is one of this operation's, in order of appearance.
    #[must_use]
    pub fn match_path<'p>(&self, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
        let mut parameters = Vec::new();
        let mut given = path.split('/');
        for expected in self.path.split('/') {
            let segment = given.next()?;
            match expected.strip_prefix(':') {
                Some(name) if !segment.is_empty() => parameters.push((name, segment)),
                Some(_) => return None,
                None if expected == segment => {}
                None => return None,
            }
        }
        given.next().is_none().then_some(parameters)
    }
}
