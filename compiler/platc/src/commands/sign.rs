//! `platc sign`: a build, or a plugin's file, by an SSH key that somebody has already.

use std::path::{Path, PathBuf};

use platc_driver::build::DIST;
use platc_remote::{Error, Key, Purpose, signature};
use platc_store::Store;

use super::{remote, root, shown, store_trouble, threads, write_file};
use crate::cli::{Global, SignArgs};
use crate::exit::Exit;
use crate::term::{Term, Trouble};

pub(super) fn run(args: &SignArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let signed = match Path::new(&args.what) {
        file if file.extension().is_some_and(|extension| extension == "wasm") => plugin(args, file),
        _ => build(args, global)?,
    };
    match signed {
        Ok((path, fingerprint)) => {
            term.say(&format!("signed by {fingerprint}: {}", shown(&path)));
            Ok(Exit::Clean)
        }
        Err(error) => remote::failed(term, error),
    }
}

fn build(args: &SignArgs, global: &Global) -> Result<Result<(PathBuf, String), Error>, Trouble> {
    let out = match &args.out {
        Some(out) => out.clone(),
        None => root(None)?.join(DIST),
    };
    let store = Store::open(&out, threads(global));
    let build = store.find(&args.what).map_err(|error| store_trouble(&error))?;
    let key = key(args)?;
    let signed = key.sign(Purpose::Build, &build.manifest().to_bytes()).and_then(|signature| {
        let path = signature::keep(store.dist(), build.id(), &signature)?;
        Ok((path, signature.fingerprint()))
    });
    Ok(signed)
}

#[expect(clippy::disallowed_methods, reason = "the file is signed as it is, and is no input of a build")]
fn plugin(args: &SignArgs, file: &Path) -> Result<(PathBuf, String), Error> {
    let failed = |trouble: Trouble| Error::Sign { reason: trouble.to_string() };
    let bytes =
        std::fs::read(file).map_err(|source| Error::Io { action: "read", path: file.to_owned(), source })?;
    let signature = key(args).map_err(failed)?.sign(Purpose::Plugin, &bytes)?;
    let mut path = file.as_os_str().to_owned();
    path.push(".sig");
    let path = PathBuf::from(path);
    write_file(&path, &signature.to_text()).map_err(failed)?;
    Ok((path, signature.fingerprint()))
}

/// The key that was named, or the one that most people have.
fn key(args: &SignArgs) -> Result<Key, Trouble> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".ssh/id_ed25519"));
    let path = args.key.clone().or_else(|| home().filter(|key| key.is_file())).ok_or_else(|| {
        Trouble::new("there is no key to sign with")
            .help("name one with `--key FILE`; `ssh-keygen -t ed25519` makes one")
    })?;
    let agent = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()).map(PathBuf::from);
    Key::open(&path, agent.as_deref()).map_err(Trouble::new)
}
