//! `[[trigger.http]]` and `[[trigger.cron]]`.

use std::collections::BTreeMap;
use std::str::FromStr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Component, ConfigError, Item, Location, Section};

/// One `[[trigger.http]]`.
#[derive(Debug)]
pub struct HttpTrigger {
    /// What answers.
    pub target: HttpTarget,
    /// Which requests it answers.
    pub route: Route,
    /// Where `route` stands in the manifest.
    pub location: Location,
}

/// What answers a route.
#[derive(Clone, Debug)]
pub enum HttpTarget {
    /// The component with this id.
    Component(String),
    /// A reply that needs no component.
    Static(StaticResponse),
}

/// Which requests a trigger answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A path pattern: the text as written, and the same with the application's base before it.
    Public {
        /// As the manifest says it.
        raw: String,
        /// With the base prepended.
        based: String,
    },
    /// Only requests from components to `http://<component>.spin.internal`.
    Private,
}

/// A reply that needs no component.
#[derive(Clone, Debug)]
pub struct StaticResponse {
    /// Status, 200 when not given.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, empty when not given.
    pub body: Bytes,
}

/// One `[[trigger.cron]]`.
#[derive(Debug)]
pub struct CronTrigger {
    /// The component whose `handle-cron-event` is called.
    pub component: String,
    /// When: second, minute, hour, day of month, month, day of week and optionally year, in UTC.
    pub schedule: cron::Schedule,
    /// The expression as written.
    pub expression: String,
}

/// Reads `[trigger]`; every trigger must name a component that exists.
pub(super) fn read_all(
    mut section: Section<'_>,
    components: &BTreeMap<String, Component>,
    base: &str,
) -> Result<(Vec<HttpTrigger>, Vec<CronTrigger>), ConfigError> {
    let mut http = Vec::new();
    let mut cron = Vec::new();
    for (kind, item) in section.take_all() {
        match kind.as_str() {
            "http" => {
                for entry in item.list()? {
                    http.push(read_http(entry.section()?, components, base)?);
                }
            }
            "cron" => {
                for entry in item.list()? {
                    cron.push(read_cron(entry.section()?, components)?);
                }
            }
            other => {
                return Err(item.error(format!("crema has no {other:?} trigger; it has http and cron")));
            }
        }
    }
    Ok((http, cron))
}

fn read_http(
    mut entry: Section<'_>,
    components: &BTreeMap<String, Component>,
    base: &str,
) -> Result<HttpTrigger, ConfigError> {
    read_common(&mut entry)?;
    let component = entry.take("component");
    let static_response = entry.take("static_response");
    let target = match (component, static_response) {
        (Some(item), None) => HttpTarget::Component(read_component(&item, components)?),
        (None, Some(item)) => HttpTarget::Static(read_static(item.section()?)?),
        _ => return Err(entry.error("must have exactly one of `component` and `static_response`")),
    };
    let route_item = entry.require("route")?;
    let route = read_route(&route_item, base)?;
    if route == Route::Private && matches!(target, HttpTarget::Static(_)) {
        return Err(route_item.error("a static response needs a public route: only components are private"));
    }
    if let Some(item) = entry.take("executor") {
        let mut executor = item.section()?;
        let kind = executor.require("type")?;
        if !matches!(kind.string()?.as_str(), "http" | "spin") {
            return Err(kind.error("crema runs only wasi:http components: the type must be \"http\""));
        }
        executor.finish()?;
    }
    entry.finish()?;
    Ok(HttpTrigger { target, route, location: route_item.location() })
}

fn read_cron(
    mut entry: Section<'_>,
    components: &BTreeMap<String, Component>,
) -> Result<CronTrigger, ConfigError> {
    read_common(&mut entry)?;
    let component = read_component(&entry.require("component")?, components)?;
    let item = entry.require("cron_expression")?;
    let expression = item.string()?;
    let schedule = cron::Schedule::from_str(&expression).map_err(|error| {
        item.error(format!("not a cron expression (6 or 7 fields, seconds first): {error}"))
    })?;
    entry.finish()?;
    Ok(CronTrigger { component, schedule, expression })
}

/// Keys that every trigger may have.
fn read_common(entry: &mut Section<'_>) -> Result<(), ConfigError> {
    entry.take("id");
    for key in ["components", "dependencies"] {
        if let Some(item) = entry.take(key)
            && !item.section()?.take_all().is_empty()
        {
            return Err(item.error("crema does not compose components; compose them when building"));
        }
    }
    Ok(())
}

fn read_component(item: &Item<'_>, components: &BTreeMap<String, Component>) -> Result<String, ConfigError> {
    if !item.is_string() {
        return Err(item.error("must be a component id: declare the component as `[component.<id>]`"));
    }
    let id = item.string()?;
    if !components.contains_key(&id) {
        return Err(item.error(format!("there is no `[component.{id}]`")));
    }
    Ok(id)
}

fn read_route(item: &Item<'_>, base: &str) -> Result<Route, ConfigError> {
    if item.is_string() {
        let raw = item.string()?;
        return Ok(Route::Public { based: with_base(base, &raw), raw });
    }
    let mut section = item.section()?;
    let private = section.require("private")?.boolean()?;
    section.finish()?;
    if private { Ok(Route::Private) } else { Err(item.error("must be a path or `{ private = true }`")) }
}

/// Spin's rule: one slash at each end, whatever was written.
fn with_base(base: &str, route: &str) -> String {
    let base = base.strip_suffix('/').unwrap_or(base);
    let route = route.strip_suffix('/').unwrap_or(route);
    if route.is_empty() || route.starts_with('/') {
        format!("{base}{route}")
    } else {
        format!("{base}/{route}")
    }
}

fn read_static(mut section: Section<'_>) -> Result<StaticResponse, ConfigError> {
    let status = match section.take("status_code") {
        None => StatusCode::OK,
        Some(item) => u16::try_from(item.unsigned()?)
            .ok()
            .and_then(|code| StatusCode::from_u16(code).ok())
            .ok_or_else(|| item.error("must be an HTTP status code"))?,
    };
    let mut headers = HeaderMap::new();
    for (name, value, location) in section.strings("headers")? {
        let name = HeaderName::from_str(&name).map_err(|_| location.error("is not a header name"))?;
        let value = HeaderValue::from_str(&value).map_err(|_| location.error("is not a header value"))?;
        headers.insert(name, value);
    }
    let body = section.string("body")?.unwrap_or_default().into();
    section.finish()?;
    Ok(StaticResponse { status, headers, body })
}
