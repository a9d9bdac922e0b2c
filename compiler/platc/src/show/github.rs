//! Findings as workflow commands of GitHub Actions, which become annotations on the lines of a change.

use platc_diag::{Diagnostic, Files, Level};

/// One command a finding.
pub(crate) fn commands(files: &Files, problems: &[Diagnostic]) -> String {
    problems.iter().map(|problem| command(files, problem)).collect()
}

fn command(files: &Files, problem: &Diagnostic) -> String {
    let span = problem.span();
    let file = files.get(span.file);
    let (start, end) = (file.line_column(span.start), file.line_column(span.end));
    let word = match problem.level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "notice",
    };
    let help = problem.help_text().map(|help| format!("\n{help}")).unwrap_or_default();
    format!(
        "::{word} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
        property(file.path()),
        start.line,
        start.column,
        end.line,
        end.column,
        property(&format!("{} {}", problem.code().id(), problem.code().name())),
        data(&format!("{}{help}", problem.message())),
    )
}

/// The escapes that the runner undoes in the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In a property, also what ends it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
