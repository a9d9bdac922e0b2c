//! The autoscaler of a Deployment: as many pods as what the program uses asks for, between two bounds.
//!
//! Start with [`write`].

use platc_artifact::{Artifact, Map, Seq};
use platc_diag::Sourced;
use platc_plan::{ScalePlan, ServiceShape, SpeedPlan, VariantPlan, Workload};

use super::workload::of_variant;

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
