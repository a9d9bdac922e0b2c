//! Do the policies bite? Each is shown its platform with one thing changed at a time, of what it reads, until every
//! rule has found something; a rule that never does guards nothing. Beside: waivers for nothing, and costs.
//!
//! What is changed is what the policy sees, not the source: a replica count of none, an image without a digest, a
//! service that is not there. Values stay of the type that the language has for them, so that a policy that breaks
//! down here breaks down on a platform that somebody could write.
//!
//! Not here: the changed views ([`mutants`]) and running a policy (a [`Judge`] does).
//!
//! Start with [`audit`].

mod mutants;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use platc_artifact::judge::{Cost, Judge, Phase, Policies, PolicyUse, RuleInfo};
use platc_artifact::view::View;
use platc_diag::{Diagnostic, Files, Problems};
use rayon::prelude::*;

use crate::analysis::{Analysis, AnalysisOptions, analyse};
use crate::emission::EmitError;
use crate::judge::{model, uses};
use crate::view::{ArtifactView, ModelView};
use crate::waivers::{self, Judged};
use crate::world::World;
use mutants::{Mutant, Reads, Recorder};

/// Time since some moment, for what things cost here and now. Nothing else depends on it.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// What came of it.
#[derive(Debug)]
pub struct Audit {
    /// The policies, by name.
    pub policies: Vec<PolicyAudit>,
    /// Waivers for nothing, or over: their findings.
    pub waivers: Problems,
    /// What kept policies from being asked: errors of the platform or in loading.
    pub problems: Problems,
    /// For the places of findings.
    pub files: Files,
}

/// A policy.
#[derive(Debug)]
pub struct PolicyAudit {
    /// As the platform calls it.
    pub name: Arc<str>,
    /// Its rules, as it lists them.
    pub rules: Vec<RuleAudit>,
    /// What it costs on the platform as it is: of each phase.
    pub costs: Vec<PhaseCost>,
    /// What it reads that the language does not have: `service /replicass`.
    pub nowhere: Vec<String>,
    /// A change on which it broke down, and how.
    pub broke: Option<(String, String)>,
    /// How many changed platforms it was shown.
    pub n_mutants: usize,
}

/// A rule.
#[derive(Debug)]
pub struct RuleAudit {
    /// The part behind the slash.
    pub id: String,
    /// Findings, or patches, on the platform as it is; those that are waived count.
    pub n_now: usize,
    /// What makes it speak.
    pub bite: Bite,
}

/// What makes a rule speak.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bite {
    /// The platform as it is.
    Now,
    /// A change of it: `service web: /replicas is 1000000`.
    When(String),
    /// Nothing that was tried.
    Never,
}

/// What a policy costs in one phase.
#[derive(Debug)]
pub struct PhaseCost {
    /// `model`, `artifacts`, or `changes` of a transform.
    pub phase: &'static str,
    /// The same on every machine.
    pub cost: Cost,
    /// This machine's, this time.
    pub time: Duration,
}

/// A phase with what is judged in it.
struct Stage {
    ask: Ask,
    view: Arc<dyn View>,
}

/// What a policy is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Mutate,
    Validate(Phase),
}

/// What a policy says: rules that spoke, once for each time, and whether it broke down.
struct Answer {
    rules: Vec<String>,
    broke: Option<String>,
    cost: Cost,
}

/// Audits the policies of the platform in `root`.
///
/// # Errors
///
/// If a format cannot say what an emitter wants: a bug in platc.
pub fn audit(
    world: &dyn World,
    root: &std::path::Path,
    options: AnalysisOptions,
    judge: &dyn Judge,
    threads: NonZeroUsize,
    clock: Clock<'_>,
) -> Result<Audit, EmitError<()>> {
    let before = analyse(world, root, options);
    let mut problems = Problems::new();
    let uses = uses::read(world, &before, &mut problems).policies;
    let judgement = model(world, analyse(world, root, options), judge, threads);
    let after = judgement.analysis;
    problems = after.problems.iter().filter(|problem| stops(problem)).cloned().collect();
    let policies = if problems.is_empty() {
        let (before, after) = (Arc::new(ModelView::new(&before)), Arc::new(ModelView::new(&after)));
        let one = |used: &PolicyUse| policy(used, judge, &before, &after, clock);
        uses.par_iter().map(one).collect::<Result<Vec<_>, _>>()?
    } else {
        Vec::new()
    };
    let waivers = waivers(&after, policies.iter().flat_map(|(_, found)| found.iter().cloned()));
    let mut policies: Vec<PolicyAudit> = policies.into_iter().map(|(audit, _)| audit).collect();
    policies.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Audit { policies, waivers, problems, files: after.platform.files })
}

/// Whether policies are not asked because of it: an error that is not a policy's, and no waiver.
fn stops(problem: &Diagnostic) -> bool {
    let id = problem.code().id();
    problem.is_error() && !id.contains('/') && !id.starts_with("E08")
}

/// Waivers for nothing, now that every policy has said everything.
fn waivers(analysis: &Analysis, found: impl Iterator<Item = Diagnostic>) -> Problems {
    let all: Problems = analysis.found.iter().cloned().chain(found).collect();
    let told = waivers::apply(&analysis.model.allows, all, analysis.options.today, Judged::Yes);
    told.into_iter().filter(|problem| problem.code().id().starts_with("E081")).collect()
}

type Audited = (PolicyAudit, Problems);

