//! Which trigger answers a path, and the `spin-*` headers that tell the component about it.

use std::net::SocketAddr;

use anyhow::anyhow;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::manifest::{HttpTarget, HttpTrigger, Route};

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");
const PATH_MATCH_PREFIX: &str = "spin-path-match-";

/// The application's public routes.
pub struct Router {
    routes: routefinder::Router<RouteEntry>,
}

/// One route.
#[derive(Debug)]
pub struct RouteEntry {
    /// What answers.
    pub target: HttpTarget,
    based: String,
    headers: RouteHeaders,
}

/// Headers that depend only on the route.
#[derive(Debug)]
struct RouteHeaders {
    matched: HeaderValue,
    raw: HeaderValue,
    prefix: HeaderValue,
}

impl RouteHeaders {
    fn new(raw: &str, based: &str) -> anyhow::Result<Self> {
        Ok(Self {
            matched: HeaderValue::from_str(based)?,
            raw: HeaderValue::from_str(raw)?,
            prefix: HeaderValue::from_str(raw.strip_suffix("/...").unwrap_or(raw))?,
        })
    }
}

/// A route found for a path.
pub struct RouteMatch<'r> {
    /// The route.
    pub entry: &'r RouteEntry,
    path_info: String,
    params: Vec<(String, String)>,
}

impl Router {
    /// Builds the router; private routes are left out. As in Spin, a later trigger with the same route
    /// replaces an earlier one, with a warning.
    pub fn build(triggers: &[HttpTrigger]) -> anyhow::Result<Self> {
        let mut routes = routefinder::Router::new();
        for trigger in triggers {
            let Route::Public { raw, based } = &trigger.route else { continue };
            let complain = |message: String| anyhow!(trigger.location.error(message));
            let pattern = match based.strip_suffix("/...") {
                Some(prefix) => format!("{prefix}/*"),
                None => based.clone(),
            };
            let spec = routefinder::RouteSpec::try_from(pattern.as_str())
                .map_err(|error| complain(format!("not a route: {error}")))?;
            if routes.get_handler(spec.clone()).is_some() {
                tracing::warn!(route = raw, "duplicate route: the later trigger answers it");
            }
            let headers = RouteHeaders::new(raw, based).map_err(|error| complain(error.to_string()))?;
            let entry = RouteEntry { target: trigger.target.clone(), based: based.clone(), headers };
            routes.add(spec, entry).map_err(|error| complain(error.to_string()))?;
        }
        Ok(Self { routes })
    }

    /// The best route for `path`.
    pub fn find(&self, path: &str) -> Option<RouteMatch<'_>> {
        let best = self.routes.best_match(path)?;
        let captures = best.captures();
        let params = captures.params().iter().map(|c| (c.name().to_owned(), c.value().to_owned())).collect();
        let path_info = captures.wildcard().map(|rest| path_info(rest, path)).unwrap_or_default();
        Some(RouteMatch { entry: best.handler(), path_info, params })
    }

    /// Every route with what answers it, for the list shown at start.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &HttpTarget)> {
        self.routes.iter().map(|(_, entry)| (entry.based.as_str(), &entry.target))
    }
}

/// The part of the path that the trailing wildcard matched, with the slashes Spin gives it.
fn path_info(rest: &str, path: &str) -> String {
    match (rest.is_empty(), path.ends_with('/')) {
        (true, false) => String::new(),
        (true, true) => "/".to_owned(),
        (false, false) => format!("/{rest}"),
        (false, true) => format!("/{rest}/"),
    }
}

impl RouteMatch<'_> {
    /// Tells the component how it was reached.
    pub fn write_headers(&self, uri: &Uri, host: &str, client: SocketAddr, headers: &mut HeaderMap) {
        let route = &self.entry.headers;
        headers.insert(MATCHED_ROUTE, route.matched.clone());
        headers.insert(RAW_COMPONENT_ROUTE, route.raw.clone());
        headers.insert(COMPONENT_ROUTE, route.prefix.clone());
        write_common(&self.path_info, uri, host, client, headers);
        for (name, value) in &self.params {
            let name = HeaderName::try_from(format!("{PATH_MATCH_PREFIX}{}", name.to_ascii_lowercase()));
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
    }
}

/// The headers of a request that one component makes to another: the whole path is its path info.
pub fn write_chained_headers(uri: &Uri, host: &str, headers: &mut HeaderMap) {
    const CHAINED_CLIENT: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);
    headers.insert(MATCHED_ROUTE, HeaderValue::from_static("/..."));
    headers.insert(RAW_COMPONENT_ROUTE, HeaderValue::from_static("/..."));
    headers.insert(COMPONENT_ROUTE, HeaderValue::from_static(""));
    write_common(uri.path(), uri, host, CHAINED_CLIENT, headers);
}

fn write_common(path_info: &str, uri: &Uri, host: &str, client: SocketAddr, headers: &mut HeaderMap) {
    let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
    let scheme = uri.scheme_str().unwrap_or("http");
    let mut insert = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    insert(PATH_INFO, path_info);
    insert(FULL_URL, &format!("{scheme}://{host}{path_and_query}"));
    insert(CLIENT_ADDR, &client.to_string());
    headers.insert(BASE_PATH, HeaderValue::from_static("/"));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::manifest::{Document, Manifest};

    fn router(routes: &[&str]) -> Router {
        let mut text = "spin_manifest_version = 2\napplication = { name = \"t\" }\n".to_owned();
        for (index, route) in routes.iter().enumerate() {
            text += &format!("[[trigger.http]]\nroute = {route:?}\ncomponent = \"c{index}\"\n");
            text += &format!("[component.c{index}]\nsource = \"a.wasm\"\n");
        }
        let doc = Document::from_text(Path::new("spin.toml"), text);
        Router::build(&Manifest::from_document(&doc).unwrap().http).unwrap()
    }

    fn component(router: &Router, path: &str) -> Option<String> {
        let found = router.find(path)?;
        let HttpTarget::Component(id) = &found.entry.target else { panic!("not a component") };
        Some(id.clone())
    }

    #[test]
    fn exact_beats_param_beats_wildcard() {
        let router = router(&["/...", "/members/:id", "/members/me", "/members/:id/cards/..."]);
        let id = |path| component(&router, path);
        assert_eq!(id("/members/me").as_deref(), Some("c2"));
        assert_eq!(id("/members/42").as_deref(), Some("c1"));
        assert_eq!(id("/members/42/cards/7").as_deref(), Some("c3"));
        assert_eq!(id("/else").as_deref(), Some("c0"));
    }

    #[test]
    fn path_info_and_params_are_spins() {
        let router = router(&["/foo/...", "/m/:member_id/x"]);
        for (path, info) in [("/foo", ""), ("/foo/", "/"), ("/foo/bar", "/bar"), ("/foo/bar/", "/bar/")] {
            assert_eq!(router.find(path).unwrap().path_info, info, "{path}");
        }
        assert_eq!(router.find("/m/42/x").unwrap().params, [("member_id".to_owned(), "42".to_owned())]);
        assert!(component(&router, "/m/42").is_none());
    }
}
