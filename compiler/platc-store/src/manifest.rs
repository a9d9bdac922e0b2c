//! `build.json`: what a build delivers, in bytes that have one form; and `SHA256SUMS` beside it.
//!
//! The form is JSON that any tool reads, one line for each file, sorted by the bytes of the path:
//!
//! ```text
//! {"format":"platc-build-1","files":[
//! {"path":"a.yaml","kind":"workload","target":"cluster:a","mode":"0644","size":3,"sha256":"…"},
//! {"path":"b.yaml","kind":"workload","target":"cluster:a","mode":"0644","size":5,"sha256":"…"}
//! ]}
//! ```
//!
//! The reader takes exactly the bytes that the writer gives, so equal manifests have equal ids and a
//! damaged file is never half understood. Not here: sources, verdicts or dates, which would change the
//! id without changing what is delivered. Start at [`Manifest`].

use std::fmt;
use std::io::Write as _;

use crate::names::ancestors;
use crate::{ArtifactPath, BuildId, Digest, Error, Kind, Mode, Result, Target};

/// The manifest's own name in a build.
pub(crate) const BUILD_JSON: &str = "build.json";
/// The list for coreutils.
pub(crate) const SUMS: &str = "SHA256SUMS";

const HEAD: &str = "{\"format\":\"platc-build-1\",\"files\":[\n";
const TAIL: &str = "]}\n";

/// One delivered file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Where it lies in the build.
    pub path: ArtifactPath,
    /// What it is.
    pub kind: Kind,
    /// Whom it is for.
    pub target: Target,
    /// Permission bits where it is delivered.
    pub mode: Mode,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, and the name of the object that holds them.
    pub digest: Digest,
}

/// What a build delivers. Sorted by path; no path is twice, or both a file and a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    entries: Vec<Entry>,
}

/// What is wrong with the bytes of a manifest, and in which line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadManifest {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for BadManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of a manifest: {}", self.line, self.reason)
    }
}

impl std::error::Error for BadManifest {}

impl Manifest {
    /// A manifest of these files, in whatever order they come.
    ///
    /// # Errors
    /// Where two have one path, one lies below another, or one has the name of the manifest itself.
    pub fn new(mut entries: Vec<Entry>) -> Result<Self> {
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        for pair in entries.windows(2) {
            if let [a, b] = pair
                && a.path == b.path
            {
                return Err(Error::Twice { path: a.path.clone() });
            }
        }
        let manifest = Self { entries };
        if let Some(entry) = [BUILD_JSON, SUMS].into_iter().find_map(|name| manifest.get(name)) {
            let rule = "`build.json` and `SHA256SUMS` are made from the manifest";
            return Err(Error::Misplaced { path: entry.path.clone(), rule });
        }
        if let Some((file, below)) = manifest.conflict() {
            return Err(Error::Conflict { file: file.clone(), below: below.clone() });
        }
        Ok(manifest)
    }

