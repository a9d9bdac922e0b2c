//! Content-addressed builds on disk: bytes, digests, manifests; knows no language.
//!
//! A build is a value: a set of files with what they are for, whose id is the SHA-256 of the canonical
//! bytes of its manifest. This crate writes builds so that nothing that happens on the way (a kill, a
//! full disk, a second build) can harm the one before, finds and reads them, compares, checks and
//! removes them. What the files say is not its business: no kind, cluster or unit name means anything
//! here beyond being a word of the right shape.
//!
//! The bytes of a manifest are in [`Manifest`], those of a host's two files in [`host`].
#![allow(clippy::disallowed_methods, reason = "reading and writing the disk is what this crate is for")]

mod compare;
mod digest;
mod error;
pub mod host;
pub mod limits;
mod manifest;
mod names;
mod timestamp;

pub use compare::{Change, compare};
pub use digest::{BuildId, Digest};
pub use error::{Action, Error, Fault, Result};
pub use manifest::{Entry, Manifest};
pub use names::{ArtifactPath, BadName, Kind, Mode, Name, Owner, Target, Unit};
pub use timestamp::Timestamp;
