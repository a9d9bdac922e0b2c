//! Requests of the control plane's static pods. kubeadm gives them CPU and, but for etcd, no memory: the
//! scheduler would believe that the memory is free.

use platc_artifact::{Artifact, Shown};
use platc_diag::Origin;
use platc_plan::StaticPodPlan;

use crate::hosts::{OnHost, yaml};
use crate::object::sized;
use crate::rules;

/// The static pods of a host of which something was said.
pub(super) fn of<'p>(on: &OnHost<'p>) -> impl Iterator<Item = &'p StaticPodPlan> {
    let cluster = on.cluster.filter(|_| on.host.control_plane);
    cluster.into_iter().flat_map(|cluster| &cluster.control_plane_requests).filter(|part| part.patched)
}

/// Writes the patch of one.
pub(super) fn write(on: &OnHost<'_>, part: &StaticPodPlan, artifact: &mut Artifact) {
    yaml(artifact, Origin::decided(&rules::NODE_SETUP, on.host.span), |m| {
        m.map("spec", |m| {
            m.seq("containers", |s| {
                s.map(|m| {
                    m.put("name", part.name);
                    m.map("resources", |m| {
                        m.map("requests", |m| {
                            m.put("cpu", part.cpu.map(Shown));
                            m.maybe("memory", part.memory.map(sized));
                        });
                    });
                });
            });
        });
    });
}
