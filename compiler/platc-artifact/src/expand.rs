//! What Kubernetes does to the text of an environment variable, an argument or a command before the
//! program sees it, and how text survives that.
//!
//! The kubelet replaces `$(NAME)` by the value of a variable that it knows, and `$$` by `$`
//! (`k8s.io/kubernetes/third_party/forked/golang/expansion`). Three cases change text:
//!
//! - `$$` becomes `$`;
//! - `$(NAME)` becomes a value, or stays if no such variable is known, which nobody can tell in advance;
//! - `$` before a byte above 0x7f is passed on as `$` and *that byte as a character of its own*, so `$é`
//!   arrives as `$Ã` and half of an `é`.
//!
//! Every other `$` is left alone. So the rule is: **a `$` is doubled if `$`, `(` or a byte above 0x7f
//! follows**. What comes out then is exactly the text, because each `$` is read either with its twin
//! or with the plain byte behind it, never with half of the next pair.
//!
//! Not here: how YAML and JSON spell such a `$` inside an embedded document. They have escapes
//! (`\x24`, `\u0024`), so there nothing is left to expand.

use std::borrow::Cow;

/// What the text of a value must survive on its way to the reader. Ordered: the careful come last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Guard {
    /// It arrives as it is printed.
    #[default]
    None,
    /// It is the value of a Kubernetes environment variable, an argument or a part of a command, so
    /// `$(NAME)` and `$$` would be expanded.
    ///
    /// A document in YAML or JSON under this guard has nothing to expand: there a string with such a
    /// `$` stands in double quotes with every `$` of it written as `\x24` (`\u0024`). Text of all other
    /// formats, and plain text, gets `$$` for `$` where it matters.
    EnvValue,
}

impl Guard {
    /// Whether `text` would change on its way.
    pub(crate) fn changes(self, text: &str) -> bool {
        self == Self::EnvValue && is_expanded(text)
    }
}

/// Whether Kubernetes would change `text`.
pub(crate) fn is_expanded(text: &str) -> bool {
    // Looking for one byte is far quicker than looking at pairs, and most text has no `$` at all.
    let bytes = text.as_bytes();
    bytes.contains(&b'$') && bytes.windows(2).any(|pair| matches!(pair, [b'$', next] if must_double(*next)))
}

/// `text` so that Kubernetes turns it into `text`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !is_expanded(text) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        escaped.push_str(before);
        let doubled = after.bytes().next().is_some_and(must_double);
        escaped.push_str(if doubled { "$$" } else { "$" });
        rest = after;
    }
    escaped.push_str(rest);
    escaped.into()
}

fn must_double(next: u8) -> bool {
    matches!(next, b'$' | b'(' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn only_what_would_be_expanded_is_doubled() {
        for same in ["", "$", "a$", "$a", "${X}", "$ (", "100$ a", "é$"] {
            assert_eq!(escape(same), same);
        }
        assert_eq!(escape("$(X)"), "$$(X)");
        assert_eq!(escape("$$"), "$$$");
        assert_eq!(escape("$$(X)$"), "$$$$(X)$");
        assert_eq!(escape("$é"), "$$é");
        assert_eq!(escape("$(a$b$(c"), "$$(a$b$$(c");
    }
}