    /// The files, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file at `path`.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// The canonical bytes; their SHA-256 is the id.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD.len() + TAIL.len() + self.entries.len() * LINE_BYTES);
        out.extend_from_slice(HEAD.as_bytes());
        for (at, entry) in self.entries.iter().enumerate() {
            if at > 0 {
                out.extend_from_slice(b",\n");
            }
            write_line(&mut out, entry);
        }
        if !self.entries.is_empty() {
            out.push(b'\n');
        }
        out.extend_from_slice(TAIL.as_bytes());
        out
    }

    /// The id of the build that delivers this.
    pub fn id(&self) -> BuildId {
        BuildId::of(&self.to_bytes())
    }

    /// `SHA256SUMS`: a line for each file and for `build.json`, as `sha256sum` of coreutils writes and
    /// `sha256sum -c` reads it.
    pub fn sums(&self) -> Vec<u8> {
        self.sums_with(&self.id())
    }

    /// As [`sums`](Self::sums), for who has the id already.
    pub(crate) fn sums_with(&self, id: &BuildId) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.sums_size());
        let own = self.entries.partition_point(|entry| entry.path.as_str() < BUILD_JSON);
        let (before, after) = self.entries.split_at(own);
        for entry in before {
            write_sum(&mut out, &entry.digest, entry.path.as_str());
        }
        write_sum(&mut out, id.digest(), BUILD_JSON);
        for entry in after {
            write_sum(&mut out, &entry.digest, entry.path.as_str());
        }
        out
    }

    /// How long [`sums`](Self::sums) is; cheap, for a look at the file.
    pub(crate) fn sums_size(&self) -> usize {
        let paths = self.entries.iter().map(|entry| entry.path.as_str());
        paths.chain([BUILD_JSON]).map(sum_size).sum()
    }

    /// Every directory of the build except its root, parents before children.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &str> {
        self.first_in_directory().map(|(directory, _)| directory)
    }

    /// Reads canonical bytes, and nothing else: what is read is written with the same bytes again.
    ///
    /// # Errors
    /// The first line that [`to_bytes`](Self::to_bytes) would not write.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadManifest> {
        let bad = |line, reason| BadManifest { line, reason };
        let text = str::from_utf8(bytes).map_err(|_| bad(1, "not UTF-8"))?;
        let rest = text.strip_prefix(HEAD).ok_or(bad(1, "not the first line of a manifest"))?;
        let body = rest.strip_suffix(TAIL).ok_or(bad(1, "the last line is missing"))?;
        let mut entries: Vec<Entry> = Vec::with_capacity(body.len() / LINE_BYTES);
        if !body.is_empty() {
            let lines = body.strip_suffix('\n').ok_or(bad(1, "the last line is missing"))?;
            let mut words = Words::default();
            let mut lines = lines.split('\n').zip(2..).peekable();
            while let Some((line, number)) = lines.next() {
                // Each but the last ends with a comma.
                let line = if lines.peek().is_some() { line.strip_suffix(',') } else { Some(line) };
                let entry = line.and_then(|line| read_line(line, &mut words));
                let entry = entry.ok_or(bad(number, "not a file of a manifest"))?;
                if entries.last().is_some_and(|last| last.path >= entry.path) {
                    return Err(bad(number, "not in order"));
                }
                entries.push(entry);
            }
        }
        // What `new` refuses was never written; the order was just seen, so it does not sort again.
        Self::new(entries).map_err(|_| bad(1, "a path is both a file and a directory, or not a file's"))
    }

    fn conflict(&self) -> Option<(&ArtifactPath, &ArtifactPath)> {
        self.first_in_directory()
            .find_map(|(directory, entry)| self.get(directory).map(|file| (&file.path, &entry.path)))
    }

    /// Each directory with the first file in it. Paths with a common directory are neighbours, because
    /// they are sorted by bytes; so a directory is new where the file before is not in it.
    fn first_in_directory(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let before = std::iter::once("").chain(self.entries.iter().map(|entry| entry.path.as_str()));
        self.entries.iter().zip(before).flat_map(|(entry, before)| {
            let inside =
                |directory: &&str| before.strip_prefix(*directory).is_some_and(|rest| rest.starts_with('/'));
            ancestors(entry.path.as_str()).skip_while(inside).map(move |directory| (directory, entry))
        })
    }
}

/// What a line takes, about; only for reserving memory.
const LINE_BYTES: usize = 224;

fn write_line(out: &mut Vec<u8>, entry: &Entry) {
    out.extend_from_slice(b"{\"path\":\"");
    write_quoted(out, entry.path.as_str());
    out.extend_from_slice(b"\",\"kind\":\"");
    out.extend_from_slice(entry.kind.as_str().as_bytes());
    let Entry { target, mode, size, .. } = entry;
    let written = write!(out, "\",\"target\":\"{target}\",\"mode\":\"{mode}\",\"size\":{size},\"sha256\":\"");
    written.unwrap_or_else(|_| unreachable!("a vector takes every byte"));
    entry.digest.write_hex(out);
    out.extend_from_slice(b"\"}");
}

