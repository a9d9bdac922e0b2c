//! Documents as the checks of Kubernetes read them.
//!
//! Not here: any document. Start with [`Checked`].

use platc_artifact as artifact;
use platc_artifact::Doc;
use platc_diag::{Problems, Span};
use platc_kube::{Finding, Target, Value, check_object};
use platc_plan::ClusterPlan;
use platc_plan::clusters::minor;

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

    fn get(self, key: &str) -> Option<Self> {
        self.0.entry(key).map(Self)
    }
}

/// Checks an object that lies in no file of a cluster against the minor that the cluster runs.
pub(crate) fn check_one(doc: &Doc, cluster: &ClusterPlan, about: &str, problems: &mut Problems) {
    let mut findings = Vec::new();
    if let Some(root) = doc.root() {
        check_object(Checked(root), &Target::of(minor(cluster.version.value)), &mut findings);
    }
    report(doc, findings, cluster.span, about, problems);
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
