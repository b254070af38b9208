//! `{{ variable }}` templates, as Spin writes them in component variables and outbound hosts.

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Parses `text`. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            if open > 0 {
                parts.push(Part::Literal(rest[..open].to_owned()));
            }
            let after = &rest[open + 2..];
            let close = after.find("}}").ok_or("`{{` without `}}`")?;
            let name = after[..close].trim();
            check_variable_name(name)?;
            parts.push(Part::Variable(name.to_owned()));
            rest = &after[close + 2..];
        }
        if rest.contains("}}") {
            return Err("`}}` without `{{`".to_owned());
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names of the variables it mentions.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Whether it mentions no variable.
    pub fn is_literal(&self) -> bool {
        self.variables().next().is_none()
    }

    /// Fills the variables in; `None` if `value_of` does not know one of them.
    pub fn fill<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
        self.parts.iter().try_fold(String::new(), |mut filled, part| {
            filled.push_str(match part {
                Part::Literal(text) => text,
                Part::Variable(name) => value_of(name)?,
            });
            Some(filled)
        })
    }
}

/// Checks Spin's rule for variable names: lower snake case, starting with a letter.
pub fn check_variable_name(name: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("variable name {name:?} {why}"));
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return wrong("must start with a lowercase ASCII letter");
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return wrong("may hold only lowercase ASCII letters, digits and underscores");
    }
    if name.ends_with('_') {
        return wrong("must not end with an underscore");
    }
    if name.contains("__") {
        return wrong("must not hold two underscores in a row");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_variables() {
        let template = Template::parse("https://{{ host }}:{{port}}/").unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["host", "port"]);
        let filled = template.fill(|name| Some(if name == "host" { "example.org" } else { "8443" }));
        assert_eq!(filled.as_deref(), Some("https://example.org:8443/"));
        assert_eq!(template.fill(|_| None), None);
    }

    #[test]
    fn refuses_what_spin_refuses() {
        for text in ["{{ a", "a }}", "{{ A }}", "{{ 1a }}", "{{ a__b }}", "{{ a_ }}", "{{ }}", "{{ a-b }}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
