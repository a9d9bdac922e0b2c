//! Policies at work: what a platform uses is loaded, what they change is checked again, and what they find
//! becomes findings like all others.
//!
//! The order of `use` nodes has no meaning. Transforms see the model as it was before any of them; what they
//! change is an edit of the model with the policy as its author, checked like the author's own words; all
//! validators see the result. A transform that would change its own result once more is an error, because
//! then two builds in a row would differ.
//!
//! Not here: running a policy (`platc-policy` does; this crate knows only [`Judge`]).
//!
//! Start with [`model`], then [`artifacts`].

mod patches;
pub(crate) mod uses;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use platc_artifact::judge::{Change, Cost, Judge, Loaded, Patch, Phase, Policies, Verdict};
use platc_artifact::view::{Pointer, View};
use platc_diag::{Diagnostic, FileId, Problems, Span};

pub use uses::{cached, digest_of, use_of, vendored};

use crate::analysis::Analysis;
use crate::emission::EmitError;
use crate::errors;
use crate::trace;
use crate::view::{ArtifactView, ModelView};
use crate::waivers::Judged;
use crate::world::World;

/// A platform with what policies changed in it and found of it. All findings are in `analysis`.
pub struct Judgement {
    /// The platform, after the changes.
    pub analysis: Analysis,
    /// The policies that it uses, ready to judge.
    pub policies: Box<dyn Policies>,
    /// What each of them found, by phase and name; their findings are in `analysis` too.
    pub verdicts: Vec<Verdict>,
    /// What they changed, by node, path and value.
    pub patches: Vec<Patch>,
    /// What changing cost, by policy.
    pub costs: Vec<(Arc<str>, Cost)>,
    /// What was wrong with loading.
    loading: Problems,
    view: Option<Arc<ModelView>>,
}

impl std::fmt::Debug for Judgement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judgement").field("verdicts", &self.verdicts).field("patches", &self.patches).finish()
    }
}

/// Loads what a platform uses, applies its transforms and judges its model. With an error in it, only
/// loading is tried: what policies find in a broken model may be a consequence.
pub fn model(world: &dyn World, analysis: Analysis, judge: &dyn Judge, threads: NonZeroUsize) -> Judgement {
    let _phase = trace::span("policies on the model");
    let mut analysis = analysis;
    let mut problems = Problems::new();
    let read = uses::read(world, &analysis, &mut problems);
    let spans: BTreeMap<Arc<str>, Span> =
        read.policies.iter().map(|policy| (Arc::clone(&policy.name), policy.span)).collect();
    let policies = judge.load(&read.policies, threads);
    problems.extend(policies.problems().iter().cloned());
    Arc::make_mut(&mut analysis.plan).lock.plugins = read.pins;
    analysis.add(problems.clone(), Judged::No);
    let mut judgement = Judgement {
        analysis,
        policies,
        verdicts: Vec::new(),
        patches: Vec::new(),
        costs: Vec::new(),
        loading: problems,
        view: None,
    };
    if !judgement.is_sound() {
        return judgement;
    }
    if judgement.loaded().is_empty() {
        // To show a model costs a third of what checking it does, and nobody would look.
        judgement.take(Vec::new(), Judged::Yes);
        return judgement;
    }
    let mut view = Arc::new(ModelView::new(&judgement.analysis));
    if judgement.policies.loaded().iter().any(|policy| policy.description.mutates()) {
        judgement.change(world, &view, &spans, threads);
        if !judgement.is_sound() {
            return judgement;
        }
        view = Arc::new(ModelView::new(&judgement.analysis));
    }
    let seen: Arc<dyn View> = Arc::clone(&view) as Arc<dyn View>;
    let verdicts = judgement.policies.validate(Phase::Model, &seen, threads);
    let last = if judgement.judges_artifacts() { Judged::No } else { Judged::Yes };
    judgement.take(verdicts, last);
    judgement.view = Some(view);
    judgement
}

/// Judges the files that would be delivered, if no error stands. To be called before anything is written.
///
/// # Errors
///
/// If a format cannot say what an emitter wants: a bug in platc.
pub fn artifacts(judgement: &mut Judgement, threads: NonZeroUsize) -> Result<(), EmitError<()>> {
    if !judgement.judges_artifacts() || !judgement.is_sound() {
        return Ok(());
    }
    let Some(model) = &judgement.view else { return Ok(()) };
    let _phase = trace::span("policies on artifacts");
    let kinds: Vec<String> = judgement
        .policies
        .loaded()
        .iter()
        .flat_map(|policy| policy.description.kinds(Phase::Artifacts))
        .map(str::to_owned)
        .collect();
    let view = ArtifactView::new(Arc::clone(model), &kinds)
        .map_err(|(path, refusal)| EmitError::Refused { path, refusal })?;
    let view: Arc<dyn View> = Arc::new(view);
    let verdicts = judgement.policies.validate(Phase::Artifacts, &view, threads);
    judgement.take(verdicts, Judged::Yes);
    Ok(())
}

