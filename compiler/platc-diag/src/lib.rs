//! What every phase uses to say what it found: files and spans, [`Origin`], [`Diagnostic`], the table
//! of codes with a page for each, and the named limits.
//!
//! Not here: how a finding is drawn (the binary does that) and the wording of any finding (each phase
//! has its own `errors.rs`). This crate knows nothing of KDL, Kubernetes or the terminal.
//!
//! Start with [`Diagnostic`], then [`codes`].

pub mod codes;
mod diagnostic;
mod files;
pub mod limits;
mod origin;
mod span;
mod suggest;

pub use codes::{Code, CodeRef, Level};
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Problems, Safety};
pub use files::{File, FileId, Files, LineColumn};
pub use origin::{Origin, Rule, Sourced, Why};
pub use span::Span;
pub use suggest::{closest, did_you_mean, unmistakable};