fn policy(
    used: &PolicyUse,
    judge: &dyn Judge,
    before: &Arc<ModelView>,
    after: &Arc<ModelView>,
    clock: Clock<'_>,
) -> Result<Audited, EmitError<()>> {
    // By itself: what it reads is to be told from what others read.
    let policies = judge.load(std::slice::from_ref(used), NonZeroUsize::MIN);
    let mut audit = PolicyAudit {
        name: Arc::clone(&used.name),
        rules: Vec::new(),
        costs: Vec::new(),
        nowhere: Vec::new(),
        broke: None,
        n_mutants: 0,
    };
    let [loaded] = policies.loaded() else { return Ok((audit, Problems::new())) };
    let rules = &loaded.description.rules;
    audit.rules =
        rules.iter().map(|rule| RuleAudit { id: rule.id.clone(), n_now: 0, bite: Bite::Never }).collect();
    let mut found = Problems::new();
    for stage in stages(rules, &loaded.description.kinds(Phase::Artifacts), before, after)? {
        let begin = clock();
        let (answer, findings) = asked(policies.as_ref(), stage.ask, &stage.view);
        audit.costs.push(PhaseCost {
            phase: stage.ask.word(),
            cost: answer.cost,
            time: clock().saturating_sub(begin),
        });
        found.extend(findings);
        audit.take_now(&answer);
        audit.provoke(policies.as_ref(), &stage, before, &used.settings);
    }
    audit.nowhere.sort();
    audit.nowhere.dedup();
    Ok((audit, found))
}

fn stages(
    rules: &[RuleInfo],
    kinds: &[&str],
    before: &Arc<ModelView>,
    after: &Arc<ModelView>,
) -> Result<Vec<Stage>, EmitError<()>> {
    let mut stages = Vec::new();
    let judges = |phase| rules.iter().any(|rule: &RuleInfo| rule.phases.contains(&phase));
    if rules.iter().any(|rule| rule.mutates) {
        stages.push(Stage { ask: Ask::Mutate, view: Arc::clone(before) as Arc<dyn View> });
    }
    if judges(Phase::Model) {
        stages.push(Stage { ask: Ask::Validate(Phase::Model), view: Arc::clone(after) as Arc<dyn View> });
    }
    if judges(Phase::Artifacts) {
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let view = ArtifactView::new(Arc::clone(after), &kinds)
            .map_err(|(path, refusal)| EmitError::Refused { path, refusal })?;
        stages.push(Stage { ask: Ask::Validate(Phase::Artifacts), view: Arc::new(view) });
    }
    Ok(stages)
}

impl Ask {
    const fn word(self) -> &'static str {
        match self {
            Self::Mutate => "changes",
            Self::Validate(phase) => phase.word(),
        }
    }
}

impl PolicyAudit {
    fn take_now(&mut self, answer: &Answer) {
        for rule in &mut self.rules {
            let n = answer.rules.iter().filter(|id| **id == rule.id).count();
            rule.n_now += n;
            if n > 0 {
                rule.bite = Bite::Now;
            }
        }
        if let Some(broke) = &answer.broke {
            self.broke.get_or_insert_with(|| ("the platform as it is".to_owned(), broke.clone()));
        }
    }

    /// Shows the policy changed platforms until each rule has spoken, or nothing is left to try.
    fn provoke(&mut self, policies: &dyn Policies, stage: &Stage, model: &ModelView, settings: &str) {
        if !self.is_silent() {
            return;
        }
        let recorder = Arc::new(Recorder::new(Arc::clone(&stage.view)));
        let seen: Arc<dyn View> = Arc::clone(&recorder) as Arc<dyn View>;
        asked(policies, stage.ask, &seen);
        let reads: Reads = recorder.reads();
        let trials = mutants::of(&stage.view, &reads, model.types(), settings);
        self.nowhere.extend(trials.nowhere);
        for mutant in trials.mutants.take(mutants::most(stage.view.node_count())) {
            self.try_one(policies, stage, mutant);
            if !self.is_silent() {
                return;
            }
        }
    }

    fn is_silent(&self) -> bool {
        self.rules.iter().any(|rule| rule.bite == Bite::Never)
    }

    fn try_one(&mut self, policies: &dyn Policies, stage: &Stage, mutant: Mutant) {
        let what = mutant.what();
        let (answer, _) = asked(policies, stage.ask, &mutant.view());
        self.n_mutants += 1;
        for rule in self.rules.iter_mut().filter(|rule| rule.bite == Bite::Never) {
            if answer.rules.contains(&rule.id) {
                rule.bite = Bite::When(what.clone());
            }
        }
        if let Some(broke) = answer.broke {
            self.broke.get_or_insert((what, broke));
        }
    }
}

fn asked(policies: &dyn Policies, ask: Ask, view: &Arc<dyn View>) -> (Answer, Problems) {
    let one = NonZeroUsize::MIN;
    match ask {
        Ask::Mutate => {
            let mutation = policies.mutate(view, one);
            let rules = mutation.patches.iter().map(|patch| patch.rule.clone()).collect();
            let cost = mutation.costs.first().map(|(_, cost)| *cost).unwrap_or_default();
            (Answer { rules, broke: broke(&mutation.problems), cost }, Problems::new())
        }
        Ask::Validate(phase) => {
            let verdicts = policies.validate(phase, view, one);
            let found: Problems = verdicts.iter().flat_map(|verdict| verdict.findings.clone()).collect();
            let rule = |finding: &Diagnostic| Some(finding.code().id().split_once('/')?.1.to_owned());
            let rules = found.iter().filter_map(rule).collect();
            let cost = verdicts.first().map(|verdict| verdict.cost).unwrap_or_default();
            (Answer { rules, broke: broke(&found), cost }, found)
        }
    }
}

/// What a run ended early by: its code is one of running, not of patches that met.
fn broke(found: &[Diagnostic]) -> Option<String> {
    let own = |finding: &&Diagnostic| finding.code().id().starts_with("E072");
    found.iter().find(own).map(|finding| finding.message().to_owned())
}