impl Judgement {
    /// The policies that are at work, by name.
    pub fn loaded(&self) -> &[Loaded] {
        self.policies.loaded()
    }

    /// Whether no error stands.
    pub fn is_sound(&self) -> bool {
        !self.analysis.problems.iter().any(Diagnostic::is_error)
    }

    /// Whether [`artifacts`] has anything to ask.
    pub fn judges_artifacts(&self) -> bool {
        self.policies.loaded().iter().any(|policy| policy.description.judges(Phase::Artifacts))
    }

    fn take(&mut self, verdicts: Vec<Verdict>, judged: Judged) {
        let found: Problems = verdicts.iter().flat_map(|verdict| verdict.findings.iter().cloned()).collect();
        let found = self.with_authors(found);
        self.analysis.add(found, judged);
        self.verdicts.extend(verdicts);
    }

    /// Applies what policies want to change.
    fn change(
        &mut self,
        world: &dyn World,
        view: &Arc<ModelView>,
        uses: &BTreeMap<Arc<str>, Span>,
        threads: NonZeroUsize,
    ) {
        let seen: Arc<dyn View> = Arc::clone(view) as Arc<dyn View>;
        let mutation = self.policies.mutate(&seen, threads);
        self.costs = mutation.costs;
        let mut problems = mutation.problems;
        let wanted: Vec<Patch> = mutation.patches.into_iter().filter(|patch| changes(view, patch)).collect();
        let texts = patches::changes(view, &wanted, uses, &mut problems);
        if problems.iter().any(Diagnostic::is_error) || texts.is_empty() {
            self.analysis.add(problems, Judged::No);
            return;
        }
        let pins = self.analysis.plan.lock.plugins.clone();
        self.analysis = self.analysis.with_changes(world, &texts);
        self.patches = wanted;
        Arc::make_mut(&mut self.analysis.plan).lock.plugins = pins;
        let found = std::mem::take(&mut self.analysis.platform.found);
        self.analysis.platform.found = self.with_authors_of(found, uses);
        problems.extend(self.loading.iter().cloned());
        self.analysis.add(problems, Judged::No);
        if self.is_sound() {
            let again = self.unsettled(uses, threads);
            self.analysis.add(again, Judged::No);
        }
    }

    /// What policies would change in what they have changed.
    fn unsettled(&self, uses: &BTreeMap<Arc<str>, Span>, threads: NonZeroUsize) -> Problems {
        let view = Arc::new(ModelView::new(&self.analysis));
        let seen: Arc<dyn View> = Arc::clone(&view) as Arc<dyn View>;
        let again = self.policies.mutate(&seen, threads);
        // The same once more gives the same: `0.5` is `500m` by now.
        let known = |patch: &&Patch| self.patches.contains(patch);
        let other = again.patches.iter().filter(|patch| !known(patch) && changes(&view, patch));
        let mut problems = again.problems.clone();
        problems.extend(other.map(|patch| {
            let span = Pointer::parse(&patch.pointer)
                .map_or(view.platform_span(), |pointer| view.origin(patch.node, pointer));
            let used = uses.get(&patch.policy).copied().unwrap_or(span);
            errors::patch_unsettled(span, &patch.policy, &patch.rule, &patch.pointer, used)
        }));
        problems
    }

    fn with_authors(&self, found: Problems) -> Problems {
        let uses = self.analysis.model.uses.values();
        let spans = uses.map(|own| (Arc::clone(&own.head.name), own.head.span)).collect();
        self.with_authors_of(found, &spans)
    }

    /// A finding in what a policy wrote shows also where the platform asks for that policy.
    fn with_authors_of(&self, found: Problems, uses: &BTreeMap<Arc<str>, Span>) -> Problems {
        let author = |file: FileId| {
            let (_, policy) = self.analysis.changed_by.iter().find(|(own, _)| *own == file)?;
            Some((policy, *uses.get(policy)?))
        };
        let with = |problem: Diagnostic| match author(problem.span().file) {
            Some((policy, used)) => problem.related(used, format!("`{policy}` changes it")),
            None => problem,
        };
        found.into_iter().map(with).collect()
    }
}

/// Whether a patch says something new.
fn changes(view: &ModelView, patch: &Patch) -> bool {
    let Ok(pointer) = Pointer::parse(&patch.pointer) else { return true };
    let now = view.json(patch.node, pointer);
    match &patch.change {
        Change::Set(value) => {
            let wanted = serde_json::from_str::<serde_json::Value>(value).ok();
            wanted.is_none() || now != wanted.filter(|wanted| !wanted.is_null())
        }
        Change::Remove => now.is_some_and(|now| now != serde_json::Value::Array(Vec::new())),
        Change::Append(value) => {
            let wanted = serde_json::from_str::<serde_json::Value>(value).ok();
            let there = |now: &serde_json::Value| match now {
                serde_json::Value::Array(items) => items.iter().any(|item| Some(item) == wanted.as_ref()),
                _ => false,
            };
            !now.as_ref().is_some_and(there)
        }
    }
}
