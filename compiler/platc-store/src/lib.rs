//! Content-addressed builds on disk: bytes, digests, manifests; knows no language.
//!
//! A build is a value: a set of files with what they are for, whose id is the SHA-256 of the canonical
//! bytes of its manifest. This crate writes builds so that nothing that happens on the way (a kill, a
//! full disk, a second build) can harm the one before, finds and reads them, compares, checks and
//! removes them. What the files say is not its business: no kind, cluster or unit name means anything
//! here beyond being a word of the right shape.
//!
//! Start at [`Store`], then [`Build`] for writing and [`StoredBuild`] for reading. The bytes of a
//! manifest are in [`Manifest`], those of a host's two files in [`host`].
#![allow(clippy::disallowed_methods, reason = "reading and writing the disk is what this crate is for")]

mod about;
mod checked;
mod compare;
mod digest;
mod draft;
mod error;
mod gc;
pub mod host;
mod journal;
pub mod limits;
mod lines;
mod lock;
mod manifest;
mod names;
mod objects;
mod parallel;
mod publish;
mod read;
mod scratch;
mod site;
mod store;
mod suspects;
mod sys;
mod timestamp;
mod verify;
mod write;

#[cfg(test)]
mod tests;

pub use about::About;
pub use checked::Presence;
pub use compare::{Change, compare};
pub use digest::{BuildId, Digest, Known};
pub use draft::Draft;
pub use error::{Action, Error, Fault, Result};
pub use gc::{Keep, Swept};
pub use journal::{Event, LogEntry};
pub use manifest::{BadManifest, Entry, Manifest};
pub use names::{ArtifactPath, BadName, Kind, Mode, Name, Owner, Target, Unit};
pub use publish::{Current, Finish, Finished, Tally};
pub use read::StoredBuild;
pub use store::Store;
pub use timestamp::Timestamp;
pub use verify::{Report, Trouble};
pub use write::{Build, Delivery, Meta};
