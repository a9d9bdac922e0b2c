//! `platc push`: a build to a registry, one layer for each host and cluster.

use std::path::Path;

use platc_driver::build::DIST;
use platc_remote::plugin::push_plugin;
use platc_remote::signature::signatures;
use platc_remote::{Reference, Registry, push};
use platc_store::Store;

use super::remote::{self, Bar};
use super::{root, store_trouble, threads};
use crate::cli::{Global, PushArgs};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &PushArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let reference = remote::reference(&args.reference)?;
    if Path::new(&args.build).extension().is_some_and(|extension| extension == "wasm") {
        return plugin(&reference, Path::new(&args.build), term);
    }
    let out = match &args.out {
        Some(out) => out.clone(),
        None => root(None)?.join(DIST),
    };
    let store = Store::open(out, threads(global));
    let build = store.find(&args.build).map_err(|error| store_trouble(&error))?;
    let registry = Registry::open(&reference, remote::credentials());
    let bar = Bar::new("pushing", term);
    let pushed = signatures(store.dist(), build.id()).and_then(|found| {
        push(&registry, &build, &found.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), &bar)
    });
    drop(bar);
    let pushed = match pushed {
        Ok(pushed) => pushed,
        Err(error) => return remote::failed(term, error),
    };
    let (sent, there) = (remote::told(pushed.sent, "blob"), remote::told(pushed.there, "blob"));
    term.say(&format!("build {}: {sent} sent, {there} were there", build.id()));
    for tag in &pushed.cluster_tags {
        term.say(&format!("for Flux: oci://{}/{}, tag {tag}", reference.registry, reference.name));
    }
    // What names this build for ever is data: for `platc pull`, for a file of a deployment.
    let written = term::data(format!("{}\n", pushed.reference).as_bytes())?;
    Ok(if written { Exit::Clean } else { Exit::Closed })
}

/// A plugin's file, with the signature beside it.
#[expect(clippy::disallowed_methods, reason = "the file is pushed as it is, and is no input of a build")]
fn plugin(reference: &Reference, file: &Path, term: &Term) -> Result<Exit, Trouble> {
    let cannot = |path: &Path, error: &std::io::Error| {
        Trouble::new(format!("cannot read `{}`: {error}", path.display()))
    };
    let bytes = std::fs::read(file).map_err(|error| cannot(file, &error))?;
    let beside = file.with_extension("wasm.sig");
    let signatures = match std::fs::read(&beside) {
        Ok(text) => vec![text],
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(cannot(&beside, &error)),
    };
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bar = Bar::new("pushing", term);
    let pushed =
        push_plugin(&Registry::open(reference, remote::credentials()), &name, &bytes, &signatures, &bar);
    drop(bar);
    match pushed {
        Ok(pushed) => {
            let signed = if signatures.is_empty() { "" } else { ", signed" };
            term.say(&format!("plugin {name}: {} KiB{signed}", bytes.len().div_ceil(1024)));
            let written = term::data(format!("{pushed}\n").as_bytes())?;
            Ok(if written { Exit::Clean } else { Exit::Closed })
        }
        Err(error) => remote::failed(term, error),
    }
}
