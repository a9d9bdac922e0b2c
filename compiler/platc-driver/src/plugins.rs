//! Plugins that a platform takes from registries: which there are, where they lie once they were fetched, and
//! what `platc.lock` says of them.
//!
//! Not here: the registry itself; a build never asks one. Start at [`remote_plugins`].

use platc_diag::{Diagnostic, Span, codes};
use platc_model::scalar::Digest;
use platc_model::{PluginPin, Text};

use crate::analysis::Analysis;
use crate::images::TaggedImage;
use crate::judge::digest_of;
pub use crate::judge::{cached, vendored};

/// A plugin with a `from` that is no file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemotePlugin {
    /// Its name in the platform.
    pub name: Text,
    /// Where it is, as written: `oci://…`.
    pub from: Text,
    /// Where that is written.
    pub span: Span,
    /// The digest that `platc.lock` has for it, `sha256:…`; nothing if it has none for this `from`.
    pub pinned: Option<String>,
}

/// The plugins that a platform takes from registries, in the order of the model.
pub fn remote_plugins(analysis: &Analysis) -> Vec<RemotePlugin> {
    let plugins = analysis.model.plugins.values().filter(|plugin| plugin.value.from.value.contains("://"));
    let remote = plugins.map(|plugin| {
        let from = &plugin.value.from;
        let pin = analysis.lock.plugins.get(&plugin.head.name);
        let pin = pin.filter(|pin| pin.from.as_ref() == Some(&from.value));
        RemotePlugin {
            name: Text::clone(&plugin.head.name),
            from: Text::clone(&from.value),
            span: from.origin.span().unwrap_or(plugin.head.span),
            pinned: pin.map(|pin| pin.digest.as_str().to_owned()),
        }
    });
    remote.collect()
}

/// Whether these are the bytes that `platc.lock` has for a plugin.
pub fn is_pinned(plugin: &RemotePlugin, bytes: &[u8]) -> bool {
    plugin.pinned.as_deref() == Some(digest_of(bytes).as_str())
}

/// The file below the platform that holds a plugin with these bytes after `platc fetch`.
pub fn cached_file(bytes: &[u8]) -> String {
    cached(&digest_of(bytes))
}

/// The text of `platc.lock` with these plugins pinned to these bytes, and these images to these digests, if it says
/// something else now.
pub fn pin(
    analysis: &Analysis,
    fetched: &[(&RemotePlugin, &[u8])],
    images: &[(&TaggedImage, Digest)],
) -> Option<String> {
    let mut lock = analysis.lock.clone();
    for (image, digest) in images {
        lock.images.insert(Text::clone(&image.written), digest.clone());
    }
    for (plugin, bytes) in fetched {
        let pin = PluginPin { digest: digest_of(bytes), from: Some(Text::clone(&plugin.from)) };
        lock.plugins.insert(Text::clone(&plugin.name), pin);
    }
    (lock != analysis.lock).then(|| platc_sema::lock::write(&lock))
}

/// What is wrong with the lock file, or with a plugin's declaration: what keeps anybody from pinning.
pub fn obstacles(analysis: &Analysis) -> Vec<Diagnostic> {
    let of_lock = |problem: &&Diagnostic| {
        let path = analysis.files.get(problem.span().file).path();
        problem.is_error() && path == crate::discover::LOCK_FILE
    };
    analysis.problems.iter().filter(of_lock).cloned().collect()
}

/// `E0711`: a registry has something else under a name than what was pinned.
pub fn changed_in_registry(plugin: &RemotePlugin, bytes: &[u8]) -> Diagnostic {
    let message = format!("the registry has another plugin under `{}` than `platc.lock`", plugin.from);
    let pinned = plugin.pinned.as_deref().unwrap_or("nothing");
    Diagnostic::new(codes::E0711, plugin.span, message)
        .note(format!("locked {pinned}, found {}", digest_of(bytes).as_str()))
        .help("if the new one is meant, `platc fetch --update` pins it; if not, ask who pushed it")
}
