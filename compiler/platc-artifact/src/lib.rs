//! Documents with origins, the printers that write them, and what judges see.
//!
//! Emitters build a [`Doc`], never text: each value knows where it comes from, so whoever objects to a
//! field of a rendered file can be led back to a line of the platform. Printers (`print/`) are the only
//! place that writes bytes.
//!
//! Not here: what any target looks like (`platc-emit`), hashing and files (`platc-store`), and anything
//! of the language. This crate knows Kubernetes only by what it does to the text of a variable.
//!
//! Start with `doc.rs`, then `print.rs`, then `artifact.rs`.

mod artifact;
mod doc;
mod expand;
mod path;
mod print;

pub use artifact::{Artifact, DocRefusal, Mode, OnChange, Owner, Target};
pub use doc::{
    ContentHash, Doc, Each, EnvText, Fixed, IntoScalar, IntoWords, Lines, Map, Node, Prop, Root, ScalarSlot,
    Seq, Shown, Slot, Value, Words, shown,
};
pub use expand::Guard;
pub use path::{ArtifactPath, PathFault};
pub use platc_diag::{Origin, Rule, Sourced, Why};
pub use print::{Format, HashPlace, Reason, Refusal};
