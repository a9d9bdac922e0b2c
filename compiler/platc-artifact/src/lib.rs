//! Documents with origins, the printers that write them, and what judges see.

mod judge;
mod view;

pub use judge::{
    Change, Cost, Description, Freshness, Judge, LimitOverrides, Loaded, Mutation, Patch, Phase, Policies,
    PolicyUse, RuleInfo, Source, Verdict,
};
pub use view::{NodeId, Pointer, PointerError, Value, View};
