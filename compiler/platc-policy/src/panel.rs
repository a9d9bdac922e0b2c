//! [`Panel`]: the policies of one platform, asked all at once.
//!
//! Not here: loading them ([`crate::host`]).
//!
//! Start with [`Panel::validate`].

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use platc_artifact::judge::{Cost, Freshness, Loaded, Mutation, Patch, Phase, Policies, PolicyUse, Verdict};
use platc_artifact::view::{Pointer, View};
use platc_diag::{Diagnostic, Problems, Span};
use sha2::{Digest as _, Sha256};

use crate::budget::Limits;
use crate::errors;
use crate::guest::{Output, Task};
use crate::host::Shared;
use crate::inspect::Refusal;
use crate::merge::{Conflict, merge};
use crate::plugin::Plugin;
use crate::recall::{self, Recalled};
use crate::resolve::{self, Context, Resolved};
use crate::run::{self, Fault, Ran, Sight};
use crate::threads;

/// A policy with the settings that a platform gives it.
pub(crate) struct Entry {
    policy: PolicyUse,
    plugin: Arc<Plugin>,
    /// In canonical form.
    settings: String,
}

/// The policies of one platform.
pub(crate) struct Panel {
    shared: Arc<Shared>,
    entries: Vec<Entry>,
    loaded: Vec<Loaded>,
    problems: Problems,
}

/// What came of a task: new, or recalled.
struct Answer {
    result: Result<Output, Failure>,
    cost: Cost,
    log: Vec<String>,
    freshness: Freshness,
}

/// Why there is no answer.
enum Failure {
    /// The run ended early.
    Fault(Fault),
    /// The cache had lost the code, and the file does not compile any more.
    Refused(Refusal),
}

impl Entry {
    pub(crate) fn new(policy: PolicyUse, plugin: Arc<Plugin>, settings: String) -> Self {
        Self { policy, plugin, settings }
    }

    /// Whether it is known that these settings fit their schema and that the policy takes them: only then was
    /// its answer kept.
    pub(crate) fn is_configured(&self, shared: &Shared) -> bool {
        let task = Task::Configure;
        let known =
            |memo| recall::recall(memo, self.slot(shared, task), &Limits::of(&self.policy.limits, 0), None);
        let recalled = shared.memo.as_deref().and_then(known);
        recalled.is_some_and(|recalled| recalled.output.is_of(task))
    }

    /// Asks the policy whether it takes its settings. What it says against them.
    pub(crate) fn configure(&self, shared: &Shared) -> Problems {
        let limits = Limits::of(&self.policy.limits, 0);
        let answer = self.answer(shared, &limits, Task::Configure, None);
        match answer.result {
            Ok(_) => Problems::new(),
            Err(Failure::Fault(Fault::Settings(mut errors))) => {
                errors.sort_unstable();
                errors.iter().map(|error| errors::setting_refused(&self.policy, error)).collect()
            }
            Err(failure) => vec![self.failed(&failure, answer.cost)],
        }
    }

    /// Asks, unless the memo knows.
    fn answer(&self, shared: &Shared, limits: &Limits, task: Task, sight: Option<&Sight>) -> Answer {
        let memo = shared.memo.as_deref().map(|memo| (memo, self.slot(shared, task)));
        let recalled = memo.and_then(|(memo, slot)| recall::recall(memo, slot, limits, sight));
        // The caller's storage is not ours: what it gives must at least answer the question.
        if let Some(recalled) = recalled.filter(|recalled| recalled.output.is_of(task)) {
            let Recalled { output, cost, log } = recalled;
            return Answer { result: Ok(output), cost, log, freshness: Freshness::Recalled };
        }
        let code = match self.plugin.code(&shared.shop) {
            Ok(code) => code,
            Err(refusal) => {
                let result = Err(Failure::Refused(refusal));
                return Answer { result, cost: Cost::default(), log: Vec::new(), freshness: Freshness::Ran };
            }
        };
        let ran = run::run(&shared.shop.engine, code, limits, &self.settings, task, sight.cloned());
        let Ran { result, cost, log, asked } = ran;
        // Only a run that came to its end. A fault is looked for again: its cause may be mended elsewhere.
        if let (Some((memo, slot)), Ok(output)) = (memo, &result) {
            let recalled = Recalled { output: output.clone(), cost, log: log.clone() };
            recall::keep(memo, slot, recalled, asked, sight);
        }
        Answer { result: result.map_err(Failure::Fault), cost, log, freshness: Freshness::Ran }
    }