/// A path holds no control character, so these two are all that JSON wants escaped.
fn write_quoted(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

/// The words of the line before, which are often the same and then shared.
#[derive(Default)]
struct Words<'a> {
    kind: Option<(&'a str, Kind)>,
    target: Option<(&'a str, Target)>,
}

fn read_line<'a>(line: &'a str, words: &mut Words<'a>) -> Option<Entry> {
    let rest = line.strip_prefix("{\"path\":\"")?;
    let (path, rest) = read_quoted(rest)?;
    let (kind, rest) = read_plain(rest.strip_prefix("\",\"kind\":\"")?)?;
    let (target, rest) = read_plain(rest.strip_prefix("\",\"target\":\"")?)?;
    let (mode, rest) = read_plain(rest.strip_prefix("\",\"mode\":\"")?)?;
    let (size, rest) = rest.strip_prefix("\",\"size\":")?.split_once(',')?;
    let digest = rest.strip_prefix("\"sha256\":\"")?.strip_suffix("\"}")?;
    Some(Entry {
        path,
        kind: shared(&mut words.kind, kind, |kind| Kind::parse(kind).ok())?,
        target: shared(&mut words.target, target, |target| Target::parse(target).ok())?,
        mode: Mode::parse(mode).ok()?,
        size: read_number(size)?,
        digest: Digest::parse(digest).ok()?,
    })
}

fn shared<'a, T: Clone>(
    before: &mut Option<(&'a str, T)>,
    text: &'a str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    if let Some((_, word)) = before.as_ref().filter(|(before, _)| *before == text) {
        return Some(word.clone());
    }
    let (_, word) = before.insert((text, parse(text)?));
    Some(word.clone())
}

/// A word that needs no quoting, and what follows from its closing quote on.
fn read_plain(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(text.find('"')?)
}

/// A path up to its closing quote, and what follows from that quote on.
fn read_quoted(text: &str) -> Option<(ArtifactPath, &str)> {
    let end = text.find(['"', '\\'])?;
    let (plain, rest) = text.split_at_checked(end)?;
    if rest.starts_with('"') {
        return Some((ArtifactPath::parse(plain).ok()?, rest));
    }
    let mut path = plain.to_owned();
    let mut rest = rest.chars();
    loop {
        let from_here = rest.as_str();
        match rest.next()? {
            '"' => return Some((ArtifactPath::parse(&path).ok()?, from_here)),
            '\\' => path.push(rest.next().filter(|next| matches!(next, '"' | '\\'))?),
            plain => path.push(plain),
        }
    }
}

/// A number as the writer writes it: no sign, no zero in front.
fn read_number(text: &str) -> Option<u64> {
    let canonical = text == "0" || text.starts_with(|first: char| matches!(first, '1'..='9'));
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| text.parse().ok()).flatten()
}

/// The length of what [`write_sum`] writes.
fn sum_size(path: &str) -> usize {
    let escapes = path.bytes().filter(|byte| *byte == b'\\').count();
    let marks = escapes + usize::from(escapes > 0);
    "\n".len() + "  ".len() + 2 * size_of::<Digest>() + path.len() + marks
}

