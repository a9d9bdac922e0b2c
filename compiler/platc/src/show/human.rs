//! Findings for people, drawn by miette: the line, an underline, the cause, the way out.
//!
//! miette asks a source for the lines around a place; ours has a table of lines, so that a thousand findings
//! in a large file cost a thousand looks and not a thousand scans.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};
use platc_diag::{Diagnostic, File, FileId, Files, Label, Level, Span};

/// Draws findings.
pub(crate) struct Painter {
    handler: GraphicalReportHandler,
}

/// A finding, as miette reads it: the places of one file.
struct Report<'a> {
    problem: &'a Diagnostic,
    text: String,
    severity: Severity,
    labels: Vec<LabeledSpan>,
    source: Lines<'a>,
    elsewhere: Vec<Elsewhere<'a>>,
    help: Option<String>,
}

/// What is to be said about other files.
struct Elsewhere<'a> {
    text: String,
    labels: Vec<LabeledSpan>,
    source: Lines<'a>,
}

/// A file, line by line.
struct Lines<'a>(&'a File);

impl Painter {
    /// For a terminal of that width.
    pub(crate) fn new(width: usize, color: bool) -> Self {
        let styles = if color { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let mut characters = ThemeCharacters::unicode();
        // The words of the header say how serious it is; signs would be one thing more to learn.
        "error:".clone_into(&mut characters.error);
        "warning:".clone_into(&mut characters.warning);
        "info:".clone_into(&mut characters.advice);
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
            .with_width(width)
            .with_links(false)
            .without_cause_chain()
            .with_context_lines(1);
        Self { handler }
    }

    /// A finding as text, with a line feed at its end.
    pub(crate) fn draw(&self, files: &Files, problem: &Diagnostic) -> String {
        let mut out = String::new();
        if self.handler.render_report(&mut out, &report(files, problem)).is_err() {
            // A place that cannot be shown is still a place that can be named.
            out = format!("{} {}: {}\n", problem.code().id(), files.place(problem.span()), problem.message());
        }
        out
    }
}

fn report<'a>(files: &'a Files, problem: &'a Diagnostic) -> Report<'a> {
    let home = problem.span().file;
    let own = |label: &&Label| label.span.file == home;
    let mut labels = vec![LabeledSpan::new_primary_with_span(
        Some(problem.primary().text.clone()).filter(|text| !text.is_empty()),
        place(problem.span()),
    )];
    labels.extend(problem.related_labels().iter().filter(own).map(secondary));
    let others = problem.related_labels().iter().filter(|label| label.span.file != home);
    let elsewhere = others.map(|label| Elsewhere {
        text: label.text.clone(),
        labels: vec![LabeledSpan::new_primary_with_span(None, place(label.span))],
        source: Lines(files.get(label.span.file)),
    });
    Report {
        problem,
        text: problem.message().to_owned(),
        severity: severity(problem.level()),
        labels,
        source: Lines(files.get(FileId(home.0))),
        elsewhere: elsewhere.collect(),
        help: help(problem),
    }
}

fn secondary(label: &Label) -> LabeledSpan {
    LabeledSpan::new_with_span(Some(label.text.clone()).filter(|text| !text.is_empty()), place(label.span))
}

fn place(span: Span) -> SourceSpan {
    (span.start as usize, span.len() as usize).into()
}

const fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Info => Severity::Advice,
    }
}

/// The way out, then the background.
fn help(problem: &Diagnostic) -> Option<String> {
    let help = problem.help_text().map(ToOwned::to_owned);
    let notes = problem.notes().iter().map(|note| format!("note: {note}"));
    let lines: Vec<String> = help.into_iter().chain(notes).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let (id, name) = (self.problem.code().id(), self.problem.code().name());
        Some(if id == name { Box::new(id) } else { Box::new(format!("{id} {name}")) })
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let all = self.elsewhere.iter().map(|place| place as &dyn miette::Diagnostic);
        (!self.elsewhere.is_empty()).then(|| Box::new(all) as Box<dyn Iterator<Item = _>>)
    }
}

impl fmt::Display for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Elsewhere<'_> {}

impl miette::Diagnostic for Elsewhere<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Lines<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (text, starts) = (self.0.text(), self.0.line_starts());
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        if span.offset().saturating_add(span.len()) > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let (first, own_start) = self.0.line_of(offset(span.offset()));
        let (last, _) = self.0.line_of(offset(span.offset() + span.len().saturating_sub(1)));
        let from = (first as usize).saturating_sub(before);
        let to = last as usize + after + 1;
        let start = starts.get(from).map_or(0, |start| *start as usize);
        let end = starts.get(to).map_or(text.len(), |end| *end as usize);
        let column = if before == 0 { span.offset().saturating_sub(own_start as usize) } else { 0 };
        let data = text.as_bytes().get(start..end).unwrap_or_default();
        let place = (start, end.saturating_sub(start)).into();
        let name = self.0.path().to_owned();
        let contents =
            MietteSpanContents::new_named(name, data, place, from, column, to.saturating_sub(from));
        Ok(Box::new(contents))
    }
}
