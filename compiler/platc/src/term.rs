//! The terminal: where data and talk go, how wide it is, and whether it has colours.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use crate::cli::{Color, Global};

/// Columns where nothing says otherwise: a pipe, a log of CI.
const WIDTH: usize = 100;
/// Columns beyond which text is hard to read.
const WIDTH_MAX: usize = 120;
/// Columns below which nothing can be laid out.
const WIDTH_MIN: usize = 40;

/// What is known of the terminal.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// Columns to lay out for.
    pub(crate) width: usize,
    /// Whether stderr shows colours.
    pub(crate) color: bool,
    /// Whether stdout does.
    pub(crate) data_color: bool,
    /// Columns of stdout.
    pub(crate) data_width: usize,
    quiet: bool,
}

/// Trouble outside of the platform: what it is, and the way out.
#[derive(Debug)]
pub(crate) struct Trouble {
    what: String,
    help: Option<String>,
}

impl Trouble {
    /// Something that could not be done.
    pub(crate) fn new(what: impl Display) -> Self {
        Self { what: what.to_string(), help: None }
    }

    /// Says the way out.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let help = self.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        write!(f, "{}{help}", self.what)
    }
}

impl Term {
    /// As the options, the environment and the system say.
    pub(crate) fn new(global: &Global) -> Self {
        let colors = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && wants_colors(),
        };
        Self {
            width: width(io::stderr()),
            color: colors(io::stderr().is_terminal()),
            data_color: colors(io::stdout().is_terminal()),
            data_width: width(io::stdout()),
            quiet: global.quiet,
        }
    }

    /// A line for somebody who waits; none in a pipe, or where it was asked to say no more than it must.
    pub(crate) fn status(&self) -> Option<Status> {
        (!self.quiet && io::stderr().is_terminal()).then(|| Status(()))
    }

    /// Says something on stderr, unless asked to be quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Says on stderr what is wrong outside.
    pub(crate) fn trouble(&self, trouble: &Trouble) {
        let (on, off) = if self.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let help = trouble.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
        talk(&format!("{on}error{off}: {}{help}", trouble.what));
    }
}

/// A line on the terminal that each drawing replaces. It is wiped off when this is dropped.
#[derive(Debug)]
pub(crate) struct Status(());

impl Status {
    pub(crate) fn draw(&self, text: &str) {
        // Nobody is left to tell where this fails.
        let _ = write!(io::stderr().lock(), "\r\x1b[K{text}");
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.draw("");
    }
}

/// Says something on stderr.
pub(crate) fn talk(text: &str) {
    // Nobody is left to tell where this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes data to stdout. Gives `false` where whoever read it has gone: `platc build --stream | head`.
pub(crate) fn data(bytes: &[u8]) -> Result<bool, Trouble> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Trouble::new(format!("cannot write to stdout: {error}"))),
    }
}

#[expect(clippy::disallowed_methods, reason = "colours are the binary's business and no input of a build")]
fn wants_colors() -> bool {
    let none = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    !none && !dumb
}

fn width(stream: impl std::os::fd::AsFd) -> usize {
    let known = rustix::termios::tcgetwinsize(stream).ok().map(|size| usize::from(size.ws_col));
    known.filter(|width| *width > 0).unwrap_or(WIDTH).clamp(WIDTH_MIN, WIDTH_MAX)
}
