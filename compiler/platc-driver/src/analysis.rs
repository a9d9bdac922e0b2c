//! From files to a plan: parse, outline, link, expand, check, relate, plan, prove.
//!
//! Not here: policies ([`crate::judge`] comes after; what they change is checked here again).
//!
//! Start with [`analyse`].

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platc_diag::{Diagnostic, File, FileId, Files, Problems, Span, codes};
use platc_model::scalar::Date;
use platc_model::types::Types;
use platc_model::{Lock, Model};
use platc_plan::Plan;
use platc_proof::pack::Limits;
use platc_sema::check::{self, Checked};
use platc_sema::cx::{Assets, Cx, ItemNames, NoFiles, UserTypes};
use platc_sema::expand::{Expanded, expand};
use platc_sema::link::{Index, link};
use platc_sema::outline::{Outline, outline};
use platc_sema::project::{NodeAt, Project, Source, UnitId};
use platc_sema::relate::{self, Values, call_demands};
use platc_sema::shapes;
use platc_sema::sites::{self, Sites};
use rayon::prelude::*;

use crate::assets::AssetFiles;
use crate::discover::{LOCK_FILE, Loaded, Parsed, load};
use crate::errors;
use crate::trace;
use crate::waivers::{self, Judged};
use crate::world::World;

/// A platform as it is written and checked: what a [`Draft`] and an [`Analysis`] have in common.
#[derive(Clone, Debug)]
pub struct Platform {
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
    /// What was given out before.
    pub lock: Lock,
    /// What is wrong, waived or not, as it was found so far.
    pub found: Problems,
    /// What it depends on beside files.
    pub options: AnalysisOptions,
    /// Files with changes by policies: names of the files' policies.
    pub changed_by: Vec<(FileId, Arc<str>)>,
    /// The files before anything was made of them, to be checked again with changes by policies.
    read: Arc<Sources>,
}

/// A platform as far as it is checked before anything is decided: what an editor needs at each key.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What is written.
    pub platform: Platform,
    /// Declarations at their places, with values.
    pub values: Values,
    /// What was given out before, and now: the local ports of calls.
    pub given: Lock,
}

/// A platform, checked and planned as far as it can be.
#[derive(Debug)]
pub struct Analysis {
    /// What is written.
    pub platform: Platform,
    /// The whole, with values.
    pub model: Arc<Model>,
    /// The whole, with everything decided; as good as the model is. Shared with who looks at it for longer.
    pub plan: Arc<Plan>,
    /// What is wrong, in the order of a report, without what is waived.
    pub problems: Problems,
}

