//! What can wait: plans, proofs and policies, on threads of their own. What is typed is never behind them.
//!
//! Work begins when typing pauses, or at once when somebody asks for it. Of a platform that changed meanwhile,
//! only the newest is worked on.
//!
//! Start with [`run`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use platc_diag::{CodeRef, Diagnostic, Problems};
use platc_driver::build;

use crate::desk::Home;
use crate::known::Known;
use crate::overlay::{Open, Overlay};
use crate::serve::{Options, pool};

/// Typing pauses this long before what can wait is done: longer than between two keys of a fast typist's word.
const PAUSE: Duration = Duration::from_millis(120);

/// A platform as it is now, and the documents that were open with it.
pub(crate) struct Task {
    pub(crate) home: Home,
    pub(crate) open: Open,
    pub(crate) known: Arc<Known>,
    /// Whether policies are to judge it.
    pub(crate) judging: bool,
}

/// What the server says.
pub(crate) enum Order {
    Do(Task),
    /// Somebody waits.
    Hurry,
}

/// What was done.
pub(crate) enum Done {
    /// The plan is known, unless working it out failed.
    Planned(Home, Arc<Known>),
    /// What policies found; nothing if they could not be asked.
    Judged(Home, Arc<Known>, Problems),
}

#[derive(PartialEq, Eq)]
enum Stage {
    Plan,
    Judge,
}

/// Works until nobody gives orders any more.
pub(crate) fn run(options: Options<'_>, orders: &Receiver<Order>, done: &Sender<Done>) {
    // In the pool that keys use, a key would wait until a proof has an end; and one core is left to it.
    match pool(options.threads.get().saturating_sub(1).max(1)) {
        Some(pool) => pool.install(|| work(options, orders, done)),
        None => work(options, orders, done),
    }
}

fn work(options: Options<'_>, orders: &Receiver<Order>, done: &Sender<Done>) {
    let mut waiting: Vec<(Stage, Task)> = Vec::new();
    loop {
        if waiting.is_empty() {
            let Ok(order) = orders.recv() else { return };
            take(order, &mut waiting);
        }
        if !gather(orders, &mut waiting) {
            return;
        }
        if waiting.is_empty() {
            continue;
        }
        let (stage, task) = waiting.remove(0);
        let told = match stage {
            Stage::Plan => {
                // A bug in planning is shown to who asks for the plan; here it must not end the others' work.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(Arc::clone(task.known.plan()))));
                let told = done.send(Done::Planned(task.home.clone(), Arc::clone(&task.known)));
                if task.judging {
                    waiting.push((Stage::Judge, task));
                }
                told
            }
            Stage::Judge => {
                // A bug in judging leaves the author without verdicts, not without an editor.
                let found = catch_unwind(AssertUnwindSafe(|| judge(options, &task))).unwrap_or_default();
                done.send(Done::Judged(task.home, task.known, found))
            }
        };
        if told.is_err() {
            return;
        }
    }
}

/// Takes orders until typing pauses or somebody waits. Whether there is anybody to give them.
fn gather(orders: &Receiver<Order>, waiting: &mut Vec<(Stage, Task)>) -> bool {
    let new = |waiting: &[(Stage, Task)]| waiting.iter().any(|(stage, _)| *stage == Stage::Plan);
    loop {
        // What waits for policies alone does not wait for the author.
        let pause = if new(waiting) { PAUSE } else { Duration::ZERO };
        match orders.recv_timeout(pause) {
            Ok(Order::Hurry) | Err(RecvTimeoutError::Timeout) => return true,
            Ok(order) => take(order, waiting),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

fn take(order: Order, waiting: &mut Vec<(Stage, Task)>) {
    if let Order::Do(task) = order {
        waiting.retain(|(_, other)| other.home != task.home);
        waiting.push((Stage::Plan, task));
    }
}

fn judge(options: Options<'_>, task: &Task) -> Problems {
    let Some(host) = options.judge else { return Problems::new() };
    let world = Overlay { below: options.world, open: &task.open };
    let Ok(judged) = build::judged_analysis(&world, task.known.whole(), host, options.threads) else {
        return Problems::new();
    };
    let own = |finding: &Diagnostic| {
        matches!(finding.code(), CodeRef::Policy(_)) || finding.code().id().starts_with("E07")
    };
    judged.analysis.problems.into_iter().filter(own).collect()
}
