//! Differences between minors that release notes name, as the tables have them.

use platc_kube::{Minor, Minors, Tables};

fn life(type_name: &str, field: &str) -> (Option<u8>, Option<u8>) {
    let tables = Tables::get();
    let owner = tables.type_of(tables.type_named(type_name).unwrap_or_else(|| panic!("{type_name}")));
    assert!(owner.fields.iter().any(|known| known.name == field), "{type_name}.{field}");
    numbers(owner.lifetime(field))
}

fn served(api_version: &str, kind: &str) -> (Option<u8>, Option<u8>) {
    numbers(Tables::get().kind(api_version, kind).unwrap_or_else(|| panic!("{api_version} {kind}")).minors)
}

fn numbers(minors: Minors) -> (Option<u8>, Option<u8>) {
    (minors.since.map(Minor::number), minors.until.map(Minor::number))
}

const ALWAYS: (Option<u8>, Option<u8>) = (None, None);

#[test]
fn fields_come_and_go() {
    // 1.34: restart rules of containers, env files, a pod's own hostname, certificates of pods.
    assert_eq!(life("core.v1.Container", "restartPolicyRules"), (Some(34), None));
    assert_eq!(life("core.v1.EnvVarSource", "fileKeyRef"), (Some(34), None));
    assert_eq!(life("core.v1.PodSpec", "hostnameOverride"), (Some(34), None));
    assert_eq!(life("core.v1.VolumeProjection", "podCertificate"), (Some(34), None));
    // 1.35: gangs of pods through a reference, which 1.36 replaced by a group.
    assert_eq!(life("core.v1.PodSpec", "workloadRef"), (Some(35), Some(35)));
    assert_eq!(life("core.v1.PodSpec", "schedulingGroup"), (Some(36), None));
    assert_eq!(life("storage.v1.CSIDriverSpec", "serviceAccountTokenInSecrets"), (Some(35), None));
    assert_eq!(life("core.v1.NodeStatus", "declaredFeatures"), (Some(35), None));
    // 1.37: the mode of an emptyDir, users of projected files, scheduling of Jobs.
    assert_eq!(life("core.v1.EmptyDirVolumeSource", "mode"), (Some(37), None));
    assert_eq!(life("core.v1.KeyToPath", "user"), (Some(37), None));
    assert_eq!(life("batch.v1.JobSpec", "scheduling"), (Some(37), None));
    // Old ones: native sidecars, the sleeping handler, pod-level resources.
    assert_eq!(life("core.v1.Container", "restartPolicy"), ALWAYS);
    assert_eq!(life("core.v1.LifecycleHandler", "sleep"), ALWAYS);
    assert_eq!(life("core.v1.PodSpec", "resources"), ALWAYS);
    // Required until 1.34, with a default since.
    assert_eq!(life("batch.v1.PodFailurePolicyOnPodConditionsPattern", "status"), ALWAYS);
}

#[test]
fn api_versions_come_and_go() {
    assert_eq!(served("resource.k8s.io/v1", "ResourceClaim"), (Some(34), None));
    assert_eq!(served("resource.k8s.io/v1alpha3", "ResourceClaim"), (None, Some(33)));
    assert_eq!(served("storage.k8s.io/v1", "VolumeAttributesClass"), (Some(34), None));
    assert_eq!(served("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"), (Some(36), None));
    assert_eq!(served("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy"), (None, Some(33)));
    assert_eq!(served("scheduling.k8s.io/v1alpha1", "Workload"), (Some(35), Some(35)));
    assert_eq!(served("certificates.k8s.io/v1beta1", "PodCertificateRequest"), (Some(35), None));
    assert_eq!(served("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration"), (None, Some(34)));
    assert_eq!(served("networking.k8s.io/v1", "ServiceCIDR"), ALWAYS);
    assert_eq!(served("v1", "Endpoints"), ALWAYS);
    assert_eq!(served("apps/v1", "Deployment"), ALWAYS);
}

#[test]
fn requirements_change() {
    let tables = Tables::get();
    let owner = tables.type_of(tables.type_named("batch.v1.PodFailurePolicyOnPodConditionsPattern").unwrap());
    let required =
        |minor| owner.fields_in(Minor::new(minor)).any(|field| field.name == "status" && field.required);
    assert!(required(34));
    assert!(!required(35));
}
