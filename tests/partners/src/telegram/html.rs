//! Texts with tags, as Telegram reads them.

/// Tags that Telegram knows.
const TAGS: [&str; 14] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "tg-spoiler",
    "blockquote",
];
/// Entities that it knows by name.
const ENTITIES: [&str; 4] = ["lt", "gt", "amp", "quot"];

/// What is left without tags and entities, in UTF-16 units; or what is wrong.
///
/// # Errors
/// In Telegram's words: `can't parse entities: …`.
pub fn length(text: &str) -> Result<usize, String> {
    let wrong = |what: String| format!("can't parse entities: {what}");
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut length = 0;
    while let Some(letter) = rest.chars().next() {
        let next = &rest[letter.len_utf8()..];
        match letter {
            '<' => {
                let end = next.find('>').ok_or_else(|| wrong("unclosed start tag".to_owned()))?;
                let tag = &next[..end];
                match tag.strip_prefix('/') {
                    Some(name) if open.last() == Some(&name) => {
                        open.pop();
                    }
                    Some(name) => return Err(wrong(format!("unmatched end tag {name:?}"))),
                    None => {
                        let name = tag.split_whitespace().next().unwrap_or_default();
                        let known = TAGS.iter().find(|known| **known == name);
                        open.push(known.ok_or_else(|| wrong(format!("unsupported start tag {name:?}")))?);
                    }
                }
                rest = &next[end + 1..];
            }
            '>' => return Err(wrong("unescaped character '>'".to_owned())),
            '&' => {
                let end = next.find(';').ok_or_else(|| wrong("unescaped character '&'".to_owned()))?;
                let name = &next[..end];
                if !ENTITIES.contains(&name) && !name.starts_with('#') {
                    return Err(wrong(format!("unknown entity {name:?}")));
                }
                length += 1;
                rest = &next[end + 1..];
            }
            other => {
                length += other.len_utf16();
                rest = next;
            }
        }
    }
    match open.last() {
        Some(tag) => Err(wrong(format!("can't find end tag corresponding to start tag {tag:?}"))),
        None => Ok(length),
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn tags_are_balanced_and_known() {
        assert_eq!(length("<b>a</b> &lt;<a href=\"https://x/?a&amp;b\">я</a>"), Ok(4));
        for broken in
            ["<b>a", "a</b>", "<b><i>a</b></i>", "<div>a</div>", "a < b", "a > b", "a & b", "&nbsp;"]
        {
            assert!(length(broken).is_err(), "{broken}");
        }
    }
}
