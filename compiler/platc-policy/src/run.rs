//! Runs one task of one policy in an instance of its own, and says in one word why it did not finish.
//!
//! Not here: what is done with the answer ([`crate::resolve`], [`crate::merge`]), and on which thread this
//! happens ([`crate::threads`]: the stack of any other is too small).
//!
//! Start with [`run`].

use std::sync::Arc;

use platc_artifact::judge::Cost;
use platc_artifact::view::View;
use platc_diag::limits;
use wasmtime::{Engine, Error, Store, Trap, WasmBacktrace};

use crate::budget::Limits;
use crate::contract::{Code, Instance};
use crate::guest::{Metadata, Output, SettingError, Task};
use crate::questions::Asked;
use crate::selects::Selects;
use crate::state::{State, Stop};

/// What came of a run.
pub(crate) struct Ran<T> {
    pub(crate) result: Result<T, Fault>,
    pub(crate) cost: Cost,
    pub(crate) log: Vec<String>,
    pub(crate) asked: Asked,
}

/// Why a run did not give an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Fuel used up.
    Fuel {
        /// Units.
        limit: u64,
    },
    /// Stack used up.
    Stack,
    /// The host stopped it.
    Stopped(Stop),
    /// More instances, memories or tables than it may have.
    Parts(String),
    /// More handed over in one call than may be.
    OutputSize,
    /// It stopped itself, with these words.
    Panic {
        /// Its words.
        words: String,
        /// Names of its functions, innermost first.
        frames: Vec<String>,
    },
    /// It was stopped by WebAssembly's rules.
    Trap {
        /// Which rule.
        rule: String,
        /// Names of its functions, innermost first.
        frames: Vec<String>,
    },
    /// It said that it cannot judge.
    GaveUp(String),
    /// It does not take its settings.
    Settings(Vec<SettingError>),
    /// Its exports have other types than the contract's.
    Contract(String),
    /// What it handed over is not what the contract says.
    Malformed(String),
    /// The system did not let it run.
    NotRun(String),
}

/// What policies see of a platform, with what is worked out once for all of them.
#[derive(Clone)]
pub(crate) struct Sight {
    pub(crate) view: Arc<dyn View>,
    pub(crate) selects: Arc<Selects>,
    /// Digest of the view.
    pub(crate) digest: [u8; 32],
}

impl Sight {
    pub(crate) fn new(view: Arc<dyn View>) -> Self {
        let digest = view.digest();
        Self { view, selects: Arc::default(), digest }
    }
}

/// Frames of a trap that are kept: the innermost tell what happened.
const FRAMES: usize = 8;

/// Asks a policy what it is.
pub(crate) fn describe(engine: &Engine, code: &Code, limits: &Limits) -> Ran<Metadata> {
    enter(engine, code, limits, |instance, store| Ok(Ok(instance.describe(store)?)))
}

/// Carries out a task: configures a fresh instance, then shows it the view and asks.
pub(crate) fn run(
    engine: &Engine,
    code: &Code,
    limits: &Limits,
    settings: &str,
    task: Task,
    sight: Option<Sight>,
) -> Ran<Output> {
    enter(engine, code, limits, |instance, store| {
        if let Err(errors) = instance.configure(store, settings)? {
            return Ok(Err(Fault::Settings(errors)));
        }
        if let Some(sight) = sight {
            store.data_mut().open(sight.view, sight.selects);
        }
        let answer = match task {
            Task::Configure => Ok(Output::Configured),
            Task::Validate(phase) => instance.validate(store, phase)?.map(Output::Findings),
            Task::Mutate => instance.mutate(store)?.map(Output::Patches),
        };
        Ok(answer.map_err(Fault::GaveUp))
    })
}

fn enter<T>(
    engine: &Engine,
    code: &Code,
    limits: &Limits,
    task: impl FnOnce(&Instance, &mut Store<State>) -> wasmtime::Result<Result<T, Fault>>,
) -> Ran<T> {
    let mut store = Store::new(engine, State::new(limits, None));
    store.limiter(|state| state);
    store.set_hostcall_fuel(limits::POLICY_OUTPUT_BYTES);
    // Our own count comes first; this one only has to leave it room.
    store.set_max_component_handles(limits::POLICY_HANDLES + 1);
    let result = match store.set_fuel(limits.fuel).and_then(|()| code.instantiate(&mut store)) {
        Ok(instance) => {
            task(&instance, &mut store).unwrap_or_else(|error| Err(fault(&error, &store, limits)))
        }
        // The types of exports are looked at here, and nothing has been handed over yet.
        Err(error) => Err(match fault(&error, &store, limits) {
            Fault::Malformed(_) => Fault::Contract(chain(&error)),
            fault => fault,
        }),
    };
    let left = store.get_fuel().unwrap_or(0);
    let cost = Cost {
        fuel: limits.fuel.saturating_sub(left),
        host_work: store.data().work_done(),
        memory_bytes_max: store.data().memory_max() as u64,
    };
    Ran { result, cost, log: store.data_mut().take_log(), asked: store.data_mut().take_asked() }
}

fn fault(error: &Error, store: &Store<State>, limits: &Limits) -> Fault {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return Fault::Stopped(stop.clone());
    }
    let frames = frames(error);
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Fault::Fuel { limit: limits.fuel },
        Some(Trap::StackOverflow) => Fault::Stack,
        Some(trap) => match store.data().last_words() {
            Some(words) => Fault::Panic { words: words.to_owned(), frames },
            None => Fault::Trap { rule: trap_rule(*trap), frames },
        },
        None => other_fault(error),
    }
}

/// Errors without a type that can be asked for. A test pins the words that are looked for.
fn other_fault(error: &Error) -> Fault {
    let words = chain(error);
    if words.contains("fuel allocated for hostcalls") {
        return Fault::OutputSize;
    }
    if let Some((_, what)) = words.split_once("resource limit exceeded: ") {
        return Fault::Parts(what.to_owned());
    }
    if words.contains("failed to allocate") || words.contains("mmap") {
        return Fault::NotRun(words);
    }
    Fault::Malformed(error.root_cause().to_string())
}

/// What an error says, from the outermost.
pub(crate) fn chain(error: &Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Which of WebAssembly's rules was broken, without the prefix that each message has.
fn trap_rule(trap: Trap) -> String {
    let text = trap.to_string();
    text.strip_prefix("wasm trap: ").map(str::to_owned).unwrap_or(text)
}

/// The names of the innermost functions, as their author wrote them.
fn frames(error: &Error) -> Vec<String> {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let named = trace.frames().iter().filter_map(|frame| frame.func_name());
    named.take(FRAMES).map(|name| format!("{:#}", rustc_demangle::demangle(name))).collect()
}
