//! `platc pull`: a build from a registry into `dist`, or what is for one host or cluster into a directory.

use std::path::Path;

use platc_driver::build::DIST;
use platc_driver::discover::find_root;
use platc_driver::world::Disk;
use platc_remote::pull::Wanted;
use platc_remote::{PullOptions, Registry, pull, pull_part};
use platc_store::{Current, Store, Timestamp};

use super::remote::{self, Bar};
use super::{here, shown, threads, timestamp};
use crate::cli::{Global, PullArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

pub(super) fn run(args: &PullArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let registry = Registry::open(&remote::reference(&args.reference)?, remote::credentials());
    let wanted = match (&args.host, &args.cluster) {
        (Some(host), _) => Some(Wanted::Host(host.clone())),
        (None, Some(cluster)) => Some(Wanted::Cluster(cluster.clone())),
        (None, None) => None,
    };
    let root = find_root(&Disk, &here()?);
    let trust = match remote::trust(args.trust.as_deref(), root.as_deref()) {
        Ok(trust) => trust,
        Err(error) => return remote::failed(term, error),
    };
    let at = Timestamp::parse(&timestamp()).map_err(Trouble::new)?;
    let options = PullOptions { at, current: Current::Move, trust };
    match (wanted, &args.out) {
        (Some(wanted), Some(out)) => part(&registry, &wanted, out, &options, term),
        (Some(_), None) => {
            Err(Trouble::new("a part needs a directory of its own").help("name it with `--out DIR`"))
        }
        (None, Some(out)) => whole(&registry, out, &options, global, term),
        // `dist` of the platform around us, or here: a machine that delivers has no platform.
        (None, None) => whole(&registry, &root.unwrap_or(here()?).join(DIST), &options, global, term),
    }
}

fn whole(
    registry: &Registry,
    out: &Path,
    options: &PullOptions,
    global: &Global,
    term: &Term,
) -> Result<Exit, Trouble> {
    let store = Store::open(out, threads(global));
    let bar = Bar::new("pulling", term);
    let pulled = pull(registry, &store, options, &bar);
    drop(bar);
    match pulled {
        Ok(outcome) => {
            let (received, there) =
                (remote::told(outcome.received, "part"), remote::told(outcome.there, "part"));
            term.say(&format!(
                "build {} in {}/current: {received} received, {there} were there",
                outcome.finished.id,
                shown(out)
            ));
            tell_signer(outcome.signer.as_deref(), term);
            Ok(Exit::Clean)
        }
        Err(error) => remote::failed(term, error),
    }
}

fn part(
    registry: &Registry,
    wanted: &Wanted,
    out: &Path,
    options: &PullOptions,
    term: &Term,
) -> Result<Exit, Trouble> {
    let bar = Bar::new("pulling", term);
    let pulled = pull_part(registry, wanted, out, options, &bar);
    drop(bar);
    match pulled {
        Ok(part) => {
            let files = remote::told(part.files, "file");
            term.say(&format!("`{}` of build {} in {}: {files}", part.target, part.id, shown(out)));
            tell_signer(part.signer.as_deref(), term);
            Ok(Exit::Clean)
        }
        Err(error) => remote::failed(term, error),
    }
}

fn tell_signer(signer: Option<&str>, term: &Term) {
    if let Some(signer) = signer {
        term.say(&format!("signed by {signer}"));
    }
}
