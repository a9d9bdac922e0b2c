//! Images and digests, by the grammar of `distribution/reference`.

use std::fmt;
use std::sync::Arc;

use super::Wrong;

/// An image: registry, repository, tag and digest. What runs is the digest; the tag is for people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Image {
    /// `registry.example:5000`, if said.
    pub registry: Option<Arc<str>>,
    /// `okm/web`.
    pub repository: Arc<str>,
    /// `2026.11.4`.
    pub tag: Option<Arc<str>>,
    /// What the tag is to mean.
    pub digest: Option<Digest>,
}

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Digest(Arc<str>);

impl Digest {
    /// `sha256:9f86…`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let hex = text.strip_prefix("sha256:").unwrap_or("");
        let fits = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Wrong::new("write `sha256:` and 64 hexadecimal digits"))
        }
    }

    /// With its algorithm.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Image {
    /// `okm/web:2026.11.4`, `registry.example/okm/web@sha256:…`. It has a tag or a digest: without either
    /// it would mean whatever `latest` is on the day.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let slash = rest.rfind('/').map_or(0, |at| at + 1);
        let (path, last) = rest.split_at(slash);
        let (name, tag) = last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)));
        if let Some(tag) = tag {
            check_tag(tag)?;
        }
        if text.is_empty() {
            return Err(Wrong::new("write it as repository:tag, like \"okm/web:2026.11.4\""));
        }
        if tag.is_none() && digest.is_none() {
            return Err(Wrong::new(format!("give it a tag: \"{text}:1.2.3\"")));
        }
        let full = format!("{path}{name}");
        let (registry, repository) = match full.split_once('/') {
            Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) => (Some(first), rest),
            _ => (None, full.as_str()),
        };
        repository.split('/').try_for_each(check_component)?;
        Ok(Self {
            registry: registry.map(Into::into),
            repository: repository.into(),
            tag: tag.map(Into::into),
            digest,
        })
    }

    /// What stands in for an image that was left out.
    pub(crate) fn stand_in() -> Self {
        Self { registry: None, repository: "".into(), tag: None, digest: None }
    }

    /// The same image at that digest.
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// The same image from that registry, if it does not name one.
    #[must_use]
    pub fn from_registry(&self, registry: &str) -> Self {
        let registry = self.registry.clone().or_else(|| Some(registry.into()));
        Self { registry, ..self.clone() }
    }
}

fn check_tag(tag: &str) -> Result<(), Wrong> {
    let fits = (1..=128).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if fits { Ok(()) } else { Err(Wrong::new("a tag has letters, digits, dots, dashes and underscores")) }
}

fn check_component(part: &str) -> Result<(), Wrong> {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let inner = |c: char| edge(c) || matches!(c, '.' | '_' | '-');
    if part.starts_with(edge) && part.ends_with(edge) && part.chars().all(inner) {
        Ok(())
    } else {
        Err(Wrong::new("write it as repository:tag in lower case, like \"okm/web:2026.11.4\""))
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_read_back_as_they_are_written() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for text in ["okm/web:2026.11.4", "nginx:1.29", "registry.example:5000/a/b:v1", "localhost/x:1"] {
            assert_eq!(Image::parse(text).unwrap().to_string(), text);
            let pinned = format!("{text}@{digest}");
            assert_eq!(Image::parse(&pinned).unwrap().to_string(), pinned);
        }
        let image = Image::parse("registry.example:5000/a/b:v1").unwrap();
        assert_eq!(image.registry.as_deref(), Some("registry.example:5000"));
        assert_eq!(&*image.repository, "a/b");
        let ours = Image::parse("okm/web:1").unwrap().from_registry("r.example");
        assert_eq!(ours.to_string(), "r.example/okm/web:1");
    }

    #[test]
    fn what_is_not_an_image() {
        assert_eq!(Image::parse("okm/web").unwrap_err().0, "give it a tag: \"okm/web:1.2.3\"");
        for text in
            ["Okm/web:1", "okm//web:1", "okm/web:", "okm/web:a b", "okm/web@sha256:12", ":1", "/x:1", "-a:1"]
        {
            assert!(Image::parse(text).is_err(), "{text}");
        }
    }
}
