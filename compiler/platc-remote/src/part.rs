//! A part of a build as a layer: a gzipped tar with the files of one target, the same bytes every time.
//!
//! Files lie in it under the paths that they have in the build, with their modes; owner and date are nobody
//! and 1970, because a layer's digest must depend on what it delivers and on nothing else. What is unpacked
//! is checked against `build.json`: exactly the files of that target, each with its digest.
//!
//! Not here: the wire. Start at [`parts`] and [`Part::unpack`].

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use platc_store::{Digest, Entry, Manifest, Target};

use crate::image::{self, MEDIA_CLUSTER, MEDIA_PART};
use crate::{Refusal, Result};

/// The level of compression. Layers are small; more costs time and changes every digest.
const LEVEL: u32 = 6;

/// The files of a build that are for one target.
#[derive(Clone, Debug)]
pub struct Part<'m> {
    /// Whom they are for.
    pub target: Target,
    /// The files, by path.
    pub entries: Vec<&'m Entry>,
}

/// A tar, packed.
pub(crate) struct Packed {
    /// The gzipped bytes.
    pub(crate) bytes: Vec<u8>,
    /// Of the tar itself: an image's configuration names it.
    pub(crate) unpacked: Digest,
}

/// The parts of a build: clusters first, because Flux takes the first layer of its type.
pub fn parts(manifest: &Manifest) -> Vec<Part<'_>> {
    let mut parts: BTreeMap<(u8, String), Part<'_>> = BTreeMap::new();
    for entry in manifest.entries() {
        let rank = match entry.target {
            Target::Cluster(_) => 0,
            Target::Host { .. } => 1,
            Target::Datacenter(_) => 2,
            Target::Platform => 3,
        };
        let part = || Part { target: entry.target.clone(), entries: Vec::new() };
        parts.entry((rank, entry.target.to_string())).or_insert_with(part).entries.push(entry);
    }
    parts.into_values().collect()
}

impl Part<'_> {
    /// The media type of its layer.
    pub fn media_type(&self) -> &'static str {
        if matches!(self.target, Target::Cluster(_)) { MEDIA_CLUSTER } else { MEDIA_PART }
    }

    /// Unpacks a layer and hands out each file. `subject` is the reference, for findings.
    ///
    /// # Errors
    /// The first file that is not as `build.json` says, that does not belong here, or that is missing; and
    /// those of `take`.
    pub fn unpack(
        &self,
        layer: &[u8],
        subject: &str,
        mut take: impl FnMut(&Entry, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let wrong = |message: String| {
            let message = format!("the layer of `{}` is not what `build.json` says: {message}", self.target);
            image::tampered(subject, message)
        };
        let mut missing: BTreeMap<&str, &Entry> =
            self.entries.iter().map(|entry| (entry.path.as_str(), *entry)).collect();
        let bytes_max = unpacked_max(self.entries.iter().map(|entry| entry.size));
        for_each_file(layer, bytes_max, |path, size, read| {
            let entry =
                missing.remove(path).ok_or_else(|| wrong(format!("`{path}` does not belong there")))?;
            if size != entry.size {
                return Err(wrong(format!("`{path}` has {size} bytes instead of {}", entry.size)).into());
            }
            let bytes = read().map_err(|reason| wrong(format!("`{path}`: {reason}")))?;
            if Digest::of(&bytes) != entry.digest {
                return Err(wrong(format!("`{path}` has other bytes")).into());
            }
            take(entry, &bytes)
        })
        .map_err(|error| match error {
            Broken::Tar(reason) => wrong(reason).into(),
            Broken::Other(error) => error,
        })?;
        match missing.keys().next() {
            Some(path) => Err(wrong(format!("`{path}` is missing")).into()),
            None => Ok(()),
        }
    }
}

pub(crate) enum Broken {
    /// It is no tar of plain files.
    Tar(String),
    /// Whoever took the files said so.
    Other(crate::Error),
}

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal.into())
    }
}

impl From<crate::Error> for Broken {
    fn from(error: crate::Error) -> Self {
        Self::Other(error)
    }
}

/// Goes through the files of a gzipped tar: path, size, and a way to read the bytes. Anything that is no plain
/// file is refused, so nothing can lead out of the directory that it is unpacked to.
///
/// Reads at most `bytes_max` bytes of tar: a few kilobytes of gzip can stand for gigabytes.
pub(crate) fn for_each_file(
    layer: &[u8],
    bytes_max: u64,
    mut each: impl FnMut(&str, u64, &mut dyn FnMut() -> Result<Vec<u8>, String>) -> Result<()>,
) -> Result<(), Broken> {
    let tar_error = |error: std::io::Error| Broken::Tar(format!("it cannot be unpacked: {error}"));
    let mut archive = tar::Archive::new(GzDecoder::new(layer).take(bytes_max));
    for file in archive.entries().map_err(tar_error)? {
        let mut file = file.map_err(tar_error)?;
        let path = String::from_utf8(file.path_bytes().into_owned())
            .map_err(|_| Broken::Tar("a path is not UTF-8".to_owned()))?;
        if !file.header().entry_type().is_file() {
            return Err(Broken::Tar(format!("`{path}` is no plain file")));
        }
        let size = file.size();
        let mut read = || {
            let mut bytes = Vec::new();
            // The caller has compared the size with what was promised, so this cannot fill the memory.
            file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            Ok(bytes)
        };
        each(&path, size, &mut read)?;
    }
    Ok(())
}

/// The bytes that a tar of files of these sizes can have: header, padding and a long name for each.
pub(crate) fn unpacked_max(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.fold(16 << 10, |sum, size| sum.saturating_add(size).saturating_add(4 << 10))
}

