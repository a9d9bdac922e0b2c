//! The host of policies, made when the first policy is met: a platform without policies, and a build of
//! inputs that have not changed, do not pay for it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use platc_artifact::judge::{Judge, Loaded, Mutation, Phase, Policies, PolicyUse, Verdict};
use platc_artifact::view::View;
use platc_diag::{Diagnostic, codes};
use platc_policy::{DirectoryMemo, Host, HostOptions, Memo};
use platc_store::Digest;

/// A judge that begins to exist when it is asked.
pub(crate) struct Lazy {
    root: PathBuf,
    host: OnceLock<Result<Host, String>>,
}

/// Policies of a machine that cannot run any: a finding for each, so that nothing passes unjudged.
struct Unable {
    problems: Vec<Diagnostic>,
}

impl Lazy {
    /// For the platform in `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), host: OnceLock::new() }
    }
}

impl Judge for Lazy {
    fn load(&self, uses: &[PolicyUse], threads: NonZeroUsize) -> Box<dyn Policies> {
        match self.host.get_or_init(|| host(Some(&self.root))) {
            Ok(host) => host.load(uses, threads),
            Err(reason) => {
                let unable = |used: &PolicyUse| Diagnostic::new(codes::E0729, used.span, reason.clone());
                Box::new(Unable { problems: uses.iter().map(unable).collect() })
            }
        }
    }
}

impl Policies for Unable {
    fn loaded(&self) -> &[Loaded] {
        &[]
    }

    fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    fn validate(&self, _: Phase, _: &Arc<dyn View>, _: NonZeroUsize) -> Vec<Verdict> {
        Vec::new()
    }

    fn mutate(&self, _: &Arc<dyn View>, _: NonZeroUsize) -> Mutation {
        Mutation::default()
    }

    fn take_compile_times(&self) -> Vec<(Arc<str>, Duration)> {
        Vec::new()
    }
}

/// The host with platc's own policies and the user's caches; verdicts are kept for each platform.
///
/// # Errors
/// A sentence for people, if this machine cannot run WebAssembly.
pub(crate) fn host(root: Option<&Path>) -> Result<Host, String> {
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
    // What a policy sees of a model may differ from one compiler to the next.
    let key = format!("{}\n{}", crate::commands::compiler(), root.display());
    let of_root = Digest::of(key.as_bytes()).to_string();
    DirectoryMemo::open(&cache("verdicts")?.join(of_root)).ok()
}

/// A directory of platc's own cache; nothing where the user has no home.
#[expect(clippy::disallowed_methods, reason = "where a cache lies is no input of a build")]
pub(crate) fn cache(part: &str) -> Option<PathBuf> {
    let of = |name| std::env::var(name).ok().filter(|path| !path.is_empty()).map(PathBuf::from);
    let base = of("XDG_CACHE_HOME").or_else(|| Some(of("HOME")?.join(".cache")))?;
    Some(base.join("platc").join(part))
}
