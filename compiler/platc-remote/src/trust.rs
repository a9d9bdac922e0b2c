//! Whose signatures count: `allowed_signers` of OpenSSH, beside `platform.kdl`.
//!
//! A line names people, what their signatures are good for, from when to when, and their key. A platform that
//! has the file demands signatures; one that has a line for builds only (`namespaces="platc-build"`) demands
//! them of builds. Dates without a `Z` are taken as UTC, for a verdict must not depend on the machine. Lines
//! with `cert-authority` are refused: platc knows no certificates, and passing over a line would be guessing.
//!
//! Start at [`Trust::parse`].

use platc_diag::codes;
use platc_store::Timestamp;
use ssh_key::PublicKey;

use crate::signature::{Purpose, Signature};
use crate::{Refusal, Result};

/// The name of the file, beside `platform.kdl`.
pub const TRUST_FILE: &str = "allowed_signers";

/// Who may sign what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    path: String,
    lines: Vec<Line>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Line {
    principal: String,
    /// None: good for everything.
    namespaces: Option<Vec<String>>,
    after: Option<String>,
    before: Option<String>,
    key: PublicKey,
}

impl Trust {
    /// Reads the file. `path` is how it is shown.
    ///
    /// # Errors
    /// The first line that says nothing sensible.
    pub fn parse(path: &str, text: &str) -> Result<Self, Refusal> {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                lines.push(read_line(trimmed).map_err(|message| Refusal {
                    code: codes::E0835,
                    subject: path.to_owned(),
                    message,
                    help: "a line is `PRINCIPAL [namespaces=\"platc-build\"] KEYTYPE KEY`, as in ssh-keygen(1)",
                    source: Some((text.to_owned(), start..start + line.trim_end().len())),
                })?);
            }
            start += line.len();
        }
        Ok(Self { path: path.to_owned(), lines })
    }

    /// Whether somebody may sign this, so that it has to be signed.
    pub fn demands(&self, purpose: Purpose) -> bool {
        self.lines.iter().any(|line| line.admits(purpose))
    }

    /// Who signed these bytes: the first of the signatures that counts. `subject` is what is shown.
    ///
    /// # Errors
    /// `E0832` without a signature, `E0833` where none is by somebody who may, `E0834` where one is by
    /// somebody who may and does not hold.
    pub fn signer(
        &self,
        purpose: Purpose,
        bytes: &[u8],
        signatures: &[Vec<u8>],
        now: &Timestamp,
        subject: &str,
    ) -> Result<&str, Refusal> {
        let refuse = |code, message: String, help| Refusal {
            code,
            subject: subject.to_owned(),
            message,
            help,
            source: None,
        };
        if signatures.is_empty() {
            let message = format!("nobody has signed this, and `{}` demands it", self.path);
            return Err(refuse(codes::E0832, message, "`platc sign` signs it; push it again then"));
        }
        let now = digits(now.as_str());
        let mut strangers = Vec::new();
        for text in signatures {
            let broken = |reason: &str| {
                refuse(
                    codes::E0834,
                    format!("a signature does not hold: {reason}"),
                    "what was signed is not what is here; sign it again where it was made",
                )
            };
            let signature = Signature::parse(text).map_err(|reason| broken(&reason))?;
            let fingerprint = signature.fingerprint();
            if !signature.holds(purpose, bytes) {
                return Err(broken(&format!(
                    "it is by the key {fingerprint}, for other bytes or another purpose"
                )));
            }
            let line = self.lines.iter().find(|line| {
                line.key.key_data() == signature.key() && line.admits(purpose) && line.holds_at(&now)
            });
            match line {
                Some(line) => return Ok(&line.principal),
                None => strangers.push(fingerprint),
            }
        }
        let message = format!(
            "it is signed by {}, and `{}` has no line for that key, purpose and time",
            strangers.join(" and "),
            self.path
        );
        Err(refuse(
            codes::E0833,
            message,
            "have somebody sign it who may, or add the key to the file if it is known to you",
        ))
    }
}

impl Line {
    fn admits(&self, purpose: Purpose) -> bool {
        self.namespaces
            .as_ref()
            .is_none_or(|all| all.iter().any(|pattern| matches(pattern, purpose.namespace())))
    }

    fn holds_at(&self, now: &str) -> bool {
        self.after.as_deref().is_none_or(|after| now >= after)
            && self.before.as_deref().is_none_or(|before| now < before)
    }
}

/// Reads a line that is neither empty nor a comment.
fn read_line(text: &str) -> Result<Line, String> {
    let (principals, rest) = word(text).ok_or("it has no principal")?;
    let principals = principals.trim_matches('"');
    let mut line = Line {
        principal: principals.to_owned(),
        namespaces: None,
        after: None,
        before: None,
        key: key_of(rest)?,
    };
    let (first, _) = word(rest).ok_or("it has no key")?;
    if is_key_type(first) {
        return Ok(line);
    }
    for option in split_options(first) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => {
                line.namespaces = Some(value.split(',').map(|one| one.trim().to_owned()).collect());
            }
            "valid-after" => line.after = Some(moment(value)?),
            "valid-before" => line.before = Some(moment(value)?),
            "cert-authority" => return Err("platc knows no certificates; name the key itself".to_owned()),
            _ => return Err(format!("`{name}` is no option of this file")),
        }
    }
    Ok(line)
}

