//! Documents by the names that a client gives them, and the paths that we know them under.
//!
//! Start with [`to_path`] and [`of_path`].

use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// The scheme of the standard library's files, which are on no disk.
pub(crate) const STDLIB_SCHEME: &str = "platc-stdlib";
/// Directory under which documents lie that are on no disk: `untitled:1` is `/\u{0}untitled/1`, which no
/// real path can be.
const NOWHERE: &str = "/\0";

/// The path of a document.
pub(crate) fn to_path(uri: &str) -> PathBuf {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("file", uri));
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let decoded = percent_decoded(rest);
    if scheme.eq_ignore_ascii_case("file") {
        let path = decoded.strip_prefix("//").map_or(decoded.as_str(), |authority| {
            authority.find('/').and_then(|at| authority.get(at..)).unwrap_or("/")
        });
        return platc_driver::world::normal(Path::new(path));
    }
    // Only what is called so is a source.
    let source = if decoded.ends_with(".kdl") { "" } else { ".kdl" };
    PathBuf::from(format!("{NOWHERE}{scheme}/{}{source}", decoded.trim_start_matches('/')))
}

/// The name of a path for a client.
pub(crate) fn of_path(path: &Path) -> Option<Uri> {
    let text = path.to_str()?;
    let written = match text.strip_prefix(NOWHERE).and_then(|rest| rest.split_once('/')) {
        Some((scheme, rest)) => format!("{scheme}:{}", percent_encoded(rest)),
        None => format!("file://{}{}", if text.starts_with('/') { "" } else { "/" }, percent_encoded(text)),
    };
    written.parse().ok()
}

/// The name of a file of the standard library, by the path that it is shown under.
pub(crate) fn of_stdlib(shown: &str) -> Option<Uri> {
    format!("{STDLIB_SCHEME}:/{}", percent_encoded(shown)).parse().ok()
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = (*byte == b'%').then(|| after.get(..2)).flatten();
        let decoded = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(decoded.unwrap_or(*byte));
        rest = if decoded.is_some() { after.get(2..).unwrap_or(&[]) } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names_are_each_others() {
        for path in ["/p/platform.kdl", "/my p/ü#1?.kdl", "/100%/x.kdl"] {
            let uri = of_path(Path::new(path)).unwrap();
            assert_eq!(to_path(uri.as_str()), Path::new(path), "{}", uri.as_str());
        }
        assert_eq!(to_path("file://host/p/../q/a%20b.kdl"), Path::new("/q/a b.kdl"));
        // The client's own name of it is kept beside the document.
        let untitled = to_path("untitled:Untitled-1");
        assert_eq!(of_path(&untitled).unwrap().as_str(), "untitled:Untitled-1.kdl");
    }
}
