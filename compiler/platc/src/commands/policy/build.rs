//! `platc policy build`: sources in, the file that platforms use out.
//!
//! Whatever the language, what its compiler leaves is made a component, loaded as platc would load it, and
//! written under the name that the policy gives itself: a file that is there can be used.
//!
//! Not here: how a language's compiler is found and started (a module each: [`super::cargo`],
//! [`super::node`], [`super::python`]).

use std::path::PathBuf;

use platc_artifact::judge::Loaded;
use platc_diag::Diagnostic;
use platc_policy::Host;
use platc_policy_library::{Language, is_name};

use super::project::Project;
use super::{cargo, load, node, project, python, report};
use crate::cli::{Global, PolicyProject};
use crate::commands::{shown, write_file};
use crate::exit::Exit;
use crate::policies;
use crate::term::{Term, Trouble};

/// A policy that was built.
pub(super) struct Built {
    /// A component.
    pub(super) bytes: Vec<u8>,
    pub(super) loaded: Loaded,
}

/// `platc policy build`.
pub(super) fn run(args: &PolicyProject, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let project = project::find(args.dir.as_deref())?;
    let host = policies::host(None).map_err(Trouble::new)?;
    let built = match build(&project, &host, global)? {
        Ok(built) => built,
        Err(problems) => return Ok(report(term, &problems)),
    };
    let name = &built.loaded.description.name;
    if !is_name(name) {
        return Err(Trouble::new(format!("the policy calls itself `{}`", name.escape_debug())).help(
            "its name has lower case letters and digits, with single dashes between: it names the file, too",
        ));
    }
    let path = project.dir.join(format!("{name}.wasm"));
    write_file(&path, &built.bytes)?;
    let kib = built.bytes.len().div_ceil(1024);
    term.say(&format!("wrote {} ({kib} KiB)", shown(&path)));
    term.say(&format!(
        "next: copy it beside a platform, and say `plugin {name} from=\"{name}.wasm\"` and `use {name}`"
    ));
    Ok(Exit::Clean)
}

/// Builds. The inner `Err` is what platc has against the file that came of it.
pub(super) fn build(
    project: &Project,
    host: &Host,
    global: &Global,
) -> Result<Result<Built, Vec<Diagnostic>>, Trouble> {
    let (path, bytes): (PathBuf, Vec<u8>) = match project.language {
        Language::Rust => cargo::build(&project.dir, global.quiet)?,
        Language::TypeScript => node::build(&project.dir)?,
        Language::Python => python::build(&project.dir)?,
    };
    let made = platc_policy::component(&bytes).map_or_else(|| bytes.clone(), std::borrow::Cow::into_owned);
    Ok(load(host, &path, &made).map(|loaded| Built { bytes: made, loaded }))
}
