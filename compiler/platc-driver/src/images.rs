//! Images that an author writes by tag: which there are, where they are pulled from, and what `platc.lock` says of them.
//!
//! Not here: the registry; a build never asks one. Start at [`tagged`].

use platc_diag::{Diagnostic, Span, codes};
use platc_model::Text;
pub use platc_model::scalar::Digest;

use crate::analysis::Analysis;

/// Where Docker pulls an image from that names no registry.
const DEFAULT_REGISTRY: &str = "docker.io";

/// An image that is written by tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaggedImage {
    /// As it is written: `okm/web:1`.
    pub written: Text,
    /// In full, as it is pulled: `registry.example/okm/web:1`.
    pub reference: String,
    /// Where it is written.
    pub span: Span,
    /// What the lock has for it.
    pub pinned: Option<Digest>,
}

/// The images that a platform's author writes by tag, in the order of their names.
pub fn tagged(analysis: &Analysis) -> Vec<TaggedImage> {
    let each = analysis.plan.tags.iter().map(|(written, image)| {
        let registry = image.registry.as_deref().unwrap_or(DEFAULT_REGISTRY);
        let is_official = registry == DEFAULT_REGISTRY && !image.repository.contains('/');
        let library = if is_official { "library/" } else { "" };
        let tag = image.tag.as_deref().unwrap_or("latest");
        TaggedImage {
            written: Text::clone(written),
            reference: format!("{registry}/{library}{}:{tag}", image.repository),
            span: image.origin.span().unwrap_or_else(|| analysis.platform_span()),
            pinned: analysis.lock.images.get(written).cloned(),
        }
    });
    each.collect()
}

/// `E0838`: a registry has no such image.
pub fn unknown(image: &TaggedImage) -> Diagnostic {
    let message = format!("there is no image `{}`", image.reference);
    Diagnostic::new(codes::E0838, image.span, message)
        .help("look its name and tag up; an image that nobody has pushed is pulled by nobody")
}
