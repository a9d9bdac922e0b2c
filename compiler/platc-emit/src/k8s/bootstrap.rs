//! Where an Envoy in a pod finds its bootstrap: in a variable of its container, or, where it is too large for one,
//! in an immutable ConfigMap that is named by its hash. Either way a new bootstrap is a new revision of the pods.
//!
//! Not here: what is in it (`envoy/`). Start with [`Source::of`].

use platc_artifact::{Artifact, Doc, Format, Guard, Map, Seq};
use platc_diag::{Origin, limits};
use platc_plan::{Plan, Shape, Workload};

use crate::envoy::{self, BOOTSTRAP_ENV, BOOTSTRAP_FILE, BOOTSTRAP_FOLDER};
use crate::object::{NAME, Object, short_hash};

/// Calls and upstreams, or routes, below which a bootstrap is far from the limit: one takes 5 KB.
const FEW: usize = 16;
/// What one takes at most, and what all have in common, with what the lines are indented by in a manifest.
const PART_BYTES_MAX: usize = 10 << 10;
/// What the volume with a bootstrap is called.
const VOLUME: &str = "envoy-bootstrap";

/// Where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// In a variable.
    Variable,
    /// In the ConfigMap of that name.
    File(String),
}

impl Source {
    /// That of a workload's Envoy: its sidecar, or the proxy that it is.
    pub(super) fn of(plan: &Plan, workload: &Workload) -> Self {
        if bytes(plan, workload) <= limits::ENV_BYTES {
            return Self::Variable;
        }
        let hash = short_hash(|m| build(m, plan, workload));
        Self::File(format!("{}-envoy-{hash}", workload.name))
    }

    /// What tells Envoy.
    pub(super) const fn flag(&self) -> envoy::Bootstrap {
        match self {
            Self::Variable => envoy::Bootstrap::Variable,
            Self::File(_) => envoy::Bootstrap::File,
        }
    }

    /// The variable among `env:`, if it is in one.
    pub(super) fn variable(&self, s: &mut Seq<'_>, plan: &Plan, workload: &Workload) {
        if *self == Self::Variable {
            s.map(|m| {
                m.put("name", BOOTSTRAP_ENV);
                m.embed("value", Format::Yaml, Guard::EnvValue, |doc| {
                    doc.map(|m| build(m, plan, workload));
                });
            });
        }
    }

    /// Its entry among `volumeMounts:`, if it is a file.
    pub(super) fn mount(&self, s: &mut Seq<'_>) {
        if let Self::File(_) = self {
            s.map(|m| {
                m.put("name", VOLUME);
                m.put("mountPath", BOOTSTRAP_FOLDER);
                m.put("readOnly", true);
            });
        }
    }

    /// Its entry among `volumes:`, if it is a file.
    pub(super) fn volume(&self, s: &mut Seq<'_>) {
        if let Self::File(name) = self {
            s.map(|m| {
                m.put("name", VOLUME);
                m.map("configMap", |m| m.put("name", name));
            });
        }
    }

    /// Whether it is a file.
    pub(super) const fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

/// The ConfigMap, if there is one.
pub(super) fn config_map(plan: &Plan, workload: &Workload, artifact: &mut Artifact) {
    let Source::File(name) = Source::of(plan, workload) else { return };
    let object = Object::new("v1", "ConfigMap", name, Origin::written(workload.span));
    object.within(&workload.namespace.value).label(NAME, &*workload.name).write(artifact, |m| {
        m.put("immutable", true);
        m.map("data", |m| {
            m.embed(BOOTSTRAP_FILE, Format::Yaml, Guard::None, |doc| doc.map(|m| build(m, plan, workload)));
        });
    });
}

/// Bytes of `NAME=VALUE`; most bootstraps are plainly small and not printed for that.
pub(super) fn bytes(plan: &Plan, workload: &Workload) -> usize {
    if parts(workload) <= FEW {
        return 0;
    }
    let mut doc = Doc::new();
    doc.map(|m| build(m, plan, workload));
    let mut out = Vec::new();
    // What cannot be printed is refused when the manifest itself is.
    let _ = doc.print(Format::Yaml, &mut out);
    BOOTSTRAP_ENV.len() + 1 + out.len()
}

/// No less than [`bytes`] for those that are not printed, and for others far above all that counts as small.
pub(super) fn bytes_max(workload: &Workload) -> usize {
    PART_BYTES_MAX * (parts(workload) + 1)
}

/// What a bootstrap is made of: calls and upstreams, or routes.
fn parts(workload: &Workload) -> usize {
    match (&workload.sidecar, &workload.shape) {
        (_, Shape::Proxy(proxy)) => {
            let routes: usize = proxy.virtual_hosts.iter().map(|host| host.routes.len()).sum();
            routes + proxy.upstreams.len()
        }
        (Some(sidecar), _) => sidecar.calls.len() + sidecar.upstreams.len(),
        (None, _) => 0,
    }
}

fn build(m: &mut Map<'_>, plan: &Plan, workload: &Workload) {
    match (&workload.sidecar, &workload.shape) {
        (_, Shape::Proxy(proxy)) => envoy::proxy(m, plan, workload, proxy),
        (Some(sidecar), _) => envoy::sidecar(m, plan, workload, sidecar),
        (None, _) => {}
    }
}
