//! A difference as Markdown, for a pull request.
//!
//! Start with [`render`].

use std::fmt::Write as _;

use crate::diff::Diff;
use crate::drift::Drift;
use crate::words::{self, Line, Section, Tone, headline, sections, summary};

/// A difference as Markdown.
pub fn render(diff: &Diff) -> String {
    page(&headline(diff), &summary(diff), &sections(diff))
}

/// A drift as Markdown.
pub fn render_drift(drift: &Drift) -> String {
    let (headline, summary, sections) = words::of_drift(drift);
    page(&headline, &summary, &sections)
}

fn page(headline: &str, summary: &str, sections: &[Section]) -> String {
    let mut out = String::new();
    let _ = write!(out, "### {}\n\n{}\n", escaped(headline), escaped(summary));
    for section in sections {
        let mark = match section.tone {
            Tone::Alarm => "⚠ ",
            Tone::Care | Tone::Plain => "",
        };
        let _ = write!(out, "\n#### {mark}{}\n\n", escaped(&section.title));
        for entry in &section.entries {
            let _ = writeln!(out, "- **{}**", escaped(&entry.head));
            let mut quoted = false;
            for line in &entry.lines {
                let is_quote = matches!(line, Line::Sign(..));
                if is_quote != quoted {
                    // A fence closes what it opened, inside the list's entry.
                    let _ = writeln!(out, "{}", if is_quote { "  ```diff" } else { "  ```" });
                    quoted = is_quote;
                }
                let _ = writeln!(out, "  {}", in_markdown(line));
            }
            if quoted {
                let _ = writeln!(out, "  ```");
            }
        }
    }
    out
}

fn in_markdown(line: &Line) -> String {
    match line {
        Line::Text(text) => format!("- {}", escaped(text)),
        Line::Place(place) => format!("- {}", code(place)),
        Line::Sign(sign, text) => format!("{sign} {text}"),
        Line::Field(field) => {
            let path = code(&field.path);
            match (&field.before, &field.after) {
                (Some(before), Some(after)) => format!("- {path}: {} → {}", code(before), code(after)),
                (Some(before), None) => format!("- {path}: no longer {}", code(before)),
                (None, Some(after)) => format!("- {path}: new {}", code(after)),
                (None, None) => format!("- {path}"),
            }
        }
    }
}

/// A text as code: with more backticks around it than in it.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for letter in text.chars() {
        in_code ^= letter == '`';
        if !in_code && matches!(letter, '*' | '_' | '<' | '>' | '|' | '[' | ']' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
