//! What fits, what is left and what may fail: claims over a plan, proven or refuted.
pub mod pack;