    /// Everything that a result depends on beside the model. Limits are not among it: a run that came to its
    /// end within them would have done so under any that are no lower than what it used.
    fn slot(&self, shared: &Shared, task: Task) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"verdict 1\n");
        hasher.update(shared.shop.compatibility());
        hasher.update(self.plugin.digest);
        hasher.update(format!("{task:?}\n"));
        hasher.update(&self.settings);
        hasher.finalize().into()
    }

    fn failed(&self, failure: &Failure, cost: Cost) -> Diagnostic {
        match failure {
            Failure::Fault(fault) => errors::fault(&self.policy, fault, cost),
            Failure::Refused(refusal) => errors::refused(&self.policy, refusal),
        }
    }

    fn context<'a>(&'a self, view: &'a dyn View, limits: &Limits) -> Context<'a> {
        Context {
            policy: &self.policy,
            description: &self.plugin.description,
            view,
            findings_max: limits.findings,
        }
    }

    fn verdict(&self, shared: &Shared, phase: Phase, sight: &Sight) -> Verdict {
        let view = &sight.view;
        let limits = Limits::of(&self.policy.limits, view.node_count());
        let answer = self.answer(shared, &limits, Task::Validate(phase), Some(sight));
        let resolved = match answer.result {
            Ok(Output::Findings(told)) => resolve::findings(&self.context(view.as_ref(), &limits), told),
            Ok(Output::Configured | Output::Patches(_)) => unreachable!("run() answers what it was asked"),
            Err(failure) => {
                Resolved { findings: vec![self.failed(&failure, answer.cost)], data: Default::default() }
            }
        };
        Verdict {
            policy: Arc::clone(&self.policy.name),
            phase,
            findings: resolved.findings,
            data: resolved.data,
            cost: answer.cost,
            freshness: answer.freshness,
            log: answer.log,
        }
    }

    fn patches(&self, shared: &Shared, sight: &Sight) -> (Vec<Patch>, Problems, Cost) {
        let view = &sight.view;
        let limits = Limits::of(&self.policy.limits, view.node_count());
        let answer = self.answer(shared, &limits, Task::Mutate, Some(sight));
        let (patches, problems) = match answer.result {
            Ok(Output::Patches(told)) => resolve::patches(&self.context(view.as_ref(), &limits), told),
            Ok(Output::Configured | Output::Findings(_)) => unreachable!("run() answers what it was asked"),
            Err(failure) => (Vec::new(), vec![self.failed(&failure, answer.cost)]),
        };
        (patches, problems, answer.cost)
    }

    /// Troubles with the cache, once.
    fn cache_troubles(&self) -> impl Iterator<Item = Diagnostic> {
        self.plugin.take_troubles().into_iter().map(|trouble| errors::cache(&self.policy, &trouble))
    }
}

impl Panel {
    pub(crate) fn new(shared: Arc<Shared>, entries: Vec<Entry>, mut problems: Problems) -> Self {
        problems.extend(entries.iter().flat_map(Entry::cache_troubles));
        let loaded = |entry: &Entry| Loaded {
            name: Arc::clone(&entry.policy.name),
            description: entry.plugin.description.clone(),
            digest: entry.plugin.digest,
            cached: entry.plugin.cached,
        };
        Self { loaded: entries.iter().map(loaded).collect(), shared, entries, problems }
    }

