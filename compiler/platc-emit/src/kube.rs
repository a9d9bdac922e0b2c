//! What the targets of Kubernetes share: amounts as it writes them, and documents as its checks read them.
//!
//! Not here: any document. Start with [`Checked`].

use std::fmt;

use platc_artifact as artifact;
use platc_artifact::Doc;
use platc_diag::{Problems, Span};
use platc_kube::{Finding, Value};
use platc_model::scalar::Bytes;

/// Bytes as Kubernetes writes them: in the largest unit of 1024 that divides them, `13Gi` or `64000Mi`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quantity(pub(crate) Bytes);

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.get();
        let units = [("Gi", 1_u64 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
        match units.into_iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit)) {
            Some((name, unit)) => write!(f, "{}{name}", bytes / unit),
            None => write!(f, "{bytes}"),
        }
    }
}

/// A document that was built, as the checks of Kubernetes read it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked<'d>(pub(crate) artifact::Node<'d>);

impl<'d> platc_kube::Node<'d> for Checked<'d> {
    fn value(self) -> Value<'d> {
        match self.0.value() {
            artifact::Value::Bool(value) => Value::Bool(value),
            artifact::Value::Int(value) => Value::Int(value),
            artifact::Value::Uint(value) => {
                i64::try_from(value).map_or(Value::Float(f64::INFINITY), Value::Int)
            }
            artifact::Value::Float(value) => Value::Float(value),
            artifact::Value::Text(text) => Value::Text(text),
            artifact::Value::Map => Value::Map,
            artifact::Value::Seq => Value::List,
            artifact::Value::Embedded(..) => Value::Unseen,
            _ => Value::Null,
        }
    }

    fn entries(self) -> impl Iterator<Item = (&'d str, Self)> {
        self.0.entries().map(|(key, value)| (key, Self(value)))
    }

    fn items(self) -> impl Iterator<Item = Self> {
        self.0.items().map(Self)
    }
}

/// Reports what was found in a document, each at the line that its value comes from.
pub(crate) fn report(
    doc: &Doc,
    findings: impl IntoIterator<Item = Finding>,
    otherwise: Span,
    about: &str,
    problems: &mut Problems,
) {
    for finding in findings {
        let span = doc.origin_at(&finding.pointer).span().unwrap_or(otherwise);
        problems.push(finding.into_diagnostic(span).about(about));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stand_in_their_largest_unit() {
        let text = |bytes| Quantity(bytes).to_string();
        assert_eq!(text(Bytes::mib(13 << 10)), "13Gi");
        assert_eq!(text(Bytes::mib(500)), "500Mi");
        assert_eq!(text(Bytes::new(3 << 10)), "3Ki");
        assert_eq!(text(Bytes::new(1025)), "1025");
        assert_eq!(text(Bytes::default()), "0");
    }
}
