//! Findings as JUnit XML: one case a code that was found, or one that passed where none was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platc_diag::{Diagnostic, Files};

/// The report.
pub(crate) fn report(files: &Files, problems: &[Diagnostic]) -> String {
    let mut by_file: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for problem in problems {
        by_file.entry(files.get(problem.span().file).path()).or_default().push(problem);
    }
    let failures = problems.iter().filter(|problem| problem.is_error()).count();
    let tests = problems.len().max(1);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"platc check\" tests=\"{tests}\" failures=\"{failures}\">");
    if problems.is_empty() {
        out.push_str("  <testsuite name=\"platform\" tests=\"1\" failures=\"0\">\n");
        out.push_str("    <testcase classname=\"platform\" name=\"check\"/>\n  </testsuite>\n");
    }
    for (file, problems) in by_file {
        let failures = problems.iter().filter(|problem| problem.is_error()).count();
        let (name, tests) = (xml(file), problems.len());
        let _ = writeln!(out, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\">");
        for problem in problems {
            case(&mut out, files, problem);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, files: &Files, problem: &Diagnostic) {
    let place = files.place(problem.span());
    let (class, name) = (xml(files.get(problem.span().file).path()), xml(problem.code().name()));
    let help = problem.help_text().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let text = xml(&format!("{place}: {}{help}", problem.message()));
    let (message, id) = (xml(problem.message()), xml(problem.code().id()));
    let place = xml(&place);
    let _ = writeln!(out, "    <testcase classname=\"{class}\" name=\"{name} {place}\">");
    // What does not fail a build does not fail a case.
    let _ = if problem.is_error() {
        writeln!(out, "      <failure type=\"{id}\" message=\"{message}\">{text}</failure>")
    } else {
        writeln!(out, "      <system-out>{text}</system-out>")
    };
    out.push_str("    </testcase>\n");
}

/// Text as XML 1.0 has it; characters that it has not are left out.
fn xml(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
        out
    })
}
