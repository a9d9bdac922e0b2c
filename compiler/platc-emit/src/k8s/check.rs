//! What would be too large to start: variables of programs. Of Envoys it is said where a file takes their place.
//!
//! Not here: what Kubernetes accepts, files of pods among it; each object is checked for that as it is
//! written (`object.rs`).
//!
//! Start with [`sizes`].

use platc_artifact::{Doc, Format};
use platc_diag::{Diagnostic, Problems, Span, codes, limits};
use platc_model::types::Types;
use platc_model::{Text, Value};
use platc_plan::{ConfigPlan, Plan, Workload};
use rayon::prelude::*;

use super::bootstrap;
use crate::object::put_value;

/// What the data of a ConfigMap may have together.
const CONFIG_MAP_BYTES: usize = 1 << 20;
/// No character is written with more bytes than four times its own.
const ESCAPED: usize = 4;

/// Looks at all workloads. The most bytes that objects of each embed, config and bootstrap.
pub(super) fn sizes(plan: &Plan, problems: &mut Problems) -> Vec<usize> {
    let of_workload = |workload: &Workload| {
        let config = workload.app.config.as_ref();
        let bytes = config.map_or(0, |config| config_bytes(&plan.model.types, config));
        let span = config.and_then(|config| config.value.origin.span()).unwrap_or(workload.span);
        let found = [variable(&workload.name, span, bytes), large(plan, workload)];
        (bytes + bootstrap::bytes_max(workload), found)
    };
    let (mut embedded, mut found) = (Vec::new(), Vec::new());
    plan.workloads.par_iter().map(of_workload).unzip_into_vecs(&mut embedded, &mut found);
    problems.extend(found.into_iter().flatten().flatten());
    embedded
}

fn variable(name: &Text, span: Span, bytes: usize) -> Option<Diagnostic> {
    let most = limits::ENV_BYTES;
    let problem = if bytes > most {
        let message = format!("the config of `{name}` has {bytes} bytes, and a variable at most {most}");
        Diagnostic::new(codes::E0416, span, message)
    } else if bytes > limits::ENV_BYTES_TIGHT {
        let message = format!("the config of `{name}` has {bytes} of the {most} bytes that fit");
        Diagnostic::new(codes::E0620, span, message)
    } else {
        return None;
    };
    Some(problem.help("put the large part into a file of its own with `file`").about(Text::clone(name)))
}

/// Bytes of `NAME=VALUE`. Most configs are plainly small and not printed for that.
fn config_bytes(types: &Types, config: &ConfigPlan) -> usize {
    let name = config.env.value.len() + 1;
    let estimate = estimate(types, &config.value, 0) * ESCAPED + name;
    if estimate < limits::ENV_BYTES_TIGHT {
        return estimate;
    }
    let mut doc = Doc::new();
    put_value(doc.slot(), types, &config.value);
    let text = printed(&doc);
    // A `$` may have to be written as `\x24`.
    name + text.len() + text.iter().filter(|byte| **byte == b'$').count() * (ESCAPED - 1)
}

fn printed(doc: &Doc) -> Vec<u8> {
    let mut out = Vec::new();
    // What cannot be printed is refused when the manifest itself is.
    let _ = doc.print(Format::Yaml, &mut out);
    out
}

/// Bytes of a value as YAML, without escapes.
fn estimate(types: &Types, value: &Value, depth: usize) -> usize {
    let line = 2 * depth + 4;
    match value {
        Value::Text(text) => text.len() + (1 + text.bytes().filter(|byte| *byte == b'\n').count()) * line,
        Value::List(values) => values.iter().map(|value| line + estimate(types, value, depth + 1)).sum(),
        Value::Map(entries) => {
            entries.iter().map(|(key, value)| line + key.len() + estimate(types, value, depth + 1)).sum()
        }
        Value::Record(record) => {
            let fields = types.record(record.ty).fields.iter().zip(&record.slots);
            let slot = |slot: &platc_diag::Sourced<Value>| estimate(types, slot, depth + 1);
            fields.map(|(field, own)| line + field.name.len() + own.as_ref().map_or(0, slot)).sum()
        }
        // Numbers, addresses, durations; none is longer than an IPv6 range or a digest.
        Value::Image(image) => image.to_string().len(),
        _ => 80,
    }
}

/// Where the bootstrap of an Envoy is not where it usually is.
fn large(plan: &Plan, workload: &Workload) -> Option<Diagnostic> {
    let bytes = bootstrap::bytes(plan, workload);
    if bytes <= limits::ENV_BYTES {
        return None;
    }
    let (name, most) = (&workload.name, limits::ENV_BYTES);
    if workload.is_static_pod() {
        let message = format!(
            "the Envoy of the static pod `{name}` needs {bytes} bytes of bootstrap, and a variable has {most}"
        );
        let problem = Diagnostic::new(codes::E0538, workload.span, message)
            .help("let it call fewer services, or leave `static-pod` out")
            .note("the Envoy of a DaemonSet's pod reads such a bootstrap from a ConfigMap");
        return Some(problem.about(Text::clone(name)));
    }
    let parts = "give routes to two proxies, or calls to two services";
    if bytes > CONFIG_MAP_BYTES {
        let message = format!(
            "the Envoy of `{name}` needs {bytes} bytes of bootstrap, and a ConfigMap has {CONFIG_MAP_BYTES}"
        );
        return Some(
            Diagnostic::new(codes::E0614, workload.span, message).help(parts).about(Text::clone(name)),
        );
    }
    let message = format!(
        "the Envoy of `{name}` gets its {bytes} bytes of bootstrap in a file, because a variable has {most}"
    );
    let problem = Diagnostic::new(codes::E0622, workload.span, message);
    Some(problem.help(parts).about(Text::clone(name)))
}
