//! How many pods a service has: as many as are said, or between two bounds by what they use.
//!
//! Start with [`pods`].

use platc_diag::{Origin, Sourced, Span};
use platc_model::Text;
use platc_model::generated::{Scale, ScaleSpeed, Service};
use platc_model::scalar::{Duration, Percent};

use crate::plan::{ScalePlan, SpeedPlan};
use crate::workloads::{At, amount_of_cpu, amount_of_memory};
use crate::{Planner, errors, place, rules};

/// How many pods there are.
pub(crate) struct Pods {
    /// The fewest.
    pub(crate) least: u32,
    /// The most.
    pub(crate) most: Sourced<u32>,
    /// How load decides, where these differ.
    pub(crate) scale: Option<ScalePlan>,
}

/// Kubernetes' own pace, where nothing is said: seconds that it looks back, pods, percent, seconds of a period.
struct Pace {
    after_s: u64,
    pods: Option<u32>,
    share: u32,
    every_s: u64,
}

const UP: Pace = Pace { after_s: 0, pods: Some(4), share: 100, every_s: 15 };
const DOWN: Pace = Pace { after_s: 300, pods: None, share: 100, every_s: 15 };

/// Those of a service.
pub(crate) fn pods(planner: &mut Planner<'_>, at: &At<'_>, service: &Service) -> Pods {
    let count = |value: Sourced<i64>| value.map(|value| u32::try_from(value).unwrap_or(0));
    let least = count(service.replicas);
    let Some(scale) = &service.scale else {
        return Pods { least: least.value, most: least, scale: None };
    };
    check(planner, at, service, scale);
    let plan = ScalePlan {
        least,
        cpu: scale.cpu.map(|target| target.map(whole)),
        memory: scale.memory.map(|target| target.map(whole)),
        up: speed(&scale.up, &UP, scale.origin),
        down: speed(&scale.down, &DOWN, scale.origin),
    };
    // With fewer at most than at least nothing is emitted.
    Pods { least: least.value, most: count(scale.max), scale: Some(plan) }
}

/// Percent as Kubernetes wants it: whole, and one at least.
fn whole(percent: Percent) -> u32 {
    u32::try_from(percent.as_milli().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

fn speed(said: &Sourced<ScaleSpeed>, otherwise: &Pace, scale: Origin) -> SpeedPlan {
    let origin = if said.origin.is_known() { said.origin } else { scale };
    let decided = origin.decided_by(&rules::SCALE_PACE);
    let seconds = |value: Option<Sourced<Duration>>, otherwise: u64| {
        value.map_or_else(|| decided.of(otherwise), |value| value.map(Duration::as_seconds_up))
    };
    let unsaid = said.pods.is_none() && said.share.is_none();
    SpeedPlan {
        after_s: seconds(said.after, otherwise.after_s),
        pods: match said.pods {
            Some(pods) => Some(pods.map(|pods| u32::try_from(pods).unwrap_or(u32::MAX))),
            None => otherwise.pods.filter(|_| unsaid).map(|pods| decided.of(pods)),
        },
        share: match said.share {
            Some(share) => Some(share.map(whole)),
            None => unsaid.then(|| decided.of(otherwise.share)),
        },
        every_s: seconds(said.every, otherwise.every_s),
    }
}

fn check(planner: &mut Planner<'_>, at: &At<'_>, service: &Service, scale: &Sourced<Scale>) {
    let span = place(scale.origin, at.head.span);
    let (least, most) = (*service.replicas, *scale.max);
    let variants = *service.placed.memory.variants;
    let max = place(scale.max.origin, span);
    let mut problems = Vec::new();
    if most < least {
        problems.push(errors::scale_below(max, most, least));
    }
    if least < variants {
        problems.push(errors::scale_from_too_few(place(service.replicas.origin, span), least, variants));
    }
    if scale.cpu.is_none() && scale.memory.is_none() {
        problems.push(errors::scale_by_nothing(span));
    }
    if !service.volume.is_empty() {
        problems.push(errors::scale_of_volumes(span));
    }
    problems.extend(never_reached(service, scale, span));
    for problem in problems {
        planner.report(problem.about(Text::clone(&at.head.name)));
    }
}

/// A program never uses more than its limit: a share of its request above that is never reached.
fn never_reached(service: &Service, scale: &Scale, span: Span) -> Vec<platc_diag::Diagnostic> {
    let (cpu_request, cpu_limit) = amount_of_cpu(&service.placed.cpu);
    let memory = &service.placed.memory;
    let (memory_request, memory_limit) =
        amount_of_memory(memory.both.or(memory.request), memory.both.or(memory.limit), memory.origin);
    let mut problems = Vec::new();
    let mut look = |target: Option<Sourced<Percent>>, what: &str, request: u64, limit: Option<u64>| {
        let Some(target) = target else { return };
        let at = place(target.origin, span);
        if request == 0 {
            problems.push(errors::scale_of_no_request(at, what));
        } else if limit.is_some_and(|limit| target.value.of(request) >= limit) {
            problems.push(errors::scale_unreachable(at, &target.value.to_string(), what));
        }
    };
    let milli = cpu_limit.map(|limit| limit.value.as_milli());
    look(scale.cpu, "CPU", cpu_request.value.as_milli(), milli);
    look(scale.memory, "memory", memory_request.get(), Some(memory_limit.get()));
    problems
}
