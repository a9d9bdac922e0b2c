//! From files to a checked model: parse, outline, link, expand, check, relate.
//!
//! Start with [`analyse`].

use std::path::Path;
use std::sync::Arc;

use platc_diag::{FileId, Files, Problems};
use platc_model::types::Types;
use platc_model::{CallPorts, Model};
use platc_sema::check::{self, Checked};
use platc_sema::cx::{Assets, Cx, ItemNames, UserTypes};
use platc_sema::expand::{Expanded, expand};
use platc_sema::link::{Index, link};
use platc_sema::outline::{Outline, outline};
use platc_sema::project::Project;
use platc_sema::relate::{call_demands, relate};
use platc_sema::sites::{self, Sites};
use platc_sema::shapes;
use rayon::prelude::*;

use crate::discover::{Loaded, load};
use crate::world::World;

/// A platform, checked as far as it can be.
#[derive(Debug)]
pub struct Analysis {
    /// All texts.
    pub files: Files,
    /// Their trees.
    pub project: Project,
    /// Who is where.
    pub index: Index,
    /// Types of kinds and configs.
    pub types: Types,
    /// The author's types.
    pub user: UserTypes,
    /// All declarations.
    pub expanded: Expanded,
    /// By kind and name.
    pub names: ItemNames,
    /// Their fields.
    pub checked: Checked,
    /// Where they are.
    pub sites: Sites,
    /// Local ports of calls.
    pub ports: CallPorts,
    /// The whole, with values.
    pub model: Model,
    /// What is wrong, in the order of a report.
    pub problems: Problems,
}

/// Files that declarations name, read through the world.
struct NoAssets;

impl Assets for NoAssets {
    fn text(&self, _: FileId, _: &str) -> Result<(FileId, Arc<str>), String> {
        Err("not read yet".to_owned())
    }
}

/// Reads and checks the platform in `root`.
pub fn analyse(world: &dyn World, root: &Path) -> Analysis {
    let Loaded { files, project, mut problems, .. } = load(world, root);
    let outlines: Vec<Outline> = project.sources.par_iter().map(|source| outline(&source.tree)).collect();
    let index = link(&project, &outlines, &mut problems);
    let (types, user) = shapes::of_project(&project, &index, &mut problems);
    let amends = index.amends.clone();
    let expanded = expand(&project, &index, &types, &amends, &mut problems);
    let names = ItemNames::new(&expanded.items, &types);
    let cx = Cx {
        project: &project,
        index: &index,
        types: &types,
        user: &user,
        items: &expanded.items,
        names: &names,
        scopes: &expanded.scopes,
        assets: &NoAssets,
    };
    let mut checked = check::general(cx, &mut problems);
    let sites = sites::build(cx, &checked, &mut problems);
    check::at_places(cx, &mut checked, &sites, &mut problems);
    let mut ports = CallPorts::default();
    for demand in call_demands(cx, &checked) {
        for (port, call) in (8101..).zip(&demand.calls) {
            ports.insert(&demand.workload, call, port);
        }
    }
    let model = relate(cx, &checked, &sites, &ports, &mut problems);
    problems.sort_by(platc_diag::Diagnostic::report_order);
    Analysis { files, project, index, types, user, expanded, names, checked, sites, ports, model, problems }
}
