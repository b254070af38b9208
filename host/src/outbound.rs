//! `allowed_outbound_hosts`: which URLs a component may call. Everything else is denied.
//!
//! The rules are Spin's: `<scheme>://<host>[:<port>]`, where each part may be `*`, the host may be `*.domain`,
//! an address block, `self` or `<component>.spin.internal`, and the port may be a range (end excluded).

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use http::Uri;
use ipnet::IpNet;

/// Components call each other at `http://<component>.spin.internal`.
const SERVICE_CHAINING_SUFFIX: &str = ".spin.internal";

/// What one component may connect to.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    scheme: Option<String>,
    host: HostRule,
    ports: PortRule,
}

#[derive(Clone, Debug, PartialEq)]
enum HostRule {
    Any,
    /// With the leading dot.
    AnySubdomain(String),
    /// The application itself, reached by URLs without a host.
    Itself,
    Domain(String),
    Address(IpAddr),
    Block(IpNet),
}

#[derive(Clone, Debug, PartialEq)]
enum PortRule {
    Any,
    One(u16),
    Range(Range<u16>),
}

impl AllowedHosts {
    /// Adds one entry whose variables are filled in. An entry that is empty, or only a scheme, because a
    /// variable is empty grants nothing: that is how Spin expresses an optional endpoint.
    pub fn add(&mut self, entry: &str, from_template: bool) -> Result<(), String> {
        let entry = entry.trim();
        if from_template && matches!(entry, "" | "http://" | "https://") {
            return Ok(());
        }
        self.rules.push(Rule::parse(entry)?);
        Ok(())
    }

    /// Whether `uri` may be called.
    pub fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
        self.rules.iter().any(|rule| rule.allows(scheme, host, uri.port_u16()))
    }

    /// Whether the application itself may be called with this scheme.
    pub fn allows_self(&self, scheme: &str) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.allows_scheme(scheme) && matches!(rule.host, HostRule::Any | HostRule::Itself))
    }

    /// Whether a raw socket may connect to `address`.
    pub fn allows_socket(&self, scheme: &str, address: SocketAddr) -> bool {
        self.rules.iter().any(|rule| rule.allows(scheme, &address.ip().to_string(), Some(address.port())))
    }

    /// Whether any rule could ever let a raw socket through; if not, sockets stay off altogether.
    pub fn may_allow_sockets(&self) -> bool {
        self.rules.iter().any(|rule| rule.scheme.is_none() || rule.scheme.as_deref() == Some("tcp"))
    }
}

impl Rule {
    fn parse(entry: &str) -> Result<Self, String> {
        let (scheme, rest) = entry.split_once("://").ok_or_else(|| {
            format!(
                "{entry:?} has no scheme: write <scheme>://<host>[:<port>], for example https://example.org"
            )
        })?;
        if scheme != "*" && (scheme.is_empty() || !scheme.chars().all(char::is_alphabetic)) {
            return Err(format!("{scheme:?} is no scheme: only letters, or *"));
        }
        let (host, port) = split_port(rest);
        let port = match port.split_once('/') {
            Some((port, "")) => port,
            Some(_) => return Err(format!("{entry:?} has a path; only scheme, host and port are compared")),
            None => port,
        };
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: HostRule::parse(host.trim())?,
            ports: PortRule::parse(port, scheme)?,
        })
    }

    fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        self.allows_scheme(scheme)
            && self.host.allows(host)
            && self.ports.allows(port.or_else(|| default_port(scheme)))
    }

    fn allows_scheme(&self, scheme: &str) -> bool {
        self.scheme.as_deref().is_none_or(|allowed| allowed == scheme)
    }
}

/// Splits off `:port`, knowing that colons in an IPv6 address are none.
fn split_port(rest: &str) -> (&str, &str) {
    match rest.rsplit_once(':') {
        None => (rest, ""),
        Some((host, "")) => (host, ""),
        Some(_) if HostRule::parse(rest).is_ok_and(|host| host.is_address()) => (rest, ""),
        Some((host, port)) => (host, port),
    }
}

impl HostRule {
    fn parse(host: &str) -> Result<Self, String> {
        if host == "*" {
            return Ok(Self::Any);
        }
        if matches!(host, "self" | "self.alt") {
            return Ok(Self::Itself);
        }
        if host.starts_with('{') {
            return Err("host lists are not supported".to_owned());
        }
        if host.contains('/')
            && let Ok(block) = host.parse::<IpNet>()
        {
            return Ok(Self::Block(block.trunc()));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        if host.contains('/') {
            return Err(format!("{host:?} has a path; only scheme, host and port are compared"));
        }
        if let Some(address) = parse_address(host) {
            return Ok(Self::Address(address));
        }
        let (domain, any_subdomain) = match host.strip_prefix("*.") {
            Some(domain) => (domain, true),
            None => (host, false),
        };
        if !is_domain(domain) {
            return Err(format!("{host:?} is no host: wildcards stand alone or before the first dot"));
        }
        let domain = domain.to_ascii_lowercase();
        Ok(if any_subdomain { Self::AnySubdomain(format!(".{domain}")) } else { Self::Domain(domain) })
    }

    fn is_address(&self) -> bool {
        matches!(self, Self::Address(_) | Self::Block(_))
    }

    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Itself => false,
            Self::AnySubdomain(suffix) => {
                parse_address(host).is_none() && host.to_ascii_lowercase().ends_with(suffix.as_str())
            }
            Self::Domain(domain) => host.eq_ignore_ascii_case(domain),
            Self::Address(allowed) => parse_address(host).is_some_and(|address| address == *allowed),
            Self::Block(block) => parse_address(host).is_some_and(|address| block.contains(&address)),
        }
    }
}

