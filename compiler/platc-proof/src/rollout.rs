//! Whether a service can roll: for a while there are more pods than wanted, and each needs a place.
//!
//! Start with [`prove`].

use platc_diag::{Problems, Span};
use platc_model::generated::Strictness;
use platc_plan::ServiceShape;

use crate::errors;
use crate::pack::{Level, Limits, State, Verdict, domains, pack};
use crate::room::{Room, service};
use crate::shortage::shortages;

/// Services that roll by surge need a place for one more pod of each variant; one service at a time, and
/// of services whose pods must be apart one variant at a time.
pub(crate) fn prove(room: &Room<'_>, verdict: &Verdict, limits: Limits, problems: &mut Problems) {
    apart(room, problems);
    let Verdict::Fits(placement) = verdict else { return };
    let mut state = State::of(&room.instance, placement);
    let mut first = 0;
    // The pods of a service are beside each other.
    for pods in room.pods.chunk_by(|a, b| std::ptr::eq(a.workload, b.workload)) {
        let groups: Vec<usize> = (first..first + pods.len()).collect();
        first += pods.len();
        let Some(workload) = pods.first().map(|pods| pods.workload) else { continue };
        let Some(shape) = service(workload).filter(|shape| rolls_by_surge(shape)) else { continue };
        if shape.anti_affinity.value == Strictness::Required || shape.replicas.value == 0 {
            continue;
        }
        if state.has_room_for(&groups, shape.surge.value) {
            continue;
        }
        let mut more = room.instance.clone();
        for group in groups {
            if let Some(group) = more.groups.get_mut(group) {
                group.count = group.count.saturating_add(shape.surge.value);
            }
        }
        if let Verdict::Refuted(bounds) = pack(&more, limits) {
            let rolled = Room { instance: more, ..room.clone() };
            let cluster = &room.plan.clusters.at(room.cluster).name;
            let reasons = shortages(&rolled, &bounds);
            problems.push(errors::rollout_without_room(cluster, workload, shape, &reasons));
        }
    }
}

/// While a host is away there is one place fewer: pods that must be apart may fit and yet not roll.
pub(crate) fn after_a_loss(room: &Room<'_>, verdict: &Verdict, claim: Span, problems: &mut Problems) {
    if !matches!(verdict, Verdict::Fits(_)) {
        return;
    }
    for (class, workload) in room.apart.iter().enumerate() {
        let Some(shape) = service(workload).filter(|shape| rolls_by_surge(shape)) else { continue };
        if room.instance.classes.get(class) != Some(&Level::Host) {
            continue;
        }
        let Some(places) = domains(&room.instance, class) else { continue };
        // With as many pods as places it cannot roll at all, and with a host less the pods themselves have
        // no place: other findings say so.
        if u64::from(shape.replicas.value) + 1 == places {
            problems.push(errors::rollout_after_a_loss(workload, shape, places - 1, claim));
        }
    }
}

/// Pods that must be apart need one place more than there are pods.
fn apart(room: &Room<'_>, problems: &mut Problems) {
    for (class, workload) in room.apart.iter().enumerate() {
        let Some(shape) = service(workload).filter(|shape| rolls_by_surge(shape)) else { continue };
        let Some(places) = domains(&room.instance, class) else { continue };
        if u64::from(shape.replicas.value) >= places && places > 0 {
            problems.push(errors::rollout_deadlock(workload, shape, places));
        }
    }
}

fn rolls_by_surge(shape: &ServiceShape) -> bool {
    shape.unavailable.value == 0 && shape.surge.value > 0
}
