//! Expressions: what names in them mean, which types they have, and what they are worth.
//!
//! Types are known without evaluating ([`infer`]); values need a place ([`eval`]). Both ask the same
//! tables what a name is ([`names`]) and what a function takes ([`functions`]).
//!
//! Not here: the grammar (`platc-syntax`), and which values of a model wait for a place (`check`).

mod arithmetic;
pub mod coerce;
pub mod eval;
pub mod functions;
pub mod infer;
pub mod names;
pub mod ty;

pub use eval::{Asker, Evaluator, Facts, Place, Val};
pub use infer::{Infer, Seen};
pub use ty::Ty;