impl PortRule {
    fn parse(port: &str, scheme: &str) -> Result<Self, String> {
        if port.is_empty() {
            return default_port(scheme)
                .map(Self::One)
                .ok_or_else(|| format!("a port is needed: the scheme {scheme:?} has no usual one"));
        }
        if port == "*" {
            return Ok(Self::Any);
        }
        let number = |text: &str| text.parse::<u16>().map_err(|_| format!("{text:?} is no port number"));
        match port.split_once("..") {
            Some((start, end)) => Ok(Self::Range(number(start)?..number(end)?)),
            None => Ok(Self::One(number(port)?)),
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (_, None) => false,
            (Self::One(allowed), Some(port)) => *allowed == port,
            (Self::Range(range), Some(port)) => range.contains(&port),
        }
    }
}

fn parse_address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

fn is_domain(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        })
}

fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" => 80,
        "https" => 443,
        "postgres" => 5432,
        "mysql" => 3306,
        "redis" => 6379,
        "mqtt" => 1883,
        _ => return None,
    })
}

/// The component that `http://<component>.spin.internal` means, if `host` is such.
pub fn chained_component(host: &str) -> Option<&str> {
    let component = host.trim().strip_suffix(SERVICE_CHAINING_SUFFIX)?;
    (!component.is_empty() && !component.contains('.')).then_some(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, url: &str) -> bool {
        let mut hosts = AllowedHosts::default();
        hosts.add(entry, false).unwrap_or_else(|error| panic!("{entry}: {error}"));
        hosts.allows(&url.parse().unwrap())
    }

    #[test]
    fn rules_match_as_in_spin() {
        for (entry, url, expected) in [
            ("https://example.org", "https://example.org/a", true),
            ("https://example.org/", "https://example.org/a", true),
            ("https://example.org", "https://EXAMPLE.org:443/", true),
            ("https://example.org", "http://example.org/", false),
            ("https://example.org", "https://example.org:8443/", false),
            ("https://example.org", "https://www.example.org/", false),
            ("https://example.org", "https://evil-example.org/", false),
            ("https://*.example.org", "https://a.b.example.org/", true),
            ("https://*.example.org", "https://example.org/", false),
            ("https://*.example.org", "https://evilexample.org/", false),
            ("*://example.org:443", "https://example.org/", true),
            ("http://localhost:8000..8010", "http://localhost:8009/", true),
            ("http://localhost:8000..8010", "http://localhost:8010/", false),
            ("http://*:*", "http://anything:1/", true),
            ("http://10.0.0.0/8", "http://10.9.8.7/", true),
            ("*://127.0.0.1/24:99", "http://127.0.0.77:99/", true),
            ("http://10.0.0.0/8", "http://11.0.0.1/", false),
            ("http://[::1]:8001", "http://[::1]:8001/", true),
            ("http://[::1]", "http://[::1]/", true),
            ("http://ff00::/8", "http://[ff02::1]/", true),
            ("http://self", "http://self/", false),
            ("http://*.spin.internal", "http://menu.spin.internal/", true),
            ("http://menu.spin.internal", "http://other.spin.internal/", false),
        ] {
            assert_eq!(allows(entry, url), expected, "{entry} and {url}");
        }
    }

    #[test]
    fn malformed_entries_are_refused() {
        for entry in [
            "example.org",
            "example.org:80",
            "*",
            "insecure:allow-all",
            "http://example.org/path",
            "http://example.org:80/path",
            "http://ex*mple.org",
            "ftp://example.org",
            "http://example.org:many",
            "http://",
            "1://x:1",
        ] {
            assert!(AllowedHosts::default().add(entry, false).is_err(), "{entry}");
        }
    }

    #[test]
    fn an_empty_variable_grants_nothing() {
        let mut hosts = AllowedHosts::default();
        hosts.add("https://", true).unwrap();
        hosts.add("", true).unwrap();
        assert!(!hosts.allows(&"https://example.org/".parse().unwrap()));
        assert!(!hosts.allows_self("http"));
    }

    #[test]
    fn only_one_label_names_a_component() {
        assert_eq!(chained_component("menu.spin.internal"), Some("menu"));
        assert_eq!(chained_component("a.b.spin.internal"), None);
        assert_eq!(chained_component(".spin.internal"), None);
        assert_eq!(chained_component("spin.internal"), None);
        assert_eq!(chained_component("menu.spin.internal.example.org"), None);
    }
}