impl Deref for Draft {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

impl Deref for Analysis {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

/// A platform's files as they were read, once: a second look at the disk could see other files.
#[derive(Debug)]
struct Sources {
    root: PathBuf,
    files: Files,
    project: Project,
    lock: Lock,
    problems: Problems,
}

/// KDL that a policy adds: `amend` nodes that weigh more than anything an author says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// The policy, as the platform calls it.
    pub(crate) policy: Arc<str>,
    /// The nodes.
    pub(crate) text: String,
}

/// What an analysis depends on beside files.
#[derive(Clone, Copy, Default, Debug)]
pub struct AnalysisOptions {
    /// The day on which the ends of waivers are judged.
    pub today: Option<Date>,
}

/// The day that a text names: `2026-11-21`.
pub fn parse_date(text: &str) -> Option<Date> {
    Date::parse(text).ok()
}

/// What follows of a [`Draft`].
#[derive(Clone, Debug)]
pub struct Planned {
    /// The whole, with values.
    pub model: Arc<Model>,
    /// The whole, with everything decided; as good as the model is.
    pub plan: Arc<Plan>,
    /// What planning, proofs and targets find, waived or not.
    pub found: Problems,
}

/// What drafts of one platform take over from each other.
#[derive(Default, Debug)]
pub struct Memo {
    /// Trees of files that are as they were.
    pub(crate) parsed: Parsed,
    /// Declarations that are as they were.
    checked: platc_sema::memo::Memo,
}

/// Reads, checks and plans the platform in `root`.
pub fn analyse(world: &dyn World, root: &Path, options: AnalysisOptions) -> Analysis {
    let read = Arc::new(read(world, root, &mut Parsed::default()));
    let draft = check(world, read, &[], options, None);
    let planned = draft.plan();
    Analysis::of(draft, planned)
}

/// Reads and checks the platform in `root`; what `memo` has of it and what is the same is taken over.
pub fn draft(world: &dyn World, root: &Path, options: AnalysisOptions, memo: &mut Memo) -> Draft {
    let read = Arc::new(read(world, root, &mut memo.parsed));
    check(world, read, &[], options, Some(&mut memo.checked))
}

fn read(world: &dyn World, root: &Path, before: &mut Parsed) -> Sources {
    let _phase = trace::span("read and parse");
    let Loaded { root, mut files, project, mut problems } = load(world, root, before);
    let lock = read_lock(world, &root, before, &mut files, &mut problems);
    Sources { root, files, project, lock, problems }
}

impl Platform {
    /// All that a value's meaning can depend on, for who looks at it again.
    pub fn cx<'a>(&'a self, assets: &'a dyn Assets) -> Cx<'a> {
        Cx {
            project: &self.project,
            index: &self.index,
            types: &self.types,
            user: &self.user,
            items: &self.expanded.items,
            names: &self.names,
            scopes: &self.expanded.scopes,
            assets,
        }
    }
}

impl Draft {
    /// Plans it. What is found depends on what was found before: in a broken platform, most is a consequence.
    pub fn plan(&self) -> Planned {
        let mut problems = self.found.clone();
        let before = problems.len();
        let model = Arc::new(relate::model(self.cx(&NoFiles), &self.values));
        let plan = plan(&model, &self.given, &mut problems);
        Planned { model, plan, found: problems.split_off(before) }
    }

    /// What is wrong so far and not waived, in the order of a report.
    pub fn problems(&self) -> Problems {
        let allows = relate::allows(self.cx(&NoFiles), &self.values);
        waivers::apply(&allows, self.found.clone(), self.options.today, Judged::NotPlanned)
    }

    /// What is wrong with it and with what follows of it, and not waived, in the order of a report.
    pub fn problems_with(&self, planned: &Planned) -> Problems {
        let found = self.found.iter().chain(&planned.found).cloned().collect();
        waivers::apply(&planned.model.allows, found, self.options.today, Judged::No)
    }
}

impl Analysis {
    /// A draft with what follows of it.
    pub fn of(draft: Draft, planned: Planned) -> Self {
        let problems = draft.problems_with(&planned);
        let mut platform = draft.platform;
        platform.found.extend(planned.found);
        Self { platform, model: planned.model, plan: planned.plan, problems }
    }

    /// The same platform with what policies change, checked and planned again from the start.
    pub(crate) fn with_changes(&self, world: &dyn World, changes: &[Change]) -> Self {
        let draft = check(world, Arc::clone(&self.read), changes, self.options, None);
        let planned = draft.plan();
        Self::of(draft, planned)
    }

    /// Adds findings of judges, and says again what is wrong and not waived.
    pub(crate) fn add(&mut self, found: Problems, judged: Judged) {
        self.platform.found.extend(found);
        self.problems = waivers::apply(&self.model.allows, self.found.clone(), self.options.today, judged);
    }

    /// What of these findings, of a part of the platform or of a change to it, is not waived.
    pub fn unwaived(&self, found: Problems) -> Problems {
        waivers::unwaived(&self.model, found, self.options.today)
    }