    /// Those that have something to say, each asked on some thread; answers in the order of names.
    fn ask<T: Send>(
        &self,
        concerns: impl Fn(&Entry) -> bool,
        threads: NonZeroUsize,
        ask: impl Fn(&Entry) -> T + Sync,
    ) -> Vec<(&Entry, Option<T>)> {
        let asked: Vec<&Entry> = self.entries.iter().filter(|entry| concerns(entry)).collect();
        let answers = threads::each(asked.len(), threads, |n| asked.get(n).map(|entry| ask(entry)));
        asked.into_iter().zip(answers.into_iter().map(Option::flatten)).collect()
    }

    fn use_span(&self, policy: &str) -> Option<Span> {
        self.entries.iter().find(|entry| &*entry.policy.name == policy).map(|entry| entry.policy.span)
    }

    fn conflict(&self, view: &dyn View, conflict: &Conflict) -> Diagnostic {
        let Conflict { outer, inner } = conflict;
        let pointer = Pointer::parse(&inner.pointer).unwrap_or(Pointer::ROOT);
        let span = view.origin(inner.node, pointer);
        let used = |patch: &Patch| self.use_span(&patch.policy).unwrap_or(span);
        let thing = match view.name(inner.node) {
            "" => format!("a `{}`", view.kind(inner.node)),
            name => format!("`{name}`"),
        };
        let found = errors::patch_conflict(span, &thing, (outer, used(outer)), (inner, used(inner)));
        match view.subject(inner.node) {
            Some(subject) => found.about(subject),
            None => found,
        }
    }
}

impl Policies for Panel {
    fn loaded(&self) -> &[Loaded] {
        &self.loaded
    }

    fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    fn validate(&self, phase: Phase, view: &Arc<dyn View>, threads: NonZeroUsize) -> Vec<Verdict> {
        let concerns = |entry: &Entry| entry.plugin.description.judges(phase);
        let sight = Sight::new(Arc::clone(view));
        let answers = self.ask(concerns, threads, |entry| entry.verdict(&self.shared, phase, &sight));
        let verdict = |(entry, verdict): (&Entry, Option<Verdict>)| {
            let mut verdict = verdict.unwrap_or_else(|| not_run(&entry.policy, phase));
            verdict.findings.extend(entry.cache_troubles());
            verdict
        };
        answers.into_iter().map(verdict).collect()
    }

    fn mutate(&self, view: &Arc<dyn View>, threads: NonZeroUsize) -> Mutation {
        let concerns = |entry: &Entry| entry.plugin.description.mutates();
        let sight = Sight::new(Arc::clone(view));
        let mut mutation = Mutation::default();
        let mut patches = Vec::new();
        for (entry, answer) in self.ask(concerns, threads, |entry| entry.patches(&self.shared, &sight)) {
            match answer {
                Some((told, problems, cost)) => {
                    patches.extend(told);
                    mutation.problems.extend(problems);
                    mutation.costs.push((Arc::clone(&entry.policy.name), cost));
                }
                None => mutation.problems.push(errors::not_run(&entry.policy, NO_THREAD)),
            }
            mutation.problems.extend(entry.cache_troubles());
        }
        let merged = merge(patches);
        mutation.patches = merged.patches;
        let conflicts = merged.conflicts.iter().map(|conflict| self.conflict(view.as_ref(), conflict));
        mutation.problems.extend(conflicts);
        mutation
    }

    fn take_compile_times(&self) -> Vec<(Arc<str>, Duration)> {
        let time = |entry: &Entry| Some((Arc::clone(&entry.policy.name), entry.plugin.take_compile_time()?));
        self.entries.iter().filter_map(time).collect()
    }
}

const NO_THREAD: &str = "the system gave it no thread";

fn not_run(policy: &PolicyUse, phase: Phase) -> Verdict {
    Verdict {
        policy: Arc::clone(&policy.name),
        phase,
        findings: vec![errors::not_run(policy, NO_THREAD)],
        data: Default::default(),
        cost: Cost::default(),
        freshness: Freshness::Ran,
        log: Vec::new(),
    }
}
