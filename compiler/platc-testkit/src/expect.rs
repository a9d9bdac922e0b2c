//! Expected findings: `// error: [E0412] "overlaps"` at the end of a line, or on a line of its own above.

use std::fmt::Write as _;

use platc_diag::{Diagnostic, Files, Level};

/// A finding as a case sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Path of the file.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// `error`, `warning` or `info`.
    pub level: &'static str,
    /// `E0412`, or a policy's `POLICY/RULE`.
    pub code: String,
    /// What is the matter.
    pub message: String,
}

struct Wanted {
    path: String,
    line: u32,
    level: String,
    code: String,
    part: String,
}

impl Found {
    /// How a case sees `finding`.
    pub fn new(finding: &Diagnostic, files: &Files) -> Self {
        let file = files.get(finding.span().file);
        Self {
            path: file.path().to_owned(),
            line: file.line_column(finding.span().start).line,
            level: finding.level().word(),
            code: finding.code().id().to_owned(),
            message: finding.message().to_owned(),
        }
    }
}

/// Compares what was found with the comments in `files` (path and text), and says how they differ; empty if
/// they do not. Errors and warnings must all be expected; of the infos, those that a comment names must come.
pub fn compare_findings(files: &[(String, String)], found: &[Found]) -> String {
    let mut wanted: Vec<Wanted> = files.iter().flat_map(|(path, text)| assertions(path, text)).collect();
    let mut report = String::new();
    for finding in found {
        let fits = |w: &Wanted| {
            w.path == finding.path
                && w.line == finding.line
                && w.level == finding.level
                && w.code == finding.code
                && finding.message.contains(&w.part)
        };
        match wanted.iter().position(fits) {
            Some(at) => drop(wanted.remove(at)),
            None if finding.level == Level::Info.word() => {}
            None => {
                let Found { path, line, level, code, message } = finding;
                let _ = writeln!(report, "{path}:{line}: not expected: {level}: [{code}] \"{message}\"");
            }
        }
    }
    for Wanted { path, line, level, code, part } in wanted {
        let _ = writeln!(report, "{path}:{line}: not found: {level}: [{code}] \"{part}\"");
    }
    report
}

fn assertions(path: &str, text: &str) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut waiting: Vec<Wanted> = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let assertion = line.rfind("// ").and_then(|at| {
            let (code, comment) = line.split_at(at);
            Some((code.trim().is_empty(), assertion(path, number, comment.strip_prefix("// ")?)?))
        });
        match assertion {
            Some((true, found)) => waiting.push(found),
            other => {
                wanted.extend(waiting.drain(..).map(|above| Wanted { line: number, ..above }));
                wanted.extend(other.map(|(_, found)| found));
            }
        }
    }
    wanted.extend(waiting);
    wanted
}

fn assertion(path: &str, line: u32, comment: &str) -> Option<Wanted> {
    let (level, rest) = comment.split_once(": [")?;
    let (code, rest) = rest.split_once(']')?;
    let known = ["error", "warning", "info"].contains(&level);
    let part = rest.trim().trim_matches('"');
    known.then(|| Wanted {
        path: path.to_owned(),
        line,
        level: level.to_owned(),
        code: code.to_owned(),
        part: part.to_owned(),
    })
}

/// Findings in full, as a `diagnostics` block shows them: one after the other in the order of a report.
pub fn describe_findings(found: &[Diagnostic], files: &Files) -> String {
    let mut text = String::new();
    for finding in found {
        let level = finding.level();
        let (id, place) = (finding.code().id(), files.place(finding.span()));
        let _ = writeln!(text, "{level}[{id}] {place}: {}", finding.message());
        let marked = files.text(finding.span()).lines().next().unwrap_or("");
        if !marked.is_empty() {
            let _ = writeln!(text, "  at: {marked}{}", said(&finding.primary().text));
        }
        for related in finding.related_labels() {
            let _ = writeln!(text, "  see: {}{}", files.place(related.span), said(&related.text));
        }
        for note in finding.notes() {
            let _ = writeln!(text, "  note: {}", note.replace('\n', "\n        "));
        }
        if let Some(help) = finding.help_text() {
            let _ = writeln!(text, "  help: {}", help.replace('\n', "\n        "));
        }
        for fix in finding.fixes() {
            let _ = writeln!(text, "  fix: {}", fix.title);
        }
    }
    text
}

fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: u32, code: &str, message: &str) -> Found {
        Found { path: "a.kdl".into(), line, level: "error", code: code.into(), message: message.into() }
    }

    #[test]
    fn comments_beside_and_above_a_line_are_assertions() {
        let text = "x 1 // error: [E0001] \"wrong\"\n// error: [E0002] \"a\"\n// error: [E0003] \"b\"\ny 2\n";
        let files = [("a.kdl".to_owned(), text.to_owned())];
        let all = [found(1, "E0001", "is wrong"), found(4, "E0002", "a"), found(4, "E0003", "b")];
        assert_eq!(compare_findings(&files, &all), "");
        assert!(compare_findings(&files, &all[..2]).contains("not found: error: [E0003]"));
        let extra = [&all[..], &[found(2, "E0009", "more")]].concat();
        assert!(compare_findings(&files, &extra).contains("a.kdl:2: not expected: error: [E0009]"));
    }

    #[test]
    fn an_info_may_be_expected_but_need_not_be() {
        let info = Found { level: "info", ..found(1, "E0001", "for your information") };
        let asked = [("a.kdl".to_owned(), "x 1 // info: [E0001] \"information\"\n".to_owned())];
        assert_eq!(compare_findings(&asked, std::slice::from_ref(&info)), "");
        assert!(compare_findings(&asked, &[]).contains("not found: info: [E0001]"));
        let silent = [("a.kdl".to_owned(), "x 1\n".to_owned())];
        assert_eq!(compare_findings(&silent, &[info]), "");
    }
}