    /// The place that stands for the whole platform: the name of its `platform` node.
    pub fn platform_span(&self) -> Span {
        let platform = self.model.platforms.values().next();
        let first = self.project.sources.iter().find(|source| source.unit == UnitId::PLATFORM);
        platform
            .map(|platform| platform.head.span)
            .or_else(|| first.map(|source| Span::start_of(source.file)))
            .unwrap_or_else(|| Span::start_of(FileId(0)))
    }
}

/// Adds what policies change to the files.
fn add_changes(
    files: &mut Files,
    project: &mut Project,
    changes: &[Change],
    problems: &mut Problems,
) -> Vec<(FileId, Arc<str>)> {
    let mut by = Vec::with_capacity(changes.len());
    for change in changes {
        let id = files.add(File::new(format!("changes by {}", change.policy), change.text.as_str()));
        let parsed = platc_syntax::parse(id, files.get(id).shared_text());
        problems.extend(parsed.problems);
        let tree = Arc::new(parsed.tree);
        project.sources.push(Source { file: id, tree, dir: "".into(), unit: UnitId::PLATFORM, policy: true });
        by.push((id, Arc::clone(&change.policy)));
    }
    by
}

fn check(
    world: &dyn World,
    read: Arc<Sources>,
    changes: &[Change],
    options: AnalysisOptions,
    memo: Option<&mut platc_sema::memo::Memo>,
) -> Draft {
    let (mut files, mut project) = (read.files.clone(), read.project.clone());
    let (mut found, lock, root) = (read.problems.clone(), read.lock.clone(), read.root.clone());
    let changed_by = add_changes(&mut files, &mut project, changes, &mut found);
    let linking = trace::span("link");
    let outlines: Vec<Outline> = project.sources.par_iter().map(|source| outline(&source.tree)).collect();
    let index = link(&project, &outlines, &mut found);
    let (types, user) = shapes::of_project(&project, &index, &mut found);
    drop(linking);
    let basis = Basis {
        world,
        root: &root,
        project: &project,
        index: &index,
        types: &types,
        user: &user,
        lock: &lock,
        amends: &index.amends,
    };
    let Related { expanded, names, checked, sites, values, given } =
        relate_all(&basis, &mut files, memo, &mut found);
    let platform = Platform {
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
        lock,
        found,
        options,
        changed_by,
        read,
    };
    Draft { platform, values, given }
}

/// What a platform is worked out from.
pub(crate) struct Basis<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) root: &'a Path,
    pub(crate) project: &'a Project,
    pub(crate) index: &'a Index,
    pub(crate) types: &'a Types,
    pub(crate) user: &'a UserTypes,
    pub(crate) lock: &'a Lock,
    /// Amendments: those of the platform and, in a test, its own.
    pub(crate) amends: &'a [NodeAt],
}

