//! What `push`, `pull` and `fetch` share: logins, progress, and how trouble with a registry is told.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use platc_diag::{Diagnostic, File, Files, Span};
use platc_remote::{Credentials, Error, Progress, Reference, Refusal, TRUST_FILE, Trust};
use platc_store::Tally;

use crate::cli::Format;
use crate::exit::Exit;
use crate::show;
use crate::term::{Status, Term, Trouble};

/// Between two drawings; more often nobody can read.
const REDRAW: Duration = Duration::from_millis(100);

/// Reads a reference.
pub(super) fn reference(text: &str) -> Result<Reference, Trouble> {
    Reference::parse(text)
        .map_err(|error| Trouble::new(error).help("write it as `oci://registry.example/NAME:TAG`"))
}

/// Where `docker login` keeps what it knows.
pub(super) fn credentials() -> Credentials {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let docker_config = set("DOCKER_CONFIG").or_else(|| set("HOME").map(|home| home.join(".docker")));
    Credentials { docker_config }
}

/// Whom a platform trusts: the file that was named, or that of the platform in `root`. Without one, nobody asks
/// for signatures.
#[expect(
    clippy::disallowed_methods,
    reason = "the file is read for this command alone, and is no input of a build"
)]
pub(super) fn trust(named: Option<&Path>, root: Option<&Path>) -> Result<Option<Trust>, Error> {
    let path = match (named, root) {
        (Some(named), _) => named.to_owned(),
        (None, Some(root)) => root.join(TRUST_FILE),
        (None, None) => return Ok(None),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Trust::parse(&super::shown(&path), &text)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(source) => Err(Error::Io { action: "read", path, source }),
    }
}

/// How a command ends that did not get what it wanted.
pub(super) fn failed(term: &Term, error: Error) -> Result<Exit, Trouble> {
    let trouble = match error {
        Error::Refused(refusal) => return refused(term, &refusal),
        Error::Store(error) => super::store_trouble(&error),
        error => {
            let help = match &error {
                Error::Denied { registry, .. } => {
                    Some(format!("`docker login {registry}` logs in, for platc too"))
                }
                Error::Tls { .. } => Some(
                    "only a registry on this machine is spoken to without TLS; the certificates that the system trusts, \
                     or those in the file that `SSL_CERT_FILE` names, must have the registry's authority"
                        .to_owned(),
                ),
                Error::NotFound { .. } => Some("`platc push` puts a build there".to_owned()),
                Error::Http { .. } => Some("what was moved stays; run it again".to_owned()),
                _ => None,
            };
            match help {
                Some(help) => Trouble::new(error).help(help),
                None => Trouble::new(error),
            }
        }
    };
    Err(trouble)
}

/// Shows a finding on something that is no source.
pub(super) fn refused(term: &Term, refusal: &Refusal) -> Result<Exit, Trouble> {
    let mut files = Files::default();
    let (text, range) = refusal.source.clone().unwrap_or_default();
    let file = files.add(File::new(refusal.subject.as_str(), text));
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let span = Span::new(file, at(range.start), at(range.end));
    let problem = Diagnostic::new(refusal.code, span, refusal.message.as_str()).help(refusal.help);
    show::findings(term, Format::Human, &files, &[problem])?;
    Ok(Exit::Found)
}

/// `3 files (12 KiB)`.
pub(super) fn told(tally: Tally, what: &str) -> String {
    let plural = if tally.files == 1 { "" } else { "s" };
    format!("{} {what}{plural} ({} KiB)", tally.files, tally.bytes.div_ceil(1024))
}

/// A line on the terminal that says how far it is; nothing in a pipe.
pub(super) struct Bar {
    what: &'static str,
    status: Option<Status>,
    total: AtomicU64,
    done: AtomicU64,
    drawn: Mutex<Option<Instant>>,
}

impl Bar {
    pub(super) fn new(what: &'static str, term: &Term) -> Self {
        let (total, done) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { what, status: term.status(), total, done, drawn: Mutex::default() }
    }

    #[expect(clippy::disallowed_methods, reason = "a terminal is for people, who have clocks")]
    fn draw(&self) {
        let Some(status) = &self.status else { return };
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.is_some_and(|at| at.elapsed() < REDRAW) {
            return;
        }
        *drawn = Some(Instant::now());
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        status.draw(&line(self.what, done, total));
    }
}

impl Progress for Bar {
    fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
        self.draw();
    }

    fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
        self.draw();
    }
}

/// `pushing [########------------]  12 of 30 KiB`.
fn line(what: &str, done: u64, total: u64) -> String {
    const CELLS: u64 = 24;
    let full = usize::try_from((done.min(total) * CELLS).checked_div(total).unwrap_or(0)).unwrap_or(0);
    let cells = usize::try_from(CELLS).unwrap_or(0);
    let (full, rest) = ("#".repeat(full), "-".repeat(cells.saturating_sub(full)));
    format!("{what} [{full}{rest}] {:>8} of {} KiB", done.div_ceil(1024), total.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_bar_fills_from_left_to_right() {
        assert_eq!(line("pulling", 0, 0), "pulling [------------------------]        0 of 0 KiB");
        assert_eq!(line("pulling", 512, 1024), "pulling [############------------]        1 of 1 KiB");
        assert_eq!(line("pulling", 9, 3), "pulling [########################]        1 of 1 KiB");
    }
}