/// A line of `sha256sum`. A name with a backslash is written with two, and the line then begins with
/// one; so says its manual, and so does `sha256sum -c` expect it. (The other two characters that it
/// escapes, line feed and carriage return, are in no path of ours.)
pub(crate) fn write_sum(out: &mut Vec<u8>, digest: &Digest, path: &str) {
    let escaped = path.contains('\\');
    if escaped {
        out.push(b'\\');
    }
    digest.write_hex(out);
    out.extend_from_slice(b"  ");
    if escaped {
        out.extend_from_slice(path.replace('\\', "\\\\").as_bytes());
    } else {
        out.extend_from_slice(path.as_bytes());
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry {
            path: ArtifactPath::parse(path).unwrap(),
            kind: Kind::parse("text").unwrap(),
            target: Target::Platform,
            mode: Mode::FILE,
            size: 3,
            digest: Digest::of(b"abc"),
        }
    }

    fn manifest(paths: &[&str]) -> Result<Manifest> {
        Manifest::new(paths.iter().map(|path| entry(path)).collect())
    }

    #[test]
    fn the_bytes_are_these() {
        let abc = Digest::of(b"abc");
        let bytes = manifest(&["b\\c", "a\"b"]).unwrap().to_bytes();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            format!(
                "{{\"format\":\"platc-build-1\",\"files\":[\n\
                 {{\"path\":\"a\\\"b\",\"kind\":\"text\",\"target\":\"platform\",\"mode\":\"0644\",\"size\":3,\"sha256\":\"{abc}\"}},\n\
                 {{\"path\":\"b\\\\c\",\"kind\":\"text\",\"target\":\"platform\",\"mode\":\"0644\",\"size\":3,\"sha256\":\"{abc}\"}}\n\
                 ]}}\n"
            )
        );
        assert_eq!(manifest(&[]).unwrap().to_bytes(), b"{\"format\":\"platc-build-1\",\"files\":[\n]}\n");
    }

    #[test]
    fn a_path_is_one_thing() {
        assert!(matches!(manifest(&["a", "a"]), Err(Error::Twice { .. })));
        assert!(matches!(manifest(&["a/b", "a-b", "a"]), Err(Error::Conflict { .. })));
        assert!(matches!(manifest(&["a", "a/b/c/d", "a0"]), Err(Error::Conflict { .. })));
        assert!(matches!(manifest(&["x/y", "x/y/z"]), Err(Error::Conflict { .. })));
        assert!(matches!(manifest(&[BUILD_JSON]), Err(Error::Misplaced { .. })));
        assert!(matches!(manifest(&[SUMS]), Err(Error::Misplaced { .. })));
        assert!(manifest(&["a-b/x", "a/x", "a0/x", "x/build.json"]).is_ok());
    }

    #[test]
    fn directories_come_once_and_parents_first() {
        let manifest = manifest(&["a/b/c/1", "a/b/c/2", "a/b-/3", "a/4", "ab/5", "6", "a/b/d/7"]).unwrap();
        let directories: Vec<&str> = manifest.directories().collect();
        assert_eq!(directories, ["a", "a/b-", "a/b", "a/b/c", "a/b/d", "ab"]);
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        let right = String::from_utf8(manifest(&["a", "b"]).unwrap().to_bytes()).unwrap();
        assert!(Manifest::parse(right.as_bytes()).is_ok());
        let no = |text: String| assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        no(right.replace(":3,", ":03,"));
        no(right.replace(":3,", ":+3,"));
        no(right.replace(":3,", ": 3,"));
        no(right.replace(":3,", ":99999999999999999999,"));
        no(right.replace("0644", "644"));
        no(right.replace("\"a\"", "\"\\u0061\""));
        no(right.replace("\"a\"", "\"\\a\""));
        no(right.replace("\"a\"", "\"c\""));
        no(right.replace("\"a\"", "\"b\""));
        no(right.replace("\"a\"", "\"b/c\""));
        no(right.replace("\"a\"", "\"SHA256SUMS\""));
        no(right.replace(",\n", ", \n"));
        no(right.replace('\n', "\r\n"));
        no(format!("{right} "));
        no(right.replace("]}\n", "]}"));
        no(right.replace("platc-build-1", "platc-build-2"));
    }

    #[test]
    fn sums_list_the_manifest_in_its_place() {
        let manifest = manifest(&["a", "b\\x", "z"]).unwrap();
        let abc = Digest::of(b"abc");
        let id = manifest.id();
        let sums = String::from_utf8(manifest.sums()).unwrap();
        assert_eq!(sums.len(), manifest.sums_size());
        assert_eq!(sums, format!("{abc}  a\n\\{abc}  b\\\\x\n{id}  build.json\n{abc}  z\n"));
    }
}
