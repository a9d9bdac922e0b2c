//! Programs that run before the main one of a pod, each to its end.
//!
//! Not here: what that makes of a pod's requests (`ledger`).
//!
//! Start with [`decide`].

use platc_diag::Sourced;
use platc_model::Text;
use platc_model::generated::{InitProgram, Runtime, Workload as Common};
use platc_model::scalar::Bytes;

use crate::plan::{Container, InitMemoryPlan, InitPlan};
use crate::workloads::{At, amount_of_cpu, amount_of_memory, cpu_env, environment, image, memory_env};
use crate::{Planner, errors, place, rules};

/// Names of the containers that pods have anyway.
const TAKEN: [&str; 2] = ["app", "envoy"];

/// Those of a workload, in order.
pub(crate) fn decide(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    common: &Common,
    app: &Container,
) -> Vec<InitPlan> {
    for init in &common.init {
        check(planner, at, common, init);
    }
    common.init.iter().map(|init| plan(planner, at, common, app, init)).collect()
}

fn check(planner: &mut Planner<'_>, at: &At<'_>, common: &Common, init: &Sourced<InitProgram>) {
    let span = place(init.origin, at.head.span);
    let about = |problem: platc_diag::Diagnostic| problem.about(Text::clone(&at.head.name));
    if TAKEN.contains(&&*init.name.value) {
        planner.report(about(errors::init_name(place(init.name.origin, span), &init.name.value)));
    }
    if init.image.is_none() && init.command.is_none() {
        planner.report(about(errors::init_does_nothing(span, &init.name.value)));
    }
    if init.config.value && common.config.is_none() {
        planner.report(about(errors::init_without_config(place(init.config.origin, span), &at.head.name)));
    }
}

fn plan(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    common: &Common,
    app: &Container,
    init: &Sourced<InitProgram>,
) -> InitPlan {
    let decided = init.origin.decided_by(&rules::INIT_AMOUNT);
    let (cpu_request, cpu_limit) = match &init.cpu {
        Some(said) => amount_of_cpu(said),
        None => (decided.of(app.cpu_request.value), app.cpu_limit.map(|limit| decided.of(limit.value))),
    };
    let runtime = runtime(common, init);
    let told = cpu_env(runtime.value, cpu_limit, cpu_request, runtime.origin);
    InitPlan {
        name: init.name.clone(),
        image: init.image.as_ref().map_or_else(|| app.image.clone(), |said| image(planner, said)),
        command: init.command.clone(),
        cpu_request,
        cpu_limit,
        env: environment(told, &init.env, at.head.span),
        config: init.config,
        origin: init.origin,
    }
}

/// The image of the main program has its runtime; of another one nothing is known.
fn runtime(common: &Common, init: &Sourced<InitProgram>) -> Sourced<Runtime> {
    match init.image {
        None => common.runtime,
        Some(_) => init.origin.of(Runtime::Other),
    }
}

/// Their memory in the pods of one variant, whose main program has so much.
pub(crate) fn memories(
    common: &Common,
    app_request: Sourced<Bytes>,
    app_limit: Sourced<Bytes>,
) -> Vec<InitMemoryPlan> {
    let of = |init: &Sourced<InitProgram>| {
        let decided = init.origin.decided_by(&rules::INIT_AMOUNT);
        let (request, limit) = match &init.memory {
            Some(said) => amount_of_memory(said.both.or(said.request), said.both.or(said.limit), said.origin),
            None => (decided.of(app_request.value), decided.of(app_limit.value)),
        };
        InitMemoryPlan { request, limit, env: memory_env(runtime(common, init).value, limit) }
    };
    common.init.iter().map(of).collect()
}
