//! From files to a plan: parse, outline, link, expand, check, relate, plan, prove.
//!
//! Start with [`analyse`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platc_diag::{Diagnostic, File, FileId, Files, Problems, codes};
use platc_model::scalar::Date;
use platc_model::types::Types;
use platc_model::{Lock, Model};
use platc_plan::Plan;
use platc_proof::pack::Limits;
use platc_sema::check::{self, Checked};
use platc_sema::cx::{Cx, ItemNames, UserTypes};
use platc_sema::expand::{Expanded, expand};
use platc_sema::link::{Index, link};
use platc_sema::outline::{Outline, outline};
use platc_sema::project::Project;
use platc_sema::relate::{call_demands, relate};
use platc_sema::shapes;
use platc_sema::sites::{self, Sites};
use rayon::prelude::*;

use crate::assets::AssetFiles;
use crate::discover::{LOCK_FILE, Loaded, load};
use crate::errors;
use crate::waivers;
use crate::world::World;

/// A platform, checked and planned as far as it can be.
#[derive(Debug)]
pub struct Analysis {
    /// Its directory.
    pub root: PathBuf,
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
    /// The whole, with values.
    pub model: Arc<Model>,
    /// What was given out before.
    pub lock: Lock,
    /// The whole, with everything decided; as good as the model is.
    pub plan: Plan,
    /// What is wrong, in the order of a report.
    pub problems: Problems,
}

/// What an analysis depends on beside files.
#[derive(Clone, Copy, Default, Debug)]
pub struct AnalysisOptions {
    /// The day on which the ends of waivers are judged.
    pub today: Option<Date>,
}

/// Reads, checks and plans the platform in `root`.
pub fn analyse(world: &dyn World, root: &Path, options: AnalysisOptions) -> Analysis {
    let Loaded { root, mut files, project, mut problems } = load(world, root);
    let lock = read_lock(world, &root, &mut files, &mut problems);
    let outlines: Vec<Outline> = project.sources.par_iter().map(|source| outline(&source.tree)).collect();
    let index = link(&project, &outlines, &mut problems);
    let (types, user) = shapes::of_project(&project, &index, &mut problems);
    let expanded = expand(&project, &index, &types, &index.amends, &mut problems);
    let names = ItemNames::new(&expanded.items, &types);
    let assets = AssetFiles::new(world, &root, &files);
    let cx = Cx {
        project: &project,
        index: &index,
        types: &types,
        user: &user,
        items: &expanded.items,
        names: &names,
        scopes: &expanded.scopes,
        assets: &assets,
    };
    let mut checked = check::general(cx, &mut problems);
    let sites = sites::build(cx, &checked, &mut problems);
    check::at_places(cx, &mut checked, &sites, &mut problems);
    let ports = platc_plan::call_ports(&call_demands(cx, &checked), &lock);
    let model = Arc::new(relate(cx, &checked, &sites, &ports, &mut problems));
    for file in assets.into_files() {
        files.add(file);
    }
    let before = Lock { ports, ..lock.clone() };
    let (plan, found) = platc_plan::plan(Arc::clone(&model), &before);
    // What a plan finds in a broken model may be a consequence.
    if !problems.iter().any(Diagnostic::is_error) {
        let sized = !found.iter().any(leaves_hosts_without_size);
        problems.extend(found);
        if sized {
            problems.extend(platc_proof::prove(&plan, Limits::default()).1);
        }
    }
    if !problems.iter().any(Diagnostic::is_error) {
        platc_emit::check(&plan, &mut problems);
    }
    let problems = waivers::apply(&model, problems, options.today);
    Analysis {
        root,
        files,
        project,
        index,
        types,
        user,
        expanded,
        names,
        checked,
        sites,
        model,
        lock,
        plan,
        problems,
    }
}

/// Whether a finding says that what is left on some host is not known: then sums over it mean nothing.
fn leaves_hosts_without_size(finding: &Diagnostic) -> bool {
    let codes = [codes::E0302, codes::E0505, codes::E0506, codes::E0507, codes::E0527];
    codes.iter().any(|code| finding.code().id() == code.id())
}

fn read_lock(world: &dyn World, root: &Path, files: &mut Files, problems: &mut Problems) -> Lock {
    let path = root.join(LOCK_FILE);
    if !world.is_file(&path) {
        return Lock::default();
    }
    let text = world.read(&path).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
    });
    match text {
        Ok(text) => {
            let id = files.add(File::new(LOCK_FILE, text));
            let parsed = platc_syntax::parse(id, files.get(id).shared_text());
            let mut own = parsed.problems;
            let lock = platc_sema::lock::read(&parsed.tree, &mut own);
            problems.extend(own);
            lock
        }
        Err(error) => {
            let id: FileId = files.add(File::new(LOCK_FILE, ""));
            problems.push(errors::cannot_read(platc_diag::Span::start_of(id), &error));
            Lock::default()
        }
    }
}