/// The key of a line, behind its options.
fn key_of(rest: &str) -> Result<PublicKey, String> {
    let (first, after) = word(rest).ok_or("it has no key")?;
    let key = if is_key_type(first) { rest } else { after };
    let (kind, _) = word(key).ok_or("it has no key")?;
    if is_key_type(kind) && !kind.contains("ed25519") {
        return Err(format!(
            "`{kind}` is a kind of key whose signatures platc cannot check; it checks those of Ed25519"
        ));
    }
    PublicKey::from_openssh(key.trim()).map_err(|error| format!("its key cannot be read: {error}"))
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|prefix| word.starts_with(prefix)) && !word.contains('=')
}

/// The first word, where quotes hold blanks together, and the rest.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        !quoted && c.is_whitespace()
    });
    let (word, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    (!word.is_empty()).then_some((word, rest.trim_start()))
}

/// Options are separated by commas that are in no quotes.
fn split_options(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        !quoted && c == ','
    })
    .collect()
}

/// `YYYYMMDD[HHMM[SS]][Z]` as fourteen digits, which compare like times.
fn moment(text: &str) -> Result<String, String> {
    let digits = text.trim_end_matches(['Z', 'z']);
    let fine = matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fine {
        Ok(format!("{digits:0<14}"))
    } else {
        Err(format!("`{text}` is no time: write YYYYMMDD or YYYYMMDDHHMMSS, in UTC"))
    }
}

/// The fourteen digits of a time by RFC 3339 in UTC.
fn digits(timestamp: &str) -> String {
    timestamp.chars().filter(char::is_ascii_digit).take(14).collect()
}

/// Patterns of OpenSSH: `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = pattern.get(1..).unwrap_or_default();
            (0..=text.len()).filter_map(|at| text.get(at..)).any(|tail| matches(rest, tail))
        }
        Some(first) => {
            let mut left = text.chars();
            left.next().is_some_and(|c| first == '?' || first == c)
                && matches(pattern.get(first.len_utf8()..).unwrap_or_default(), left.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti a comment";

    fn trust(text: &str) -> Result<Trust, Refusal> {
        Trust::parse(TRUST_FILE, text)
    }

    #[test]
    fn lines_are_read_as_ssh_keygen_reads_them() {
        let text = format!(
            "# who may\n\n*@a.example {KEY}\n\"b c\" namespaces=\"platc-build,git\",valid-after=\"20260101\" {KEY}\n\
             c namespaces=\"other\" {KEY}\nd valid-before=202601021530Z {KEY}\n"
        );
        let trust = trust(&text).unwrap();
        let names: Vec<&str> = trust.lines.iter().map(|line| line.principal.as_str()).collect();
        assert_eq!(names, ["*@a.example", "b c", "c", "d"]);
        assert_eq!(trust.lines[1].after.as_deref(), Some("20260101000000"));
        assert_eq!(trust.lines[3].before.as_deref(), Some("20260102153000"));
        let builds: Vec<bool> = trust.lines.iter().map(|line| line.admits(Purpose::Build)).collect();
        assert_eq!(builds, [true, true, false, true]);
        assert!(trust.lines[3].holds_at("20260102152959") && !trust.lines[3].holds_at("20260102153000"));
        assert!(trust.lines[1].holds_at("20260101000000") && !trust.lines[1].holds_at("20251231235959"));
    }

    #[test]
    fn a_line_that_says_nothing_sensible_is_named() {
        for (line, part) in [
            ("me", "no key"),
            ("me ssh-ed25519 AAAA", "cannot be read"),
            ("me ecdsa-sha2-nistp256 AAAA", "Ed25519"),
            (&format!("me cert-authority {KEY}"), "certificates"),
            (&format!("me colour=\"red\" {KEY}"), "`colour`"),
            (&format!("me valid-after=\"tomorrow\" {KEY}"), "`tomorrow`"),
        ] {
            let refusal = trust(&format!("# first\n{line}\n")).unwrap_err();
            assert!(refusal.message.contains(part), "{line}: {}", refusal.message);
            let (text, span) = refusal.source.unwrap();
            assert_eq!(&text[span], line);
        }
    }

    #[test]
    fn a_file_demands_what_somebody_may_sign() {
        let builds = trust(&format!("me namespaces=\"platc-b*\" {KEY}\n")).unwrap();
        assert!(builds.demands(Purpose::Build) && !builds.demands(Purpose::Plugin));
        assert!(!trust("# nobody\n").unwrap().demands(Purpose::Build));
    }

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
