//! `schemas/cases`: documents of kubeadm, kubelet and kube-proxy with a known verdict.
//!
//! The newest minor that knows all their fields is the one they are checked for; which minor has which
//! field is in `cases/`.

use platc_kube::config::{Host, check_kubelet_fragment};
use platc_kube::{Finding, Minor, Target};

use crate::support::{check, describe, documents, files, home, read};

const GATES: &[(&str, bool)] = &[
    // The cases are about the schemas, which do not know gates.
    ("CPUManagerPolicyAlphaOptions", true),
    ("GracefulNodeShutdownBasedOnPodPriority", true),
    ("LoggingAlphaOptions", true),
    ("MemoryQoS", true),
    ("NodeLogQuery", true),
    ("QOSReserved", true),
];

fn findings(name: &str, text: &str) -> Result<Vec<Finding>, String> {
    let mut all = Vec::new();
    for document in documents(text)? {
        let version = document.get("kubernetesVersion").and_then(|version| version.as_str());
        let minor = version.and_then(Minor::parse).unwrap_or(Minor::new(35));
        let target = Target { minor, gates: GATES, crds: None };
        if name.starts_with("fragment-") {
            check_kubelet_fragment(&document, &target, &Host::default(), &mut all);
        } else {
            all.extend(check(&document, &target, &Host::default()));
        }
    }
    Ok(all)
}

#[test]
fn valid_documents_have_no_error() {
    let folder = home().join("schemas/cases/valid");
    let mut n_files = 0;
    for path in files(&folder, "yaml") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let found = findings(&name, &read(&path)).unwrap();
        let errors: Vec<Finding> =
            found.into_iter().filter(|finding| finding.code.level() == platc_diag::Level::Error).collect();
        assert!(errors.is_empty(), "{name}:\n{}", describe(&errors));
        n_files += 1;
    }
    assert_eq!(n_files, 23);
}

#[test]
fn each_invalid_document_has_the_error_that_it_names() {
    let folder = home().join("schemas/cases/invalid");
    let mut n_files = 0;
    for path in files(&folder, "yaml") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = read(&path);
        let wanted = text.lines().next().and_then(|line| line.strip_prefix("# at: ")).unwrap().to_owned();
        match findings(&name, &text) {
            Ok(found) => {
                let shown = describe(&found);
                // Some name a pointer, some the field that is missing: `'discovery' is a required`.
                let quoted = wanted.split('\'').nth(1);
                let place = quoted.unwrap_or(&wanted).trim_start_matches('/');
                let is_said = found.iter().any(|finding| {
                    finding.code.level() == platc_diag::Level::Error
                        && (finding.pointer.contains(place) || finding.message.contains(place))
                });
                assert!(is_said, "{name}: nothing at `{wanted}`:\n{shown}");
            }
            Err(error) => assert!(error.contains("duplicate"), "{name}: {error}"),
        }
        n_files += 1;
    }
    assert_eq!(n_files, 88);
}
