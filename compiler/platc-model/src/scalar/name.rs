//! Names, paths and URLs: texts that must have a form but are kept as they are.

use super::Wrong;

/// A label of RFC 1123: lower-case letters, digits and dashes, at most 63, dashes not at the ends.
pub fn check_dns_label(text: &str) -> Result<(), Wrong> {
    if text.is_empty() || text.len() > 63 {
        return Err(Wrong::new("a label has from 1 to 63 characters"));
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(Wrong::new(format!("a label has no capitals: `{}`", text.to_ascii_lowercase())));
    }
    if let Some(bad) = text.chars().find(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit() && *c != '-') {
        return Err(Wrong::new(format!("a label has letters, digits and dashes, and no {}", shown(bad))));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(Wrong::new("a label begins and ends with a letter or digit"));
    }
    Ok(())
}

fn shown(c: char) -> String {
    match c {
        '_' => "underscore".to_owned(),
        '.' => "dot".to_owned(),
        ' ' => "blank".to_owned(),
        c => format!("`{c}`"),
    }
}

/// Labels with dots between, at most 253 characters; a trailing dot is allowed.
pub fn check_dns_name(text: &str) -> Result<(), Wrong> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.is_empty() || name.len() > 253 {
        return Err(Wrong::new("a DNS name has from 1 to 253 characters"));
    }
    name.split('.').try_for_each(check_dns_label)
}

/// A path: something, and no control characters.
pub fn check_path(text: &str) -> Result<(), Wrong> {
    if text.is_empty() {
        return Err(Wrong::new("a path is not empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::new("a path has no control characters"));
    }
    Ok(())
}

/// A scheme and a host, as RFC 3986 has them; blanks are written `%20`.
pub fn check_url(text: &str) -> Result<(), Wrong> {
    let help = || Wrong::new("write a scheme and a host, like \"http://10.1.0.11:9200\"");
    let (scheme, rest) = text.split_once("://").ok_or_else(help)?;
    let scheme_fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    if !scheme_fits || host.is_empty() {
        return Err(help());
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Wrong::new("a URL has no blanks; write %20"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_names() {
        for text in ["a", "a-m1", "9", "x".repeat(63).as_str()] {
            assert!(check_dns_label(text).is_ok(), "{text}");
        }
        assert_eq!(
            check_dns_label("a_b").unwrap_err().0,
            "a label has letters, digits and dashes, and no underscore"
        );
        assert_eq!(check_dns_label("Web").unwrap_err().0, "a label has no capitals: `web`");
        for text in ["", "-a", "a-", "a.b", "ä", "x".repeat(64).as_str()] {
            assert!(check_dns_label(text).is_err(), "{text}");
        }
        assert!(check_dns_name("ingest.example.com.").is_ok());
        assert!(check_dns_name("a..b").is_err());
        assert!(check_dns_name(&"abcdefg.".repeat(40)).is_err());
    }

    #[test]
    fn urls() {
        for text in ["http://127.0.0.1:8101", "redis+tls://h/0?x=1", "s3://bucket"] {
            assert!(check_url(text).is_ok(), "{text}");
        }
        for text in ["127.0.0.1:80", "://x", "http://", "http:///x", "http://a b", "1x://a"] {
            assert!(check_url(text).is_err(), "{text}");
        }
    }
}
