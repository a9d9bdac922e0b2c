//! The language server: what an editor asks, answered from the same analysis as a build.
//!
//! | module | what |
//! |---|---|
//! | [`serve`] | the loop: messages in, answers and findings out |
//! | `desk` | documents, platforms and their analyses |
//! | `later` | plans, proofs and policies, on a thread of their own |
//! | `handlers` | which request is answered by what; the capabilities follow from it |
//! | `known`, `sense`, `symbol` | an analysis asked by position: whose node, which field, what a name means |
//! | `features/` | one file a feature |
//!
//! Not here: what anything means (`platc-sema`), and files (everything goes through [`World`]). Nothing is
//! written but a copy of the standard library in the user's cache: what an editor is to change, it is told.
//!
//! Start with [`serve`].
//!
//! [`World`]: platc_driver::world::World

mod capabilities;
mod carry;
mod describe;
mod desk;
mod features;
mod handlers;
mod known;
mod later;
mod overlay;
mod sense;
mod serve;
mod shelf;
mod symbol;
mod text;
mod uri;

pub use serve::{Ending, Options, serve, serve_stdio};
