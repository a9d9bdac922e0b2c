//! [`Host`]: the judge that platc uses.
//!
//! Not here: running what was loaded ([`crate::panel`]).
//!
//! Start with [`Host::new`].

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use platc_artifact::judge::{Judge, Policies, PolicyUse, Source};
use platc_diag::Diagnostic;
use sha2::{Digest as _, Sha256};

use crate::memo::Memo;
use crate::panel::{Entry, Panel};
use crate::plugin::{Bytes, LoadTrouble, Plugin, Workshop};
use crate::{Clock, errors, json, settings, threads};

/// Where a host gets things from.
#[derive(Clone, Default)]
pub struct HostOptions {
    /// The policies that ship with platc: name and file.
    pub library: &'static [(&'static str, &'static [u8])],
    /// A directory for compiled plugins, made with mode 0700 if there is none. Without one, each process
    /// compiles anew.
    pub cache: Option<PathBuf>,
    /// Where results are kept. Without one, every policy runs every time.
    pub memo: Option<Arc<dyn Memo>>,
    /// For [`Policies::take_compile_times`]. Without one, no times are told.
    pub clock: Option<Clock>,
}

/// Loads policies and runs them. One for each process.
pub struct Host {
    shared: Arc<Shared>,
    plugins: Mutex<BTreeMap<[u8; 32], Cell>>,
}

/// What the host and everything that it has loaded share.
pub(crate) struct Shared {
    pub(crate) shop: Workshop,
    pub(crate) memo: Option<Arc<dyn Memo>>,
    library: &'static [(&'static str, &'static [u8])],
}

/// A plugin that is loaded once, however many uses and threads ask for it.
type Cell = Arc<OnceLock<Result<Arc<Plugin>, LoadTrouble>>>;

impl Host {
    /// A host.
    ///
    /// # Errors
    ///
    /// A sentence for people, if this processor or system cannot run WebAssembly.
    pub fn new(options: HostOptions) -> Result<Self, String> {
        let shop = Workshop::new(options.cache, options.clock)
            .map_err(|error| format!("this machine cannot run policies: {error:#}"))?;
        let shared = Shared { shop, memo: options.memo, library: options.library };
        Ok(Self { shared: Arc::new(shared), plugins: Mutex::default() })
    }

    fn entry(&self, policy: &PolicyUse) -> Result<Entry, Vec<Diagnostic>> {
        let bytes = self.bytes(policy).map_err(|problem| vec![problem])?;
        let digest: [u8; 32] = Sha256::digest(bytes.get()).into();
        let cell = self.cell(digest);
        let plugin = cell.get_or_init(|| Plugin::load(&self.shared.shop, bytes, digest).map(Arc::new));
        let plugin = plugin.as_ref().map_err(|trouble| vec![errors::load(policy, trouble)])?;
        let settings = serde_json::from_str(&policy.settings).unwrap_or(serde_json::Value::Null);
        let entry = Entry::new(policy.clone(), Arc::clone(plugin), json::canonical(&settings));
        if entry.is_configured(&self.shared) {
            return Ok(entry);
        }
        let mismatches = settings::check(&plugin.description.settings_schema, &settings);
        if !mismatches.is_empty() {
            return Err(mismatches
                .into_iter()
                .map(|wrong| errors::setting_mismatch(policy, wrong))
                .collect());
        }
        let refused = entry.configure(&self.shared);
        if refused.is_empty() { Ok(entry) } else { Err(refused) }
    }

    fn bytes(&self, policy: &PolicyUse) -> Result<Bytes, Diagnostic> {
        match &policy.source {
            Source::File { bytes, .. } => Ok(Bytes::Shared(Arc::clone(bytes))),
            Source::Library => {
                let found = self.shared.library.iter().find(|(name, _)| **name == *policy.name);
                found.map(|(_, bytes)| Bytes::Static(bytes)).ok_or_else(|| {
                    let names: Vec<&str> = self.shared.library.iter().map(|(name, _)| *name).collect();
                    errors::unknown_policy(policy, &names)
                })
            }
        }
    }

    fn cell(&self, digest: [u8; 32]) -> Cell {
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(plugins.entry(digest).or_default())
    }

    /// Forgets plugins that nothing uses any more: an editor may stay open while its policies are written.
    fn prune(&self) {
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        plugins.retain(|_, cell| match cell.get() {
            Some(Ok(plugin)) => Arc::strong_count(plugin) > 1,
            Some(Err(_)) => false,
            // Another thread is loading it.
            None => true,
        });
    }
}

impl Judge for Host {
    fn load(&self, uses: &[PolicyUse], threads: NonZeroUsize) -> Box<dyn Policies> {
        let mut uses: Vec<&PolicyUse> = uses.iter().collect();
        uses.sort_by(|a, b| (&a.name, a.span).cmp(&(&b.name, b.span)));
        let job = |n: usize| uses.get(n).map(|policy| self.entry(policy));
        let results = threads::each(uses.len(), threads, job);
        let mut entries = Vec::new();
        let mut problems = Vec::new();
        for (policy, result) in uses.iter().zip(results) {
            match result.flatten() {
                Some(Ok(entry)) => entries.push(entry),
                Some(Err(found)) => problems.extend(found),
                None => problems.push(errors::not_run(policy, "the system gave it no thread")),
            }
        }
        let panel = Panel::new(Arc::clone(&self.shared), entries, problems);
        self.prune();
        Box::new(panel)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

impl fmt::Debug for HostOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostOptions").field("cache", &self.cache).finish_non_exhaustive()
    }
}
