//! `platc fetch` and `platc vendor`: plugins from registries and digests of images, pinned in `platc.lock`.
//!
//! Fetched ones lie in the platform's hidden `.platc`, which no version control sees; vendored ones in
//! `vendor/plugins`, to be committed. A build finds either, and never asks a registry.

use std::path::Path;

use platc_diag::{Diagnostic, codes};
use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::discover::LOCK_FILE;
use platc_driver::images::{self, Digest, TaggedImage, tagged};
use platc_driver::plugins::{
    self, RemotePlugin, cached_file, changed_in_registry, is_pinned, remote_plugins, vendored,
};
use platc_driver::world::{Disk, World as _};
use platc_remote::plugin::{Fetched, fetch};
use platc_remote::tags::digests;
use platc_remote::{Error, Purpose, Reference, Registry, Trust};
use platc_store::Timestamp;

use super::remote::{self, Bar};
use super::{make_directory, root, shown, timestamp, write_file};
use crate::cli::{FetchArgs, Fetchable, Format};
use crate::exit::Exit;
use crate::show;
use crate::term::{Term, Trouble};

/// Where what was fetched is to lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// In this checkout.
    Cached,
    /// Also in the repository.
    Vendored,
}

/// A plugin, and where it came from.
struct Got<'p> {
    plugin: &'p RemotePlugin,
    bytes: Vec<u8>,
    /// Nothing for one that was here.
    new: Option<New>,
}

struct New {
    signatures: Vec<Vec<u8>>,
    signer: Option<String>,
}

/// Why there is no plugin.
enum Missing {
    Finding(Diagnostic),
    Outside(Error),
}

pub(super) fn run(args: &FetchArgs, keep: Keep, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.dir.as_deref())?;
    let analysis = analyse(&Disk, &root, AnalysisOptions { today: None });
    let obstacles = plugins::obstacles(&analysis);
    if !obstacles.is_empty() {
        show::findings(term, Format::Human, &analysis.files, &obstacles)?;
        return Ok(Exit::Found);
    }
    let trust = match remote::trust(args.trust.as_deref(), Some(&root)) {
        Ok(trust) => trust.filter(|trust| trust.demands(Purpose::Plugin)),
        Err(error) => return remote::failed(term, error),
    };
    let at = Timestamp::parse(&timestamp()).map_err(Trouble::new)?;
    let wants = |what| args.only.is_none_or(|only| only == what);
    let declared = if wants(Fetchable::Plugins) { remote_plugins(&analysis) } else { Vec::new() };
    let by_tag = if wants(Fetchable::Images) { tagged(&analysis) } else { Vec::new() };
    let (mut got, mut findings) = (Vec::new(), Vec::new());
    for plugin in &declared {
        match one(&root, plugin, args.update, trust.as_ref(), &at, term) {
            Ok(plugin) => got.push(plugin),
            Err(Missing::Finding(finding)) => findings.push(finding),
            Err(Missing::Outside(error)) => return remote::failed(term, error),
        }
    }
    let found = match look_up(&by_tag, args.update, &mut findings, term) {
        Ok(found) => found,
        Err(error @ Error::Http { .. }) => {
            let way_out = "nothing was pinned; run it again, or `platc fetch --only plugins`";
            return Err(Trouble::new(error).help(way_out));
        }
        Err(error) => return remote::failed(term, error),
    };
    // All of them or none: a lock that has half of what was asked for looks as if it were done.
    if !findings.is_empty() {
        show::findings(term, Format::Human, &analysis.files, &findings)?;
        term.say(&format!("nothing was pinned: {}", show::tally(&findings).unwrap_or_default()));
        return Ok(Exit::Found);
    }
    for (image, digest) in &found {
        if image.pinned.as_ref() != Some(digest) {
            term.say(&format!("{}: {}", image.written, digest.as_str()));
        }
    }
    write(&root, &analysis, (&got, &found), keep, term)?;
    match (declared.len(), by_tag.len()) {
        (0, 0) => term.say(match args.only {
            None => "no plugin comes from a registry, and no image is written by tag",
            Some(Fetchable::Plugins) => "no plugin comes from a registry",
            Some(Fetchable::Images) => "no image is written by tag",
        }),
        (_, 0) => {}
        (_, n) => {
            let new = found.iter().filter(|(image, digest)| image.pinned.as_ref() != Some(digest)).count();
            term.say(&format!(
                "{n} {} written by tag, {new} newly pinned",
                if n == 1 { "image" } else { "images" }
            ));
        }
    }
    Ok(Exit::Clean)
}

/// What registries have under the tags of images; with `update` of all of them, and else of those that the lock lacks.
fn look_up<'i>(
    images: &'i [TaggedImage],
    update: bool,
    findings: &mut Vec<Diagnostic>,
    term: &Term,
) -> Result<Vec<(&'i TaggedImage, Digest)>, Error> {
    let (mut asked, mut references) = (Vec::new(), Vec::new());
    for image in images.iter().filter(|image| update || image.pinned.is_none()) {
        match Reference::parse(&image.reference) {
            Ok(reference) => {
                asked.push(image);
                references.push(reference);
            }
            Err(error) => findings.push(Diagnostic::new(codes::E0837, image.span, error.to_string())),
        }
    }
    let bar = (!asked.is_empty()).then(|| Bar::new("looking images up", term));
    let answers = digests(&references, &remote::credentials())?;
    drop(bar);
    let mut found = Vec::new();
    for (image, answer) in asked.into_iter().zip(answers) {
        match answer.and_then(|digest| Digest::parse(&format!("sha256:{digest}")).ok()) {
            Some(digest) => found.push((image, digest)),
            None => findings.push(images::unknown(image)),
        }
    }
    Ok(found)
}

