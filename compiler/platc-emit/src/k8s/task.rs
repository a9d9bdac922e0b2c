//! Tasks: Jobs and CronJobs, made of the same pods as everything else.
//!
//! Start with [`job`].

use platc_artifact::{Artifact, Map, shown};
use platc_diag::Origin;
use platc_model::generated::Concurrency;
use platc_plan::Plan;
use platc_plan::{CronShape, TaskShape, Workload};

use super::pod::{self, Placing};
use super::service::of;
use crate::object::{NAME, Object, short_hash};

/// A Job. Its template cannot be changed, so each revision is a Job of its own, by the hash of its spec.
pub(super) fn job(plan: &Plan, workload: &Workload, shape: &TaskShape, artifact: &mut Artifact) {
    let spec = |m: &mut Map<'_>| m.map("spec", |m| task(m, plan, workload, shape));
    let name = format!("{}-{}", workload.name, short_hash(spec));
    Object::new("batch/v1", "Job", name, Origin::written(workload.span))
        .within(&workload.namespace.value)
        .label(NAME, &*workload.name)
        .labels(&workload.labels)
        .write(artifact, spec);
}

/// A CronJob.
pub(super) fn cron(plan: &Plan, workload: &Workload, shape: &CronShape, artifact: &mut Artifact) {
    of(workload, "batch/v1", "CronJob", Origin::written(workload.span)).write(artifact, |m| {
        m.map("spec", |m| {
            m.put("schedule", shown(&shape.schedule));
            m.put("timeZone", &shape.zone);
            m.put("concurrencyPolicy", shape.concurrency.map(policy));
            m.put(
                "startingDeadlineSeconds",
                shape.start_within.map(platc_model::scalar::Duration::as_seconds_up),
            );
            m.put("successfulJobsHistoryLimit", shape.history);
            m.put("failedJobsHistoryLimit", shape.history);
            m.put("suspend", shape.suspend);
            m.map("jobTemplate", |m| m.map("spec", |m| task(m, plan, workload, &shape.task)));
        });
    });
}

const fn policy(concurrency: Concurrency) -> &'static str {
    match concurrency {
        Concurrency::Forbid => "Forbid",
        Concurrency::Replace => "Replace",
        Concurrency::Allow => "Allow",
    }
}

fn task(m: &mut Map<'_>, plan: &Plan, workload: &Workload, shape: &TaskShape) {
    let seconds = platc_model::scalar::Duration::as_seconds_up;
    m.put("backoffLimit", shape.retries);
    m.put("activeDeadlineSeconds", shape.deadline.map(seconds));
    m.put("ttlSecondsAfterFinished", shape.keep.map(seconds));
    // A pod that is going still counts: two of them never work at once.
    m.put("podReplacementPolicy", "Failed");
    let Some(variant) = workload.variants.first() else { return };
    // Failed pods stay, for their logs.
    pod::template(m, plan, workload, variant, Placing::Anywhere, Some("Never"));
}