impl<'a> Basis<'a> {
    pub(crate) fn cx(&self, expanded: &'a Expanded, names: &'a ItemNames, assets: &'a dyn Assets) -> Cx<'a> {
        let Self { project, index, types, user, .. } = *self;
        Cx { project, index, types, user, items: &expanded.items, names, scopes: &expanded.scopes, assets }
    }
}

/// A platform, worked out.
pub(crate) struct Solved {
    pub(crate) expanded: Expanded,
    pub(crate) names: ItemNames,
    pub(crate) checked: Checked,
    pub(crate) sites: Sites,
    pub(crate) model: Arc<Model>,
    pub(crate) plan: Arc<Plan>,
}

/// A platform, checked.
struct Related {
    expanded: Expanded,
    names: ItemNames,
    checked: Checked,
    sites: Sites,
    values: Values,
    /// What was given out before, and now: the local ports of calls, which configs speak of.
    given: Lock,
}

/// From linked files to a plan. Files that declarations name are put behind `files`.
pub(crate) fn solve(basis: &Basis<'_>, files: &mut Files, problems: &mut Problems) -> Solved {
    let Related { expanded, names, checked, sites, values, given } = relate_all(basis, files, None, problems);
    let cx = basis.cx(&expanded, &names, &NoFiles);
    let model = Arc::new(relate::model(cx, &values));
    let plan = plan(&model, &given, problems);
    Solved { expanded, names, checked, sites, model, plan }
}

/// From linked files to values. Files that declarations name are put behind `files`.
fn relate_all(
    basis: &Basis<'_>,
    files: &mut Files,
    memo: Option<&mut platc_sema::memo::Memo>,
    problems: &mut Problems,
) -> Related {
    let Basis { world, root, project, index, types, lock, amends, .. } = *basis;
    let phase = trace::span("expand");
    let expanded = expand(project, index, types, amends, problems);
    let names = ItemNames::new(&expanded.items, types);
    let assets = AssetFiles::new(world, root, files);
    let cx = basis.cx(&expanded, &names, &assets);
    drop(phase);
    let phase = trace::span("check");
    let mut memo = memo;
    let mut checked = check::general(cx, memo.as_deref_mut(), problems);
    let sites = sites::build(cx, &checked, memo.as_deref_mut(), problems);
    check::at_places(cx, &mut checked, &sites, memo.as_deref_mut(), problems);
    drop(phase);
    let phase = trace::span("relate");
    let ports = platc_plan::call_ports(&call_demands(cx, &checked, &lock.ports, memo.as_deref_mut()), lock);
    let values = relate::values(cx, &checked, &sites, &ports, memo, problems);
    for file in assets.into_files() {
        files.add(file);
    }
    drop(phase);
    Related { expanded, names, checked, sites, values, given: Lock { ports, ..lock.clone() } }
}

fn plan(model: &Arc<Model>, before: &Lock, problems: &mut Problems) -> Arc<Plan> {
    let phase = trace::span("plan");
    let (plan, found) = platc_plan::plan(Arc::clone(model), before);
    drop(phase);
    let _phase = trace::span("prove");
    // What a plan finds in a broken model may be a consequence, and so on.
    let is_broken = |problems: &[Diagnostic]| problems.iter().any(Diagnostic::is_error);
    if is_broken(problems) {
        return Arc::new(plan);
    }
    let sized = !found.iter().any(leaves_hosts_without_size);
    let prove = || if sized { platc_proof::prove(&plan, Limits::default()).1 } else { Problems::new() };
    let check = || {
        let mut objections = Problems::new();
        if !is_broken(&found) {
            platc_emit::check(&plan, &mut objections);
        }
        objections
    };
    let (proved, objections) = rayon::join(prove, check);
    problems.extend(found);
    problems.extend(proved);
    if !is_broken(problems) {
        problems.extend(objections);
    }
    Arc::new(plan)
}

/// Whether a finding says that what is left on some host is not known: then sums over it mean nothing.
fn leaves_hosts_without_size(finding: &Diagnostic) -> bool {
    let codes = [codes::E0302, codes::E0505, codes::E0506, codes::E0507, codes::E0527];
    codes.iter().any(|code| finding.code().id() == code.id())
}

/// Reads the lock, or takes it from `before` if it is as it was.
fn read_lock(
    world: &dyn World,
    root: &Path,
    before: &mut Parsed,
    files: &mut Files,
    problems: &mut Problems,
) -> Lock {
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
            let text = files.get(id).shared_text();
            let known = before.lock.take().filter(|(own, known, ..)| *own == id && **known == *text);
            let (id, text, lock, own) = known.unwrap_or_else(|| {
                let parsed = platc_syntax::parse(id, Arc::clone(&text));
                let mut own = parsed.problems;
                let lock = platc_sema::lock::read(&parsed.tree, &mut own);
                (id, text, lock, own)
            });
            problems.extend(own.iter().cloned());
            before.lock = Some((id, text, lock.clone(), own));
            lock
        }
        Err(error) => {
            let id: FileId = files.add(File::new(LOCK_FILE, ""));
            problems.push(errors::cannot_read(Span::start_of(id), &error));
            Lock::default()
        }
    }
}