/// One plugin: from here, if what is here is what the lock has, and else from its registry.
fn one<'p>(
    root: &Path,
    plugin: &'p RemotePlugin,
    update: bool,
    trust: Option<&Trust>,
    at: &Timestamp,
    term: &Term,
) -> Result<Got<'p>, Missing> {
    if !update && let Some(bytes) = here(root, plugin) {
        return Ok(Got { plugin, bytes, new: None });
    }
    let finding = |code, message: String| Diagnostic::new(code, plugin.span, message);
    let reference = plugin.from.strip_prefix("oci://").map(Reference::parse);
    let reference = match reference {
        Some(Ok(reference)) => reference,
        Some(Err(error)) => return Err(Missing::Finding(finding(codes::E0837, error.to_string()))),
        None => {
            let found =
                finding(codes::E0837, format!("`{}` is no place that plugins come from", plugin.from));
            return Err(Missing::Finding(
                found.help("write a file of the platform, or `oci://REGISTRY/NAME:TAG`"),
            ));
        }
    };
    let bar = Bar::new("fetching", term);
    let fetched = fetch(&Registry::open(&reference, remote::credentials()), &bar);
    drop(bar);
    let refused = |refusal: platc_remote::Refusal| finding(refusal.code, refusal.message).help(refusal.help);
    let Fetched { bytes, signatures } = fetched.map_err(|error| match error {
        Error::Refused(refusal) => Missing::Finding(refused(refusal)),
        error => Missing::Outside(error),
    })?;
    if plugin.pinned.is_some() && !update && !is_pinned(plugin, &bytes) {
        return Err(Missing::Finding(changed_in_registry(plugin, &bytes)));
    }
    let signer = match trust {
        Some(trust) => {
            let signer = trust.signer(Purpose::Plugin, &bytes, &signatures, at, &plugin.from);
            Some(signer.map_err(|refusal| Missing::Finding(refused(refusal)))?.to_owned())
        }
        None => None,
    };
    Ok(Got { plugin, bytes, new: Some(New { signatures, signer }) })
}

/// The bytes that the lock has, if they are in this checkout.
fn here(root: &Path, plugin: &RemotePlugin) -> Option<Vec<u8>> {
    let pinned = plugin.pinned.as_deref()?;
    let cached = format!(".platc/plugins/{}.wasm", pinned.trim_start_matches("sha256:"));
    let read = |path: String| Disk.read(&root.join(path)).ok().filter(|bytes| is_pinned(plugin, bytes));
    read(vendored(&plugin.name)).or_else(|| read(cached))
}

fn write(
    root: &Path,
    analysis: &Analysis,
    (got, images): (&[Got<'_>], &[(&TaggedImage, Digest)]),
    keep: Keep,
    term: &Term,
) -> Result<(), Trouble> {
    for Got { plugin, bytes, new } in got {
        let vendored = root.join(vendored(&plugin.name));
        let path = match keep {
            // One that is committed already stands before any other, so it is replaced there.
            Keep::Cached if !Disk.is_file(&vendored) => root.join(cached_file(bytes)),
            Keep::Cached | Keep::Vendored => vendored,
        };
        let told = match new {
            Some(New { signer: Some(signer), .. }) => format!("fetched, signed by {signer}"),
            Some(New { signer: None, .. }) => "fetched".to_owned(),
            None => "is here".to_owned(),
        };
        if keep == Keep::Cached && new.is_some() {
            ignore(root)?;
            store(&path, bytes)?;
        }
        if keep == Keep::Vendored && Disk.read(&path).ok().as_ref() != Some(bytes) {
            store(&path, bytes)?;
        }
        if let (Keep::Vendored, Some(signature)) = (keep, new.as_ref().and_then(|new| new.signatures.first()))
        {
            store(&path.with_extension("wasm.sig"), signature)?;
        }
        term.say(&format!(
            "{}: {told} ({} KiB), in {}",
            plugin.name,
            bytes.len().div_ceil(1024),
            shown(&path)
        ));
    }
    let pins: Vec<(&RemotePlugin, &[u8])> = got.iter().map(|got| (got.plugin, &got.bytes[..])).collect();
    if let Some(text) = plugins::pin(analysis, &pins, images) {
        write_file(&root.join(LOCK_FILE), text.as_bytes())?;
        term.say("wrote platc.lock: keep it in version control");
    }
    Ok(())
}

fn store(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    write_file(path, bytes)
}

/// Keeps version control away from what can be fetched again.
fn ignore(root: &Path) -> Result<(), Trouble> {
    let path = root.join(".platc/.gitignore");
    if Disk.is_file(&path) { Ok(()) } else { store(&path, b"*\n") }
}
