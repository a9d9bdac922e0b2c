//! Whether a bootstrap fits into the variable and the argument that it is.
//!
//! Start with [`check`].

use platc_artifact::{Doc, Format};
use platc_diag::{Diagnostic, Problems, Span, codes};
use platc_model::Text;
use platc_plan::{Plan, Shape, Workload};

use super::{BOOTSTRAP_ENV, proxy, sidecar};

/// The longest string that Linux starts a program with, its end included: `MAX_ARG_STRLEN`.
const STRING_BYTES: usize = 32 * 4096;
/// Below so many upstreams, calls and routes nothing is measured: none of them takes more than 4 KB.
const PARTS_MEASURED: usize = 24;

pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    let (mut doc, mut bytes) = (Doc::new(), Vec::new());
    for workload in plan.workloads.iter().filter(|workload| parts(workload) >= PARTS_MEASURED) {
        doc.clear();
        bytes.clear();
        doc.map(|m| match (&workload.shape, &workload.sidecar) {
            (Shape::Proxy(edge), _) => proxy(m, plan, workload, edge),
            (_, Some(beside)) => sidecar(m, plan, workload, beside),
            (_, None) => {}
        });
        // What cannot be printed is found when it is emitted.
        if doc.print(Format::Yaml, &mut bytes).is_err() {
            continue;
        }
        // NAME=value, and a zero at its end.
        let length = BOOTSTRAP_ENV.len() + 1 + bytes.len() + 1;
        if let Some(problem) = judge(&workload.name, workload.span, length) {
            problems.push(problem.about(Text::clone(&workload.name)));
        }
    }
}

fn parts(workload: &Workload) -> usize {
    match (&workload.shape, &workload.sidecar) {
        (Shape::Proxy(edge), _) => {
            edge.upstreams.len() + edge.virtual_hosts.iter().map(|host| 1 + host.routes.len()).sum::<usize>()
        }
        (_, Some(beside)) => beside.upstreams.len() + beside.calls.len(),
        (_, None) => 0,
    }
}

fn judge(name: &str, span: Span, length: usize) -> Option<Diagnostic> {
    if length > STRING_BYTES {
        let fact = format!(
            "the Envoy of `{name}` is told {length} bytes, and Linux starts nothing with more than {STRING_BYTES}"
        );
        let problem = Diagnostic::new(codes::E0631, span, fact);
        return Some(problem.help("part it: fewer calls or routes for one Envoy"));
    }
    (length > STRING_BYTES / 4 * 3).then(|| {
        let percent = length * 100 / STRING_BYTES;
        let fact = format!("the Envoy of `{name}` is told {length} bytes, {percent} % of what Linux takes");
        Diagnostic::new(codes::E0632, span, fact).help("part it in time: fewer calls or routes for one Envoy")
    })
}

#[cfg(test)]
mod tests {
    use platc_diag::FileId;

    use super::*;

    fn code(length: usize) -> Option<String> {
        let problem = judge("edge", Span::start_of(FileId(0)), length)?;
        Some(problem.code().id().to_owned())
    }

    #[test]
    fn the_limit_and_three_quarters_of_it_are_told() {
        assert_eq!(code(98_304), None);
        assert_eq!(code(98_305).as_deref(), Some("E0632"));
        assert_eq!(code(131_072).as_deref(), Some("E0632"));
        assert_eq!(code(131_073).as_deref(), Some("E0631"));
    }
}
