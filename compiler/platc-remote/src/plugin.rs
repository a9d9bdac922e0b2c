//! A plugin in a registry: one WebAssembly file, as other tools for WebAssembly in registries lay it down, with
//! its signatures beside it.
//!
//! Not here: what the file is (`platc-policy` reads it), and who pins it (`platc.lock`). Start at [`fetch`].

use platc_diag::codes;
use platc_store::Digest;

use crate::image::{Image, MEDIA_SIGNATURE};
use crate::{Descriptor, Error, Progress, Reference, Refusal, Registry, Result, parallel};

/// WebAssembly, by the OCI artifact layout that the CNCF agreed on.
const MEDIA_WASM: &str = "application/wasm";
/// Its configuration there.
const MEDIA_WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The same from older tools.
const MEDIA_WASM_OLD: &str = "application/vnd.wasm.content.layer.v1+wasm";

/// A plugin that came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its signatures; nobody has looked at them.
    pub signatures: Vec<Vec<u8>>,
}

/// Fetches a plugin. Its bytes have the digest that its manifest names.
///
/// # Errors
/// Where the registry cannot be reached, what arrives is not what was pushed, or it is no plugin (`E0836`).
pub fn fetch(registry: &Registry, progress: &dyn Progress) -> Result<Fetched> {
    let (image, _) = registry.image()?;
    let layer = image.layer(MEDIA_WASM).or_else(|| image.layer(MEDIA_WASM_OLD)).ok_or_else(|| Refusal {
        code: codes::E0836,
        subject: registry.reference().to_string(),
        message: format!("`{}` is there, but it has no WebAssembly in it", registry.reference()),
        help: "`platc push REF FILE.wasm` puts a plugin there",
        source: None,
    })?;
    progress.expect(layer.size);
    let bytes = registry.blob(layer, progress)?;
    let signatures = image.signatures().map(|layer| registry.blob(layer, progress)).collect::<Result<_>>()?;
    Ok(Fetched { bytes, signatures })
}

/// Puts a plugin into a registry. Gives the reference with the manifest's digest.
///
/// # Errors
/// Where the registry refuses or cannot be reached.
pub fn push_plugin(
    registry: &Registry,
    name: &str,
    bytes: &[u8],
    signatures: &[Vec<u8>],
    progress: &dyn Progress,
) -> Result<Reference> {
    if registry.reference().digest.is_some() {
        let reason = "what it will be is not known before; push to a tag";
        return Err(Error::Reference { text: registry.reference().to_string(), reason });
    }
    let layer_digest = format!("sha256:{}", Digest::of(bytes));
    let config =
        serde_json::json!({ "architecture": "wasm", "os": "unknown", "layerDigests": [layer_digest] });
    let config = config.to_string().into_bytes();
    let mut blobs = vec![(Descriptor::of(MEDIA_WASM, bytes).titled(name), bytes)];
    let title = format!("{name}.sig");
    blobs.extend(
        signatures.iter().map(|text| (Descriptor::of(MEDIA_SIGNATURE, text).titled(&title), &text[..])),
    );
    let mut image = Image::new(&config, blobs.iter().map(|(descriptor, _)| descriptor.clone()).collect());
    image.config.media_type = MEDIA_WASM_CONFIG.to_owned();
    blobs.push((image.config.clone(), &config));
    progress.expect(blobs.iter().map(|(descriptor, _)| descriptor.size).sum());
    parallel::each(&blobs, |(descriptor, bytes)| {
        registry.put_blob(descriptor, bytes)?;
        progress.advance(descriptor.size);
        Ok(())
    })?;
    let manifest = image.to_bytes();
    registry.put_manifest(&registry.reference().version(), &manifest)?;
    Ok(Reference { digest: Some(Digest::of(&manifest)), ..registry.reference().clone() })
}
