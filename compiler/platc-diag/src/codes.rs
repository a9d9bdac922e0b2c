//! The table of codes. A code is a number that is never used again, a name that people write in
//! `allow`, a level, and a page: `codes/<ID>.md`, whose "wrong" and "right" examples are executed.
//!
//! To add one: a line in the table below and the page. A code without a page does not compile; a page
//! without a line fails the tests.

use std::fmt;
use std::sync::Arc;

/// How serious a finding is. Ordered: the serious come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Nothing is built.
    Error,
    /// Built, but somebody should look.
    Warning,
    /// Worth knowing.
    Info,
}

/// What the table says of a code.
#[derive(Debug)]
pub struct CodeInfo {
    /// Number, with its letter: `E0305`.
    pub id: &'static str,
    /// Name, as written in `allow`: `not-a-cidr`.
    pub name: &'static str,
    /// Level where the platform does not say otherwise.
    pub level: Level,
    /// The page, Markdown.
    pub page: &'static str,
}

/// One of our own codes.
#[derive(Clone, Copy)]
pub struct Code(&'static CodeInfo);

/// The code of a finding: ours, or a policy's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeRef {
    /// From the table.
    Own(Code),
    /// `POLICY/RULE`.
    Policy(Arc<str>),
}

impl Code {
    /// Number, with its letter: `E0305`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// Name, as written in `allow`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Level where the platform does not say otherwise.
    pub fn level(self) -> Level {
        self.0.level
    }

    /// The page, Markdown.
    pub fn page(self) -> &'static str {
        self.0.page
    }

    /// All codes, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().copied()
    }

    /// The code of that number or name, whatever the case of its letters.
    pub fn find(text: &str) -> Option<Self> {
        Self::all()
            .find(|code| code.id().eq_ignore_ascii_case(text) || code.name().eq_ignore_ascii_case(text))
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.name())
    }
}

impl CodeRef {
    /// `E0305`, or a policy's `POLICY/RULE`.
    pub fn id(&self) -> &str {
        match self {
            Self::Own(code) => code.id(),
            Self::Policy(rule) => rule,
        }
    }

    /// What `allow` calls it: the name of ours, `POLICY/RULE` of a policy's.
    pub fn name(&self) -> &str {
        match self {
            Self::Own(code) => code.name(),
            Self::Policy(rule) => rule,
        }
    }
}

