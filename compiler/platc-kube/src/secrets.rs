//! Holes for secrets: `@@secret:NAME@@` stands in a document where delivery puts the secret.
//!
//! A check that looks at the letters of a text lets a hole pass, or looks at a dummy of the right shape
//! instead.
//!
//! Not here: what the secrets are; the compiler never knows. Start with [`with_dummies`].

use std::borrow::Cow;

const OPEN: &str = "@@secret:";
const CLOSE: &str = "@@";

/// Whether there is a hole in the text.
pub fn has_placeholder(text: &str) -> bool {
    // Nearly no text has the first sign, and looking for one sign is quick.
    text.contains('@') && text.split_once(OPEN).is_some_and(|(_, rest)| rest.contains(CLOSE))
}

/// The names of the holes in the text, in order.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split(OPEN).skip(1).filter_map(|rest| rest.split_once(CLOSE).map(|(name, _)| name))
}

/// The text with a dummy of the right shape in each hole. The shape follows from where the text stands:
/// the last key of its pointer (`token`, `certificateKey`, `caCertHashes`).
pub fn with_dummies<'t>(text: &'t str, key: &str) -> Cow<'t, str> {
    if !has_placeholder(text) {
        return Cow::Borrowed(text);
    }
    let dummy = dummy_for(key);
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((_, behind)) = after.split_once(CLOSE) else { break };
        out.push_str(before);
        out.push_str(dummy);
        rest = behind;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn dummy_for(key: &str) -> &'static str {
    match key {
        "token" | "tlsBootstrapToken" => "abcdef.0123456789abcdef",
        "certificateKey" => "0000000000000000000000000000000000000000000000000000000000000000",
        "caCertHashes" => "sha256:0000000000000000000000000000000000000000000000000000000000000000",
        _ => "secret",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_filled_with_a_dummy_of_its_shape() {
        assert_eq!(with_dummies("@@secret:bootstrap@@", "token"), "abcdef.0123456789abcdef");
        assert_eq!(with_dummies("@@secret:k@@", "certificateKey").len(), 64);
        assert_eq!(with_dummies("sha@@secret:a@@-@@secret:b@@", "x"), "shasecret-secret");
        assert_eq!(with_dummies("no hole @@", "x"), "no hole @@");
        assert_eq!(with_dummies("open @@secret:x", "x"), "open @@secret:x");
        let names: Vec<&str> = placeholders("@@secret:a@@ @@secret:b@@").collect();
        assert_eq!(names, ["a", "b"]);
    }
}
