//! One file a feature: from a place in a document to what a client shows.

pub(crate) mod actions;
pub(crate) mod becomes;
pub(crate) mod calls;
pub(crate) mod completion;
pub(crate) mod definition;
pub(crate) mod diagnostics;
pub(crate) mod folding;
pub(crate) mod formatting;
pub(crate) mod hints;
pub(crate) mod hover;
pub(crate) mod lens;
pub(crate) mod links;
pub(crate) mod pictures;
pub(crate) mod plan;
pub(crate) mod references;
pub(crate) mod selection;
pub(crate) mod signature;
pub(crate) mod symbols;
pub(crate) mod tokens;