impl Level {
    /// `error`, `warning` or `info`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

macro_rules! codes {
    ($($id:ident $name:literal $level:ident,)*) => {
        $(
            #[doc = concat!("`", $name, "`; see `codes/", stringify!($id), ".md`.")]
            pub const $id: Code = Code(&CodeInfo {
                id: stringify!($id),
                name: $name,
                level: Level::$level,
                page: include_str!(concat!("../codes/", stringify!($id), ".md")),
            });
        )*
        const ALL: &[Code] = &[$($id),*];
    };
}

codes! {
    // E01: syntax.
    E0101 "not-utf8" Error,
    E0102 "kdl-v1" Error,
    E0103 "unexpected-text" Error,
    E0104 "unclosed" Error,
    E0105 "bad-string" Error,
    E0106 "bad-number" Error,
    E0107 "too-deep" Error,
    E0108 "file-too-large" Error,
    E0109 "forbidden-character" Error,
    E0110 "too-many-problems" Error,
    E0111 "bad-expression" Error,
    E0112 "bad-type" Error,
    E0113 "expression-too-long" Error,
    // E02: names.
    E0201 "unknown-declaration" Error,
    E0202 "declared-twice" Error,
    E0203 "unknown-name" Error,
    E0204 "ambiguous-name" Error,
    E0205 "unknown-field" Error,
    E0206 "name-missing" Error,
    E0207 "said-twice" Error,
    E0208 "conflict" Error,
    E0209 "nothing-to-amend" Error,
    E0210 "nothing-to-remove" Error,
    E0211 "template-in-itself" Error,
    E0212 "too-many-declarations" Error,
    E0213 "misplaced" Error,
    E0214 "unknown-place" Error,
    E0215 "parameter-missing" Error,
    E0216 "unknown-parameter" Error,
    E0217 "which-one" Error,
    E0218 "bad-name" Error,
    E0219 "bad-loop" Error,
    E0220 "second-platform" Error,
    E0221 "wrong-kind" Error,
    // E03: types and values.
    E0301 "wrong-type" Error,
    E0302 "value-missing" Error,
    E0303 "too-many-values" Error,
    E0304 "wrong-form" Error,
    E0305 "malformed-value" Error,
    E0306 "no-such-choice" Error,
    E0307 "out-of-range" Error,
    E0308 "wrong-length" Error,
    E0309 "pattern-mismatch" Error,
    E0310 "check-failed" Error,
    E0311 "expression-type" Error,
    E0312 "unknown-function" Error,
    E0313 "wrong-arguments" Error,
    E0314 "no-such-field" Error,
    E0315 "cannot-compute" Error,
    E0316 "no-member-here" Error,
    E0317 "not-known-here" Error,
    E0318 "value-too-large" Error,
    E0319 "circular-value" Error,
    E0320 "bad-type-declaration" Error,
    E0321 "secret-in-the-open" Error,
    E0322 "bad-amount" Error,
    E0323 "bad-yaml" Error,
    E0324 "bad-schema" Error,
    E0325 "schema-mismatch" Error,
    // E04: the whole model.
    E0401 "cluster-of-host" Error,
    E0402 "host-address" Error,
    E0409 "which-port" Error,
    E0410 "not-at-place" Error,
    E0411 "timeout-too-short" Error,
    E0412 "probe-form" Error,
    E0413 "grace-too-short" Error,
    E0414 "on-no-host" Error,
    E0415 "balancer-elsewhere" Error,
    E0416 "config-too-large" Error,
    E0450 "tcp-has-no-answers" Error,
    E0451 "tcp-has-no-paths" Error,
    E0452 "no-certificate" Error,
    E0453 "only-tls" Error,
    E0454 "ports-differ" Error,
    E0455 "no-collector" Error,
    // E05: plan and proofs.
    E0501 "range-overlap" Error,
    E0502 "ranges-exhausted" Error,
    E0503 "wrong-pod-range" Error,
    E0504 "too-many-pods" Error,
    E0505 "over-reserved" Error,
    E0506 "cpus-taken" Error,
    E0507 "fixed-load" Error,
    E0508 "capacity" Error,
    E0509 "port-conflict" Error,
    E0510 "renumbered" Error,
    E0511 "stateful-moved" Error,
    E0512 "rollout-n1" Warning,
    E0513 "rollout-deadlock" Error,
    E0514 "too-few-hosts" Error,
    E0515 "dc-loss" Error,
    E0516 "no-egress-nat" Error,
    E0517 "no-way-to-pods" Error,
    E0518 "bad-topology" Error,
    E0519 "host-gw-across" Error,
    E0520 "unsupported-version" Error,
    E0521 "no-ha" Warning,
    E0522 "control-plane-count" Error,
    E0523 "pods-tight" Warning,
    E0524 "address-outside" Error,
    E0525 "address-twice" Error,
    E0526 "bad-virtual-address" Error,
    E0527 "nothing-reserved" Error,
    E0528 "heap-too-large" Warning,
    E0529 "outside-and-inside" Error,
    E0530 "host-too-small" Error,
    E0531 "no-upstream-dns" Error,
    E0532 "two-service-proxies" Error,
    E0533 "quota" Error,
    E0534 "shrunk" Error,
    E0535 "wrong-init" Error,
    E0536 "wrong-scale" Error,
    E0537 "etcd-members" Error,
    E0538 "static-pod-reference" Error,
    E0539 "wrong-static-pod" Error,
    E0540 "does-not-fit" Error,
    E0541 "not-proven" Error,
    E0542 "quorum-lost" Error,
    E0543 "members-lost" Error,
    E0544 "nobody-left" Error,
    E0545 "nothing-to-lose" Warning,
    E0546 "drain-stuck" Warning,
    E0547 "rolls-in-place" Error,
    E0550 "nobody-there" Error,
    E0551 "call-circle" Error,
    E0552 "timeout-inversion" Error,
    E0553 "timeouts-in-sequence" Info,
    E0554 "retries-multiply" Error,
    E0555 "many-retries" Warning,
    E0556 "many-connections" Warning,
    E0557 "health-load" Warning,
    E0558 "virtual-address" Error,
    E0589 "label-taken" Error,
    // E06: targets. 0601 to 0619 what Kubernetes, its CRDs and the programs of its nodes accept.
    E0601 "kube-unknown-field" Error,
    E0602 "kube-wrong-type" Error,
    E0603 "kube-missing-field" Error,
    E0604 "kube-field-too-new" Error,
    E0605 "kube-field-gone" Error,
    E0606 "kube-unknown-kind" Error,
    E0607 "kube-api-not-served" Error,
    E0608 "kube-deprecated" Warning,
    E0609 "kube-bad-format" Error,
    E0610 "kube-bad-name" Error,
    E0611 "kube-trap" Warning,
    E0612 "kube-duplicate" Error,
    E0613 "kube-bad-value" Error,
    E0614 "kube-refused" Error,
    E0615 "kube-gate-off" Error,
    E0616 "kube-unknown-version" Error,
    E0617 "kube-unknown-gate" Error,
    E0618 "kube-not-checked" Info,
    E0619 "kube-crd-unusable" Error,
    // 0620 to 0629: what is too large for a pod.
    E0620 "config-tight" Warning,
    E0622 "large-bootstrap" Info,
    // 0630 to 0639: what programs outside cannot be told.
    E0630 "balancer-path" Error,
    // 0640 to 0649: manifests that pass as they are.
    E0640 "bad-manifest" Error,
    E0641 "no-metrics" Warning,
    // E07: policies. 0701 to 0719 loading, 0720 to 0739 running, 0740 to 0749 patches, 0750 on the cache.
    E0701 "unknown-policy" Error,
    E0702 "not-webassembly" Error,
    E0703 "plugin-cut-short" Error,
    E0704 "plugin-damaged" Error,
    E0705 "plugin-import-refused" Error,
    E0706 "plugin-other-contract" Error,
    E0707 "plugin-too-large" Error,
    E0708 "plugin-description" Error,
    E0709 "setting-mismatch" Error,
    E0710 "setting-refused" Error,
    E0711 "plugin-changed" Error,
    E0712 "policy-used-twice" Error,
    E0720 "policy-out-of-fuel" Error,
    E0721 "policy-out-of-memory" Error,
    E0722 "policy-host-work" Error,
    E0723 "policy-stack" Error,
    E0724 "policy-output-size" Error,
    E0725 "policy-too-many-findings" Error,
    E0726 "policy-trap" Error,
    E0727 "policy-panic" Error,
    E0728 "policy-gave-up" Error,
    E0729 "policy-not-run" Error,
    E0730 "policy-forged-node" Error,
    E0731 "policy-bad-pointer" Error,
    E0732 "policy-undeclared-rule" Error,
    E0733 "policy-malformed-output" Error,
    E0740 "patch-conflict" Error,
    E0741 "patch-stale" Error,
    E0742 "patch-nowhere" Error,
    E0743 "patch-unsettled" Error,
    E0750 "plugin-cache-not-trusted" Warning,
    E0751 "plugin-cache-not-written" Warning,
    // E08: projects and builds.
    E0802 "cannot-read" Error,
    E0803 "changed-while-read" Error,
    E0804 "bad-ignore-pattern" Error,
    E0805 "import-missing" Error,
    E0806 "imports-platform" Error,
    E0807 "import-cycle" Error,
    E0808 "not-vendored" Error,
    E0809 "bad-lock" Error,
    E0810 "asset-unreadable" Error,
    E0811 "waiver-without-end" Error,
    E0812 "waiver-over" Error,
    E0813 "bad-waiver" Error,
    E0814 "unused-waiver" Warning,
    E0820 "bad-test" Error,
    E0821 "expectation-failed" Error,
    E0822 "finding-missing" Error,
    E0823 "golden-differs" Error,
    // 0830 to 0849 what comes from elsewhere: images, signatures.
    E0830 "tampered" Error,
    E0831 "not-a-build" Error,
    E0832 "unsigned" Error,
    E0833 "signer-not-trusted" Error,
    E0834 "bad-signature" Error,
    E0835 "bad-trust-file" Error,
    E0836 "not-a-plugin" Error,
    E0837 "bad-reference" Error,
    E0838 "no-such-image" Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_in_order() {
        let ids: Vec<&str> = Code::all().map(Code::id).collect();
        assert!(ids.is_sorted(), "the table is in the order of its numbers");
        let mut names: Vec<&str> = Code::all().map(Code::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ids.len(), "a name belongs to one code");
    }

    #[test]
    fn each_page_begins_with_its_code_and_name() {
        for code in Code::all() {
            let title = format!("# {} {}\n", code.id(), code.name());
            assert!(code.page().starts_with(&title), "{code:?}: the page begins with {title:?}");
        }
    }

    #[test]
    fn a_code_is_found_by_number_and_by_name() {
        assert_eq!(Code::find("e0102"), Some(E0102));
        assert_eq!(Code::find("kdl-v1"), Some(E0102));
        assert_eq!(Code::find("E9999"), None);
    }
}
