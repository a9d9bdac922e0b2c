//! A difference as text for a terminal: as wide as it is, with colours where it has them.
//!
//! Start with [`render`].

use crate::diff::Diff;
use crate::drift::Drift;
use crate::words::{self, Entry, Line, Section, Tone, headline, sections, summary};

/// How text is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether there are colours.
    pub color: bool,
}

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const ALARM: &str = "1;31";
const CARE: &str = "1;33";
const FAINT: &str = "2";

/// A difference as text.
pub fn render(diff: &Diff, style: Style) -> String {
    page(&headline(diff), &summary(diff), &sections(diff), style)
}

/// A drift as text.
pub fn render_drift(drift: &Drift, style: Style) -> String {
    let (headline, summary, sections) = words::of_drift(drift);
    page(&headline, &summary, &sections, style)
}

fn page(headline: &str, summary: &str, sections: &[Section], style: Style) -> String {
    let mut out = String::new();
    let paint = Painter { style };
    paint.wrapped(&mut out, 0, headline, BOLD);
    paint.wrapped(&mut out, 0, summary, "");
    for section in sections {
        out.push('\n');
        paint.section(&mut out, section);
    }
    out
}

struct Painter {
    style: Style,
}

impl Painter {
    fn section(&self, out: &mut String, section: &Section) {
        let color = match section.tone {
            Tone::Alarm => ALARM,
            Tone::Care => CARE,
            Tone::Plain => BOLD,
        };
        self.wrapped(out, 0, &section.title, color);
        for entry in &section.entries {
            self.entry(out, entry);
        }
    }

    fn entry(&self, out: &mut String, entry: &Entry) {
        self.wrapped(out, 2, &entry.head, "");
        for line in &entry.lines {
            match line {
                Line::Text(text) => self.wrapped(out, 4, text, ""),
                Line::Place(place) => self.wrapped(out, 4, place, FAINT),
                Line::Sign(sign, text) => {
                    let color = match sign {
                        '+' => GREEN,
                        '-' => RED,
                        _ => YELLOW,
                    };
                    // What is quoted keeps its blanks, and is cut rather than wrapped.
                    self.cut(out, 4, &format!("{sign} {text}"), color);
                }
                Line::Field(field) => {
                    let text = match (&field.before, &field.after) {
                        (Some(before), Some(after)) => {
                            format!(
                                "{}: {} → {}",
                                field.path,
                                self.painted(before, RED),
                                self.painted(after, GREEN)
                            )
                        }
                        (Some(before), None) => format!("{}: - {}", field.path, self.painted(before, RED)),
                        (None, Some(after)) => format!("{}: + {}", field.path, self.painted(after, GREEN)),
                        (None, None) => field.path.clone(),
                    };
                    self.wrapped(out, 4, &text, "");
                }
            }
        }
    }

    fn painted(&self, text: &str, color: &str) -> String {
        if self.style.color && !color.is_empty() {
            // Each word has its own colour, so that a line may break between them.
            let word = |word: &str| format!("\x1b[{color}m{word}\x1b[0m");
            text.split(' ').map(word).collect::<Vec<_>>().join(" ")
        } else {
            text.to_owned()
        }
    }

    /// Words of a text, in lines that are not too long; those after the first are further in.
    fn wrapped(&self, out: &mut String, indent: usize, text: &str, color: &str) {
        let text = self.painted(text, color);
        let mut used = 0;
        for (at, word) in text.split(' ').enumerate() {
            let len = visible(word);
            if at == 0 {
                out.push_str(&" ".repeat(indent));
                used = indent;
            } else if used + 1 + len > self.style.width && used > indent + 2 {
                out.push('\n');
                out.push_str(&" ".repeat(indent + 2));
                used = indent + 2;
            } else {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += len;
        }
        out.push('\n');
    }

    fn cut(&self, out: &mut String, indent: usize, text: &str, color: &str) {
        let room = self.style.width.saturating_sub(indent).max(10);
        let text = if text.chars().count() > room {
            let short: String = text.chars().take(room.saturating_sub(1)).collect();
            format!("{short}…")
        } else {
            text.to_owned()
        };
        out.push_str(&" ".repeat(indent));
        if self.style.color {
            out.push_str(&format!("\x1b[{color}m{text}\x1b[0m"));
        } else {
            out.push_str(&text);
        }
        out.push('\n');
    }
}

/// Columns of a word, colours aside.
fn visible(word: &str) -> usize {
    let mut n = 0;
    let mut in_color = false;
    for letter in word.chars() {
        match letter {
            '\x1b' => in_color = true,
            'm' if in_color => in_color = false,
            _ if in_color => {}
            _ => n += 1,
        }
    }
    n
}
