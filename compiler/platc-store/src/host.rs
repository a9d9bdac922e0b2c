//! A host's two files: `MANIFEST`, what must lie on the host and how, and `ROOT`, one hash over it.
//!
//! `MANIFEST` has a line for each file, sorted by the bytes of the path, five fields with a tab between:
//!
//! ```text
//! /etc/hosts <tab> 0644 <tab> root:root <tab> <sha256> <tab> -
//! /etc/kubernetes/kubelet.yaml <tab> 0600 <tab> root:root <tab> <sha256> <tab> kubelet.service
//! ```
//!
//! The last field names what to restart when the file changes, with commas between, or is `-`. There are
//! no tabs or line feeds in a path, so `cut -f`, `awk -F'\t'`, `IFS="$(printf '\t')" read -r` and
//! Ansible's `split('\t')` take it apart without exceptions.
//!
//! `ROOT` is a line with the SHA-256 of what the host itself can say of those files: their `sha256sum`
//! lines and then their modes and owners. [`ROOT_PIPELINE`] computes it with standard tools; equal means
//! that every file is there with the right bytes, mode and owner. What to restart is not in it.
//!
//! Not here: comparing with what a host reports; that is a later command's. Start at [`HostManifest`].

use std::io::Write as _;

use crate::manifest::write_sum;
use crate::{Digest, Mode, Owner, Unit};

/// The name of a host's list in its directory of the build.
pub const MANIFEST: &str = "MANIFEST";
/// The name of the file with the one hash.
pub const ROOT: &str = "ROOT";

/// Prints the `ROOT` of what lies below the current directory: `/` on the host, `rootfs` in a build
/// that was unpacked with its modes. `$MANIFEST` is the host's list. POSIX shell with GNU or busybox
/// tools; a file that is missing is told on stderr and gives another hash.
pub const ROOT_PIPELINE: &str = r#"files() { cut -f 1 "$MANIFEST" | sed 's/^/./' | tr '\n' '\0'; }
{ files | xargs -0 -r sha256sum --; files | xargs -0 -r stat -c '%a %U:%G %n' --; } | sha256sum | cut -d ' ' -f 1"#;

/// What must lie on one host. Sorted by path, no path twice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HostManifest {
    lines: Vec<HostLine>,
}

/// One file of a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostLine {
    /// Where it lies on the host, absolute.
    pub path: Box<str>,
    /// Its permission bits.
    pub mode: Mode,
    /// Its owner.
    pub owner: Owner,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// What to restart when it changes, in this order.
    pub restart: Vec<Unit>,
}

impl HostManifest {
    /// A list of these files, in whatever order they come.
    pub(crate) fn new(mut lines: Vec<HostLine>) -> Self {
        lines.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Self { lines }
    }

    /// The files, sorted by path.
    pub fn lines(&self) -> &[HostLine] {
        &self.lines
    }

    /// The bytes of `MANIFEST`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for HostLine { path, mode, owner, digest, restart } in &self.lines {
            let units: Vec<&str> = restart.iter().map(Unit::as_str).collect();
            let units = if units.is_empty() { NOTHING.to_owned() } else { units.join(",") };
            writeln!(out, "{path}\t{mode}\t{owner}\t{digest}\t{units}")
                .unwrap_or_else(|_| unreachable!("a vector takes every byte"));
        }
        out
    }

    /// Reads a `MANIFEST`.
    ///
    /// # Errors
    /// The number of the first line, from 1, that is not what [`to_bytes`](Self::to_bytes) writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, usize> {
        let text = str::from_utf8(bytes).map_err(|_| 1_usize)?;
        let mut lines: Vec<HostLine> = Vec::new();
        for (at, line) in text.split_inclusive('\n').enumerate() {
            let line = read_line(line).ok_or(at + 1)?;
            if lines.last().is_some_and(|last| last.path >= line.path) {
                return Err(at + 1);
            }
            lines.push(line);
        }
        Ok(Self { lines })
    }

    /// The one hash: what [`ROOT_PIPELINE`] prints where all is as it should be.
    pub fn root(&self) -> Digest {
        let mut said = Vec::new();
        for line in &self.lines {
            write_sum(&mut said, &line.digest, &line.below_root());
        }
        for line in &self.lines {
            writeln!(said, "{:o} {} {}", line.mode.bits(), line.owner, line.below_root())
                .unwrap_or_else(|_| unreachable!("a vector takes every byte"));
        }
        Digest::of(&said)
    }

    /// The bytes of `ROOT`.
    pub fn root_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.root().write_hex(&mut out);
        out.push(b'\n');
        out
    }
}

/// What stands where nothing is to be restarted.
const NOTHING: &str = "-";

impl HostLine {
    /// `./etc/hosts`: relative, so that the pipeline runs in a tree as well, and never an option.
    fn below_root(&self) -> String {
        format!(".{}", self.path)
    }
}

fn read_line(line: &str) -> Option<HostLine> {
    let mut fields = line.strip_suffix('\n')?.split('\t');
    let path = fields.next().filter(|path| path.starts_with('/'))?;
    let mode = Mode::parse(fields.next()?).ok()?;
    let owner = Owner::parse(fields.next()?).ok()?;
    let digest = Digest::parse(fields.next()?).ok()?;
    let restart = match fields.next()? {
        NOTHING => Vec::new(),
        units => units.split(',').map(|unit| Unit::parse(unit).ok()).collect::<Option<_>>()?,
    };
    fields.next().is_none().then(|| HostLine { path: path.into(), mode, owner, digest, restart })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, restart: &[&str]) -> HostLine {
        HostLine {
            path: path.into(),
            mode: Mode::FILE,
            owner: Owner::parse("root:root").unwrap(),
            digest: Digest::of(b"abc"),
            restart: restart.iter().map(|unit| Unit::parse(unit).unwrap()).collect(),
        }
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let list = HostManifest::new(vec![
            line("/etc/with blank", &["a.service", "b\\x2d.timer"]),
            line("/etc/a\\x2d", &[]),
        ]);
        let bytes = list.to_bytes();
        let abc = Digest::of(b"abc");
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            format!(
                "/etc/a\\x2d\t0644\troot:root\t{abc}\t-\n\
                 /etc/with blank\t0644\troot:root\t{abc}\ta.service,b\\x2d.timer\n"
            )
        );
        assert_eq!(HostManifest::parse(&bytes), Ok(list));
        assert_eq!(HostManifest::parse(b""), Ok(HostManifest::default()));
    }

    #[test]
    fn the_first_wrong_line_is_told() {
        let good = HostManifest::new(vec![line("/a", &[]), line("/b", &[])]).to_bytes();
        let good = String::from_utf8(good).unwrap();
        for (wrong, at) in [
            (good.replace("/b", "b"), 2),
            (good.replace("/a", "/c"), 2),
            (good.replace("0644", "644"), 1),
            (good.replace("\t-\n", "\t\n"), 1),
            (good.replace("\t-\n", "\n"), 1),
            (good.replace("\t-\n", "\t-\t-\n"), 1),
            (good[..good.len() - 1].to_owned(), 2),
        ] {
            assert_eq!(HostManifest::parse(wrong.as_bytes()), Err(at), "{wrong}");
        }
    }
}
