//! The standard library: its files, embedded, and the types of the kinds that they declare.
//!
//! Its files always are the first of a compilation, in one order, so that their trees can be parsed once
//! and their spans mean the same everywhere.
//!
//! Start with [`files`] and [`types`].

use std::sync::{Arc, LazyLock};

use platc_diag::{File, FileId, Files};
use platc_model::types::Types;
use platc_syntax::Tree;

use crate::shapes;

macro_rules! embedded {
    ($($path:literal,)*) => {
        /// Path below `stdlib/` and text of each file.
        const EMBEDDED: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../stdlib/", $path)))),*];
    };
}

embedded! {
    "kinds/platform.kdl",
    "kinds/site.kdl",
    "kinds/cluster.kdl",
    "kinds/stateful.kdl",
    "kinds/tenancy.kdl",
    "kinds/traffic.kdl",
    "kinds/workload.kdl",
}

/// How the files are shown: `stdlib/kinds/site.kdl`.
const SHOWN_UNDER: &str = "stdlib/";

struct Library {
    trees: Vec<Arc<Tree>>,
    types: Types,
    kind_names: Vec<&'static str>,
}

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let file = |(id, (_, text)): (u32, &(&str, &str))| {
        let parsed = platc_syntax::parse(FileId(id), Arc::from(*text));
        debug_assert!(parsed.problems.is_empty(), "stdlib: {:?}", parsed.problems);
        Arc::new(parsed.tree)
    };
    let trees: Vec<Arc<Tree>> = (0_u32..).zip(EMBEDDED).map(file).collect();
    let (types, problems) = shapes::kinds(&trees);
    debug_assert!(problems.is_empty(), "stdlib: {problems:?}");
    let kind_names = types.kinds().iter().map(|kind| kind.name).collect();
    Library { trees, types, kind_names }
});

/// The files of a new compilation: those of the standard library, in their order.
pub fn files() -> Files {
    let mut files = Files::default();
    for (path, text) in EMBEDDED {
        files.add(File::new(format!("{SHOWN_UNDER}{path}"), *text));
    }
    files
}

/// How many of the files of a compilation are the standard library's.
pub fn n_files() -> usize {
    EMBEDDED.len()
}

/// Path and text of each file, for what a build depends on.
pub fn sources() -> impl Iterator<Item = (&'static str, &'static str)> {
    EMBEDDED.iter().copied()
}

/// The trees of its files, in their order.
pub fn trees() -> &'static [Arc<Tree>] {
    &LIBRARY.trees
}

/// The types of the kinds.
pub fn types() -> &'static Types {
    &LIBRARY.types
}

/// Names of the kinds.
pub fn kind_names() -> &'static [&'static str] {
    &LIBRARY.kind_names
}
