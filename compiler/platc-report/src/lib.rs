//! Pictures and pages of a plan: what is where, what is left, what may be lost, who calls whom.
//!
//! Everything is a pure function of the plan, its proofs and its findings; nothing is decided here. Texts and
//! pages are made from one tree of values ([`data`]), so that the JSON says what the page shows.
//!
//! | module | gives |
//! |---|---|
//! | [`data`] | the tree of values: ledger, placement, losses; `platc capacity --format json` |
//! | [`text`] | `platc capacity` |
//! | [`bars`] | capacity as a picture, with the part of one workload |
//! | [`graph`] | single pictures: SVG, DOT, Mermaid; `platc graph` |
//! | [`page`] | the report: one HTML file without anything from elsewhere |
//!
//! Not here: files, streams and what is asked on a command line.
//!
//! Start with [`page::report`].

pub mod bars;
pub mod data;
pub mod graph;
pub mod page;
mod svg;
pub mod text;

pub use graph::{Format, Picture};
pub use page::{Changes, Report, report};
