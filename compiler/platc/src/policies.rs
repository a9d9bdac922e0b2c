//! The host of policies, made when the first policy is met: a platform without policies, and a build of
//! inputs that have not changed, do not pay for it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use platc_artifact::judge::{Judge, Policies, PolicyUse};
use platc_policy::{DirectoryMemo, Host, HostOptions, Memo};
use platc_store::Digest;

/// A judge that begins to exist when it is asked.
pub(crate) struct Lazy {
    root: PathBuf,
    host: OnceLock<Host>,
}

impl Lazy {
    /// For the platform in `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), host: OnceLock::new() }
    }
}

impl Judge for Lazy {
    fn load(&self, uses: &[PolicyUse], threads: NonZeroUsize) -> Box<dyn Policies> {
        self.host.get_or_init(|| host(Some(&self.root))).load(uses, threads)
    }
}

/// The host with platc's own policies and the user's caches; verdicts are kept for each platform.
pub(crate) fn host(root: Option<&Path>) -> Host {
    let memo = root.and_then(verdicts).map(|memo| Arc::new(memo) as Arc<dyn Memo>);
    Host::new(HostOptions {
        library: platc_policy_library::library(),
        cache: cache("plugins"),
        memo,
        clock: None,
    })
}

/// Verdicts of the platform in `root`. Without them every policy runs every time, which is no trouble.
fn verdicts(root: &Path) -> Option<DirectoryMemo> {
    let root = root.canonicalize().ok()?;
    let of_root = Digest::of(root.as_os_str().as_encoded_bytes()).to_string();
    DirectoryMemo::open(&cache("verdicts")?.join(of_root)).ok()
}

/// A directory of platc's own cache; nothing where the user has no home.
#[expect(clippy::disallowed_methods, reason = "where a cache lies is no input of a build")]
fn cache(part: &str) -> Option<PathBuf> {
    let of = |name| std::env::var(name).ok().filter(|path| !path.is_empty()).map(PathBuf::from);
    let base = of("XDG_CACHE_HOME").or_else(|| Some(of("HOME")?.join(".cache")))?;
    Some(base.join("platc").join(part))
}
