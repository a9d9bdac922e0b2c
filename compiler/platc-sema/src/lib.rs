//! From trees to a checked model. Each phase is a pure function; what it gives is the next one's input:
//!
//! | phase | gives | module |
//! |---|---|---|
//! | outline | names of a file | [`outline`] |
//! | link | who is where | [`link`] |
//! | expand | all declarations, with everything said about each | [`expand`] |
//! | check | typed fields; what waits for a place is known to fit | [`check`] |
//! | relate | the model: places, values, whole-model rules | [`relate`] |
//!
//! Not here: files (`platc-driver` reads them), decisions (`platc-plan` makes them).
//!
//! Start with [`expand::expand`] for what a declaration is, and [`check`] for what becomes of it.

pub mod check;
pub mod cx;
mod errors;
pub mod expand;
pub mod expr;
pub mod item;
pub mod level;
pub mod link;
mod literal;
pub mod lock;
pub mod memo;
mod origins;
pub mod outline;
pub mod project;
pub mod relate;
pub mod shapes;
pub mod sites;
pub mod stdlib;
pub mod words;
mod yaml;
