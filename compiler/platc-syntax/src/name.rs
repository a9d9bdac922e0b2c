//! [`Name`]: a name with its place, in expressions and in types.
//!
//! Not here: names of nodes and properties, which the tree has (`view.rs`).
//!
//! Start with [`Name`].

use platc_diag::Span;

/// A name as it is written, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The name; empty where one is missing, which was reported.
    pub text: String,
    /// Where it stands; where one is missing, the place for it.
    pub span: Span,
}
