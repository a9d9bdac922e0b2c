//! The host of policies: loads WebAssembly plugins, runs each in a sandbox of its own, and turns what they
//! say into findings at places in the author's source. The only crate that knows wasmtime.
//!
//! Not here: what a platform is (policies see it through `platc_artifact::View`), how findings are shown,
//! and the policies that ship with platc (`platc-policy-library`).
//!
//! How a file becomes a verdict: `inspect` looks at it, `wrap` makes a component of it if it is none,
//! `plugin` compiles it or takes it from the
//! `cache`, `settings` are checked, `run` carries out a task with the `state` that answers the
//! guest's questions, `resolve` checks its words and finds their places, `merge` puts patches together,
//! and `panel` does this for all policies at once.
//!
//! Start with [`Host`].

mod anatomy;
mod budget;
mod cache;
mod contract;
mod description;
mod engine;
mod errors;
mod guest;
mod host;
mod inspect;
mod json;
mod memo;
mod merge;
mod panel;
mod plugin;
mod questions;
mod recall;
mod resolve;
mod run;
mod selects;
mod settings;
mod state;
mod threads;
mod wrap;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

pub use anatomy::{Anatomy, anatomy, component};
pub use budget::Limits;
pub use host::{Host, HostOptions};
pub use memo::{DirectoryMemo, Memo, MemoryMemo};
pub use merge::{Conflict, Merged, merge};

/// Time since some moment, for reports of timings. Results never depend on it.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A digest as people and file names write it.
fn hex(digest: &[u8; 32]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
