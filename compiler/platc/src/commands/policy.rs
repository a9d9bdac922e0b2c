//! `platc policy`: the policies that there are.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;

use platc_artifact::judge::{Judge as _, LimitOverrides, PolicyUse, Source};
use platc_diag::{FileId, Span};

use crate::cli::{PolicyArgs, PolicyCommand};
use crate::exit::Exit;
use crate::policies;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &PolicyArgs, _term: &Term) -> Result<Exit, Trouble> {
    match args.command {
        PolicyCommand::List => list(),
    }
}

fn list() -> Result<Exit, Trouble> {
    let library = platc_policy_library::library();
    let host = policies::host(None).map_err(Trouble::new)?;
    let uses: Vec<PolicyUse> = library.iter().map(|(name, _)| used(name)).collect();
    let loaded = host.load(&uses, NonZeroUsize::MIN);
    let mut out = String::new();
    for policy in loaded.loaded() {
        let _ = writeln!(out, "{} {}", policy.name, policy.description.version);
        for rule in &policy.description.rules {
            let _ = writeln!(out, "    {}/{} ({}): {}", policy.name, rule.id, rule.level, rule.summary);
        }
    }
    Ok(if term::data(out.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

/// A policy of the library as a platform without settings uses it.
fn used(name: &str) -> PolicyUse {
    PolicyUse {
        name: name.into(),
        source: Source::Library,
        settings: "{}".to_owned(),
        span: Span::start_of(FileId(0)),
        setting_spans: BTreeMap::new(),
        level: None,
        limits: LimitOverrides::default(),
    }
}
