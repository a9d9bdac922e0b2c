//! [`Reference`]: `oci://registry/name:tag@sha256:…`, read the way Docker reads it.
//!
//! Not here: asking for it. Start at [`Reference::parse`].

use std::fmt;

use platc_store::Digest;

use crate::{Error, Result};

/// Longest tag, by the distribution specification.
const TAG_BYTES_MAX: usize = 128;
/// Longest name of a repository that registries agree on.
const NAME_BYTES_MAX: usize = 255;

/// An image in a registry.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reference {
    /// Host and port: `registry.example:5000`.
    pub registry: String,
    /// Repository: `platform/prod`.
    pub name: String,
    /// Tag, if it is not a digest alone.
    pub tag: Option<String>,
    /// The digest of the manifest that must be there.
    pub digest: Option<Digest>,
}

impl Reference {
    /// Reads `[oci://]REGISTRY/NAME[:TAG][@sha256:DIGEST]`. Without tag and digest the tag is `latest`.
    ///
    /// # Errors
    /// Where a part is missing or holds what a registry does not take. The registry is never guessed: there
    /// is no default one.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |reason| Error::Reference { text: text.to_owned(), reason };
        let rest = text.strip_prefix("oci://").unwrap_or(text);
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest.strip_prefix("sha256:").and_then(|hex| Digest::parse(hex).ok());
                (
                    rest,
                    Some(digest.ok_or_else(|| bad("a digest is `sha256:` and 64 digits out of `0-9a-f`"))?),
                )
            }
            None => (rest, None),
        };
        let (registry, path) = rest.split_once('/').ok_or_else(|| bad("write it as `REGISTRY/NAME:TAG`"))?;
        if !is_registry(registry) {
            return Err(bad("it begins with the registry: `registry.example:5000/NAME:TAG`"));
        }
        let (name, tag) = match path.rsplit_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (path, None),
        };
        if !is_repository(name) {
            return Err(bad(
                "a name is lower-case letters and digits, with `.`, `_`, `-` and `/` between them",
            ));
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(bad(
                "a tag is at most 128 letters, digits, `.`, `_` and `-`, and begins with none of `.-`",
            ));
        }
        let tag = tag.map(str::to_owned).or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Self { registry: registry.to_owned(), name: name.to_owned(), tag, digest })
    }

    /// What the registry is asked for: the digest where there is one.
    pub(crate) fn version(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => format!("sha256:{digest}"),
            (None, Some(tag)) => tag.clone(),
            (None, None) => unreachable!("without a digest there is a tag"),
        }
    }

    /// The tag beside this one that names a part alone; nothing where there is no tag, or none that long.
    pub(crate) fn tag_of_part(&self, part: &str) -> Option<String> {
        let tag = format!("{}-{part}", self.tag.as_ref()?);
        is_tag(&tag).then_some(tag)
    }

    /// Whether the registry is on this machine; such a one is spoken to without TLS, as Docker does.
    pub(crate) fn is_local(&self) -> bool {
        let host = match self.registry.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.registry,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@sha256:{digest}")?;
        }
        Ok(())
    }
}

/// A name with a dot or a port, `localhost`, or an address in brackets: what Docker takes for a host.
fn is_registry(text: &str) -> bool {
    let fine =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_');
    !text.is_empty() && text.bytes().all(fine) && (text == "localhost" || text.contains(['.', ':']))
}

fn is_repository(text: &str) -> bool {
    let component = |part: &str| {
        let ends = |byte: Option<u8>| byte.is_some_and(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        ends(part.bytes().next())
            && ends(part.bytes().next_back())
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
    };
    text.len() <= NAME_BYTES_MAX && text.split('/').all(component)
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= TAG_BYTES_MAX
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_docker_reads_them() {
        let sha = format!("sha256:{}", Digest::of(b""));
        for (text, shown) in [
            ("oci://r.example/a:1", "r.example/a:1".to_owned()),
            ("r.example/a/b-c", "r.example/a/b-c:latest".to_owned()),
            ("localhost:5000/a:v1.2_x", "localhost:5000/a:v1.2_x".to_owned()),
            (&format!("[::1]:5000/a@{sha}"), format!("[::1]:5000/a@{sha}")),
            (&format!("r.example/a:t@{sha}"), format!("r.example/a:t@{sha}")),
        ] {
            assert_eq!(Reference::parse(text).unwrap().to_string(), shown);
        }
        for wrong in [
            "",
            "a",
            "a/b",
            "r.example",
            "r.example/",
            "r.example/A",
            "r.example/a:",
            "r.example/a:.x",
            "r.example/a//b",
            "r.example/a@sha256:12",
            "r.example/a@md5:12",
            "https://r.example/a",
            "r.example/-a",
        ] {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
        let tag = "t".repeat(TAG_BYTES_MAX);
        assert!(Reference::parse(&format!("r.example/a:{tag}")).is_ok());
        assert!(Reference::parse(&format!("r.example/a:{tag}t")).is_err());
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        let local = |text: &str| Reference::parse(text).unwrap().is_local();
        assert!(
            ["localhost/a", "localhost:1/a", "127.0.0.1:5000/a", "127.1.2.3/a", "[::1]:1/a"]
                .into_iter()
                .all(local)
        );
        assert!(
            !["localhost.example/a", "10.0.0.1:5000/a", "r.example/a", "127.0.0.1.example/a"]
                .into_iter()
                .any(local)
        );
    }

    #[test]
    fn a_part_has_a_tag_of_its_own_where_it_fits() {
        let reference = Reference::parse("r.example/a:v1").unwrap();
        assert_eq!(reference.tag_of_part("cluster-a").as_deref(), Some("v1-cluster-a"));
        assert_eq!(reference.tag_of_part(&"c".repeat(TAG_BYTES_MAX)), None);
    }
}