/// Packs files, given by path and mode, in this order.
///
/// # Errors
/// Those of reading.
pub(crate) fn pack<'f>(files: impl Iterator<Item = (&'f str, u32, Result<Vec<u8>>)>) -> Result<Packed> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, mode, bytes) in files {
        let bytes = bytes?;
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        let appended = builder.append_data(&mut header, path, bytes.as_slice());
        appended.map_err(crate::Error::io("pack", path))?;
    }
    let tar = builder.into_inner().map_err(crate::Error::io("pack", "a layer"))?;
    let unpacked = Digest::of(&tar);
    // No name and no date in the header, and an operating system that nobody is.
    let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::new(LEVEL));
    let bytes =
        gzip.write_all(&tar).and_then(|()| gzip.finish()).map_err(crate::Error::io("pack", "a layer"))?;
    Ok(Packed { bytes, unpacked })
}

#[cfg(test)]
mod tests {
    use super::*;
    use platc_store::{ArtifactPath, Kind, Mode, Name};

    const LONG: &str = "clusters/a/a-name-that-is-longer-than-the-hundred-bytes-that-a-header-of-tar-has-for-it/and-more/dev\\x2d-ünd-界.yaml";

    fn manifest(files: &[(&str, &str)]) -> Manifest {
        let entry = |(path, text): &(&str, &str)| Entry {
            path: ArtifactPath::parse(path).unwrap(),
            kind: Kind::parse("k").unwrap(),
            target: Target::Cluster(Name::parse("a").unwrap()),
            mode: Mode::FILE,
            size: text.len() as u64,
            digest: Digest::of(text.as_bytes()),
        };
        Manifest::new(files.iter().map(entry).collect()).unwrap()
    }

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        pack(files.iter().map(|(path, text)| (*path, 0o644, Ok(text.as_bytes().to_vec())))).unwrap().bytes
    }

    /// What comes out of a layer, for the one part of a manifest; or what is said against it.
    fn unpacked(manifest: &Manifest, layer: &[u8]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let parts = parts(manifest);
        parts[0]
            .unpack(layer, "r", |entry, bytes| {
                found.push(format!("{} {}", entry.path, String::from_utf8_lossy(bytes)));
                Ok(())
            })
            .map_err(|error| error.to_string())?;
        Ok(found)
    }

    fn gzipped(tar: &[u8]) -> Vec<u8> {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::new(LEVEL));
        gzip.write_all(tar).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn a_layer_is_the_same_bytes_every_time_and_holds_every_path() {
        let files = [("a.yaml", "1"), (LONG, "2"), ("with blank/'q'", "")];
        let layer = packed(&files);
        assert_eq!(layer, packed(&files));
        let expected = ["a.yaml 1".to_owned(), format!("{LONG} 2"), "with blank/'q' ".to_owned()];
        assert_eq!(unpacked(&manifest(&files), &layer).unwrap(), expected);
    }

    #[test]
    fn a_layer_that_is_not_what_the_manifest_says_is_refused() {
        let manifest = manifest(&[("a.yaml", "one"), ("b.yaml", "two")]);
        for (files, part) in [
            (&[("a.yaml", "one"), ("b.yaml", "owt")][..], "`b.yaml` has other bytes"),
            (&[("a.yaml", "one"), ("b.yaml", "too long")], "`b.yaml` has 8 bytes instead of 3"),
            (&[("a.yaml", "one")], "`b.yaml` is missing"),
            (&[("a.yaml", "one"), ("b.yaml", "two"), ("c.yaml", "x")], "`c.yaml` does not belong"),
            (&[("a.yaml", "one"), ("a.yaml", "one"), ("b.yaml", "two")], "`a.yaml` does not belong"),
        ] {
            let refused = unpacked(&manifest, &packed(files)).unwrap_err();
            assert!(refused.starts_with("E0830: r: ") && refused.contains(part), "{refused}");
        }
        for garbage in [&b""[..], b"no gzip", &packed(&[("a.yaml", "one")])[..30]] {
            assert!(unpacked(&manifest, garbage).unwrap_err().starts_with("E0830"));
        }
    }

    #[test]
    fn nothing_leads_out_of_the_directory() {
        let manifest = manifest(&[("a.yaml", "one")]);
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "a.yaml", "/etc/passwd").unwrap();
        let layer = gzipped(&tar.into_inner().unwrap());
        assert!(unpacked(&manifest, &layer).unwrap_err().contains("no plain file"));

        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..11].copy_from_slice(b"../../a.txt");
        header.set_size(0);
        header.set_cksum();
        let layer = gzipped(header.as_bytes());
        assert!(unpacked(&manifest, &layer).unwrap_err().contains("`../../a.txt` does not belong"));
    }

    #[test]
    fn a_layer_that_unpacks_to_more_than_was_promised_is_not_read_to_its_end() {
        let manifest = manifest(&[("a.yaml", "one")]);
        // A long name of 64 MiB, in 64 KiB.
        let size = 64 << 20;
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(size);
        header.set_cksum();
        let bomb = [&header.as_bytes()[..], &vec![b'a'; usize::try_from(size).unwrap()]].concat();
        let layer = gzipped(&bomb);
        assert!(layer.len() < 1 << 20);
        assert!(unpacked(&manifest, &layer).unwrap_err().starts_with("E0830"));
    }

    #[test]
    fn clusters_come_first() {
        let mut files = manifest(&[("a", ""), ("b", ""), ("c", "")]).entries().to_vec();
        let name = |text| Name::parse(text).unwrap();
        files[0].target = Target::Platform;
        files[1].target = Target::host(name("dc"), name("h"));
        let manifest = Manifest::new(files).unwrap();
        let targets: Vec<String> = parts(&manifest).iter().map(|part| part.target.to_string()).collect();
        assert_eq!(targets, ["cluster:a", "host:dc/h", "platform"]);
    }
}
