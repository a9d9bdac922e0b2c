//! The image that a build is in a registry: media types, manifest, configuration.
//!
//! The manifest is written with fields in a fixed order and no date, so that one build is one manifest,
//! whoever pushes it.
//!
//! Not here: what lies in a layer; see `part`. Start at [`Image`].

use std::collections::BTreeMap;

use platc_diag::codes;
use platc_store::Digest;
use serde::{Deserialize, Serialize};

use crate::{Refusal, Result};

/// An image's manifest.
pub(crate) const MEDIA_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The configuration that Flux's `OCIRepository` and `flux pull artifact` expect.
pub(crate) const MEDIA_CONFIG: &str = "application/vnd.cncf.flux.config.v1+json";
/// A cluster's files: what Flux unpacks.
pub const MEDIA_CLUSTER: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";
/// Any other part's files. Not Flux's type, so that Flux, which takes the first layer of its type, takes a
/// cluster's.
pub const MEDIA_PART: &str = "application/vnd.platc.part.v1.tar+gzip";
/// `build.json`. Its digest is the build's id.
pub const MEDIA_BUILD: &str = "application/vnd.platc.build.v1+json";
/// A signature of a build's `build.json` or of a plugin, as `ssh-keygen -Y sign` writes it.
pub(crate) const MEDIA_SIGNATURE: &str = "application/vnd.platc.signature.v1+ssh";
/// What is said about a build.
pub(crate) const MEDIA_ABOUT: &str = "application/vnd.platc.about.v1.tar+gzip";

/// Whom a layer is for, as `build.json` writes it: `host:dc1/web1`.
pub(crate) const ANNOTATION_TARGET: &str = "dev.platc.target";
/// The build's id; on the manifest.
pub(crate) const ANNOTATION_BUILD: &str = "dev.platc.build";
/// The name of a file, by the image specification; `oras pull` writes under it.
const ANNOTATION_TITLE: &str = "org.opencontainers.image.title";

/// Largest manifest that is read: what registries take.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 4 << 20;
/// Most signatures of an image that are looked at.
const SIGNATURES_MAX: usize = 16;
/// Largest blob that is read. A part is held in memory once.
pub(crate) const BLOB_BYTES_MAX: u64 = 1 << 30;

/// A manifest by the OCI image specification, in the order of fields in which it is written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Image {
    pub(crate) schema_version: u32,
    pub(crate) media_type: Option<String>,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A blob, as a manifest names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    pub media_type: String,
    /// `sha256:` and its digest.
    #[serde(with = "digest")]
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// What else is said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Of a blob with these bytes.
    pub(crate) fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            annotations: BTreeMap::new(),
        }
    }

    /// Says whom it is for.
    #[must_use]
    pub(crate) fn for_target(mut self, target: &platc_store::Target) -> Self {
        self.annotations.insert(ANNOTATION_TARGET.to_owned(), target.to_string());
        self
    }

    /// Names the file that it is.
    #[must_use]
    pub(crate) fn titled(mut self, title: &str) -> Self {
        self.annotations.insert(ANNOTATION_TITLE.to_owned(), title.to_owned());
        self
    }

    /// Whom it is for.
    pub(crate) fn target(&self) -> Option<&str> {
        self.annotations.get(ANNOTATION_TARGET).map(String::as_str)
    }
}

impl Image {
    pub(crate) fn new(config: &[u8], layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: Some(MEDIA_MANIFEST.to_owned()),
            config: Descriptor::of(MEDIA_CONFIG, config),
            layers,
            annotations: BTreeMap::new(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|error| unreachable!("strings and numbers are JSON: {error}"))
    }

    /// Reads a manifest. `subject` is the reference, for the finding.
    pub(crate) fn parse(bytes: &[u8], subject: &str) -> Result<Self> {
        let image: Self = serde_json::from_slice(bytes)
            .map_err(|error| not_a_build(subject, format!("its manifest cannot be read: {error}")))?;
        if let Some(layer) = image.layers.iter().find(|layer| layer.size > BLOB_BYTES_MAX) {
            let message = format!("a layer of {} bytes is larger than any part of a build", layer.size);
            return Err(not_a_build(subject, message).into());
        }
        Ok(image)
    }

    /// The signatures that came with it.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = &Descriptor> {
        // More than anybody who signs; an image with thousands is there to keep us busy.
        self.layers.iter().filter(|layer| layer.media_type == MEDIA_SIGNATURE).take(SIGNATURES_MAX)
    }

    pub(crate) fn layer(&self, media_type: &str) -> Option<&Descriptor> {
        self.layers.iter().find(|layer| layer.media_type == media_type)
    }
}

/// The configuration of an image with these layers: what tools that unpack images want, and no date.
pub(crate) fn config(unpacked: &[Digest]) -> Vec<u8> {
    let diff_ids: Vec<String> = unpacked.iter().map(|digest| format!("sha256:{digest}")).collect();
    let config = serde_json::json!({
        "architecture": "unknown", "os": "unknown", "config": {}, "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    config.to_string().into_bytes()
}

/// `E0831`.
pub(crate) fn not_a_build(subject: &str, message: String) -> Refusal {
    let help = "`platc push` makes images that `platc pull` reads";
    Refusal { code: codes::E0831, subject: subject.to_owned(), message, help, source: None }
}

/// `E0830`.
pub(crate) fn tampered(subject: &str, message: String) -> Refusal {
    let help = "nothing was taken over; push the build again from where it was made, and ask who can write to the registry";
    Refusal { code: codes::E0830, subject: subject.to_owned(), message, help, source: None }
}

mod digest {
    use platc_store::Digest;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("sha256:{digest}"))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        let digest = text.strip_prefix("sha256:").and_then(|hex| Digest::parse(hex).ok());
        digest.ok_or_else(|| D::Error::custom(format_args!("`{text}` is no SHA-256")))
    }
}
