//! A build to a registry.
//!
//! Blobs that are there are not sent again, so a push that broke off goes on where it was, and a build that
//! differs in one host sends one layer. The name is given last: whoever pulls gets the old build or the new
//! one, whole. Start at [`push`].

use platc_store::{Digest, StoredBuild, Tally, Target};

use crate::image::{ANNOTATION_BUILD, Image, MEDIA_ABOUT, MEDIA_SIGNATURE, config};
use crate::part::{Packed, Part, pack, parts};
use crate::progress::Count;
use crate::{Descriptor, Error, MEDIA_BUILD, Progress, Reference, Registry, Result, parallel};

/// What was pushed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pushed {
    /// The reference with the manifest's digest, which names exactly this build for ever.
    pub reference: Reference,
    /// Blobs that the registry had not.
    pub sent: Tally,
    /// Blobs that it had.
    pub there: Tally,
    /// Tags of single clusters, beside the build's own.
    pub cluster_tags: Vec<String>,
}

/// A blob that is to be there.
struct Blob {
    descriptor: Descriptor,
    bytes: Vec<u8>,
}

/// Pushes a build with its signatures. Every file is checked against its manifest on the way.
///
/// # Errors
/// Where a file of the build is damaged, and where the registry refuses or cannot be reached.
pub fn push(
    registry: &Registry,
    build: &StoredBuild,
    signatures: &[Vec<u8>],
    progress: &dyn Progress,
) -> Result<Pushed> {
    if registry.reference().digest.is_some() {
        let reason = "what it will be is not known before; push to a tag";
        return Err(Error::Reference { text: registry.reference().to_string(), reason });
    }
    let parts = parts(build.manifest());
    let packed = parallel::each(&parts, |part| pack_part(build, part))?;
    let json = build.manifest().to_bytes();
    // Not the list of inputs, which is about the machine that built.
    let about = build.about_files()?;
    let about = about.iter().filter(|(name, _)| name.as_str().ends_with(".json"));
    let about = pack(about.map(|(name, bytes)| (name.as_str(), 0o644, Ok(bytes.clone()))))?;

    let mut blobs = Vec::new();
    let mut unpacked = Vec::new();
    let mut layer = |descriptor: Descriptor, bytes: Vec<u8>, content: Digest| {
        unpacked.push(content);
        blobs.push(Blob { descriptor, bytes });
    };
    for (part, packed) in parts.iter().zip(packed) {
        layer(
            Descriptor::of(part.media_type(), &packed.bytes).for_target(&part.target),
            packed.bytes,
            packed.unpacked,
        );
    }
    layer(Descriptor::of(MEDIA_BUILD, &json).titled("build.json"), json, *build.id().digest());
    layer(Descriptor::of(MEDIA_ABOUT, &about.bytes), about.bytes, about.unpacked);
    for text in signatures {
        let signature = Descriptor::of(MEDIA_SIGNATURE, text).titled("build.json.sig");
        layer(signature, text.clone(), Digest::of(text));
    }
    let layers: Vec<Descriptor> = blobs.iter().map(|blob| blob.descriptor.clone()).collect();
    let clusters = cluster_images(registry.reference(), &parts, &layers, &unpacked, build);
    let whole = config(&unpacked);
    let mut image = Image::new(&whole, layers);
    image.annotations.insert(ANNOTATION_BUILD.to_owned(), build.id().to_string());
    for config in clusters.iter().map(|(_, _, config)| config).chain([&whole]) {
        let descriptor = Descriptor::of(&image.config.media_type, config);
        blobs.push(Blob { descriptor, bytes: config.clone() });
    }

    let (sent, there) = (Count::default(), Count::default());
    progress.expect(blobs.iter().map(|blob| blob.descriptor.size).sum());
    parallel::each(&blobs, |Blob { descriptor, bytes }| {
        let new = registry.put_blob(descriptor, bytes)?;
        if new { &sent } else { &there }.add(descriptor.size);
        progress.advance(descriptor.size);
        Ok(())
    })?;
    // The build's own name comes last: with it, all that it names is there.
    for (tag, image, _) in &clusters {
        registry.put_manifest(tag, &image.to_bytes())?;
    }
    let bytes = image.to_bytes();
    let digest = Digest::of(&bytes);
    let version = registry.reference().tag.clone().unwrap_or_else(|| format!("sha256:{digest}"));
    registry.put_manifest(&version, &bytes)?;
    let reference = Reference { digest: Some(digest), ..registry.reference().clone() };
    let cluster_tags = clusters.into_iter().map(|(tag, ..)| tag).collect();
    Ok(Pushed { reference, sent: sent.tally(), there: there.tally(), cluster_tags })
}

fn pack_part(build: &StoredBuild, part: &Part<'_>) -> Result<Packed> {
    pack(part.entries.iter().map(|entry| {
        let bytes = build.read(entry).map_err(Into::into);
        (entry.path.as_str(), u32::from(entry.mode.bits()), bytes)
    }))
}

/// For each cluster an image with its layer alone, under a tag of its own: Flux reads one layer of an image, so
/// in a build with several clusters each must be the first of something. The layer is the same blob.
fn cluster_images(
    reference: &Reference,
    parts: &[Part<'_>],
    layers: &[Descriptor],
    unpacked: &[Digest],
    build: &StoredBuild,
) -> Vec<(String, Image, Vec<u8>)> {
    let all = parts.iter().zip(layers).zip(unpacked);
    let clusters = all.filter_map(|((part, layer), content)| {
        let Target::Cluster(name) = &part.target else { return None };
        let tag = reference.tag_of_part(&format!("cluster-{name}"))?;
        let config = config(&[*content]);
        let mut image = Image::new(&config, vec![layer.clone()]);
        image.annotations.insert(ANNOTATION_BUILD.to_owned(), build.id().to_string());
        Some((tag, image, config))
    });
    clusters.collect()
}
