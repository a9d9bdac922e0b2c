//! What a change of a build does: not which bytes differ, but which pods roll, which hosts are touched, what
//! cannot be taken back and what is weaker meanwhile.
//!
//! It sees what is delivered, as anybody may who has two builds, and the plan behind it as data
//! ([`facts::Facts`]); it does not know the language in which a platform is described. So it compares what
//! was built by another version as well.
//!
//! Not here: building (`platc-driver`), and what is asked of whom on a command line.
//!
//! Start with [`diff()`], then [`text`] and [`markdown`]; [`drift`] compares a build with what really is.

mod diff;
pub mod drift;
pub mod facts;
mod fields;
mod hosts;
mod irreversible;
pub mod markdown;
mod meanwhile;
mod objects;
mod pods;
mod routes;
mod side;
mod static_pods;
pub mod text;
mod words;

pub use diff::{Diff, FORMAT, Named, Tally, diff};
pub use fields::Field;
pub use hosts::{FileDiff, HostDiff, Meaning, Stops, meaning};
pub use irreversible::{Irreversible, Loss};
pub use meanwhile::Weaker;
pub use pods::{Came, ClusterDiff, How, Own, Roll, Scale, Settled};
pub use routes::{HostRoutes, Judging, PathChange, Routes};
pub use side::{PLAN, Side, Stored};
