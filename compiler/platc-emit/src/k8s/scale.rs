//! The autoscaler of a Deployment: as many pods as what the program uses asks for, between two bounds.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Map, Seq};
use platc_diag::{Diagnostic, Problems, Sourced, codes};
use platc_model::Text;
use platc_plan::{Plan, ScalePlan, ServiceShape, Shape, SpeedPlan, VariantPlan, Workload};

use super::raw;
use super::workload::of_variant;

/// What says that a cluster can tell how much pods use.
const METRICS_API: (&str, &str) = ("APIService", "v1beta1.metrics.k8s.io");

/// Finds clusters with autoscalers in which nobody measures. One is named; the others have the same cause.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    for (id, cluster) in plan.clusters.iter() {
        let scaled = plan.workloads_at(id).find_map(|own| match &own.shape {
            Shape::Service(ServiceShape { scale: Some(scale), .. }) => Some((own, scale)),
            _ => None,
        });
        let Some((workload, scale)) = scaled else { continue };
        let (kind, name) = METRICS_API;
        if raw::brings(plan, id, kind, name) {
            continue;
        }
        let origin = scale.cpu.or(scale.memory).map(|target| target.origin);
        let span = origin.and_then(platc_diag::Origin::span).unwrap_or(workload.span);
        let message = format!(
            "nothing in `{}` tells the autoscaler of `{}` what its pods use",
            cluster.name, workload.name
        );
        let problem = Diagnostic::new(codes::E0641, span, message)
            .help("name the manifest of metrics-server: `raw metrics from=\"metrics-server.yaml\"`")
            .help("accept it with `allow no-metrics`, if something else brings the API `metrics.k8s.io`");
        problems.push(problem.about(Text::clone(&workload.name)));
    }
}

/// The autoscaler of a variant. Each has its own; all pods of a service get their share of the same load.
pub(super) fn write(
    workload: &Workload,
    variant: &VariantPlan,
    (shape, scale): (&ServiceShape, &ScalePlan),
    artifact: &mut Artifact,
) {
    let origin = shape.replicas.origin;
    let object = of_variant(workload, variant, "autoscaling/v2", "HorizontalPodAutoscaler", origin);
    object.write(artifact, |m| {
        m.map("spec", |m| {
            m.map("scaleTargetRef", |m| {
                m.put("apiVersion", "apps/v1");
                m.put("kind", "Deployment");
                m.put("name", &variant.name);
            });
            m.put("minReplicas", (variant.least, scale.least.origin));
            m.put("maxReplicas", (variant.replicas, shape.replicas.origin));
            m.seq("metrics", |s| {
                metric(s, "cpu", scale.cpu);
                metric(s, "memory", scale.memory);
            });
            m.map("behavior", |m| {
                speed(m, "scaleUp", &scale.up);
                speed(m, "scaleDown", &scale.down);
            });
        });
    });
}

/// The program alone: a sidecar that idles would make any pod look half asleep.
fn metric(s: &mut Seq<'_>, resource: &str, target: Option<Sourced<u32>>) {
    let Some(target) = target else { return };
    s.map(|m| {
        m.put("type", "ContainerResource");
        m.map("containerResource", |m| {
            m.put("name", resource);
            m.put("container", "app");
            m.map("target", |m| {
                m.put("type", "Utilization");
                m.put("averageUtilization", target);
            });
        });
    });
}

fn speed(m: &mut Map<'_>, key: &str, speed: &SpeedPlan) {
    m.map(key, |m| {
        m.put("stabilizationWindowSeconds", speed.after_s);
        m.put("selectPolicy", "Max");
        m.seq("policies", |s| {
            for (kind, value) in [("Pods", speed.pods), ("Percent", speed.share)] {
                let Some(value) = value else { continue };
                s.map(|m| {
                    m.put("type", kind);
                    m.put("value", value);
                    m.put("periodSeconds", speed.every_s);
                });
            }
        });
    });
}
