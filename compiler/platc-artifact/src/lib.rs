//! Documents with origins, the printers that write them, and what judges see.
//!
//! Emitters build a [`Doc`], never text: each value knows where it comes from, so whoever objects to a
//! field of a rendered file can be led back to a line of the platform. Printers (`print/`) are the only
//! place that writes bytes.
//!
//! Not here: what any target looks like (`platc-emit`), hashing and files (`platc-store`), and anything
//! of the language. This crate knows Kubernetes only by what it does to the text of a variable.
//!
//! What policies see and are asked is in [`view`] and [`judge`]: traits, so that nothing here links the host.
//!
//! Start with `doc.rs`, then `print.rs`, then `artifact.rs`. What an emitter looks like:
//!
//! ```
//! use platc_artifact::{Doc, Fixed, Format, Guard, Lines, Origin, Sourced};
//!
//! struct Service { origin: Origin, name: Sourced<String>, replicas: Sourced<u32>, brokers: Vec<String> }
//!
//! fn deployment(doc: &mut Doc, service: &Service) {
//!     doc.from(service.origin, |d| d.map(|m| {
//!         m.put("apiVersion", "apps/v1");
//!         m.put("kind", "Deployment");
//!         m.map("metadata", |m| m.put("name", &service.name));
//!         m.map("spec", |m| {
//!             m.put("replicas", service.replicas);
//!             m.seq("containers", |s| s.map(|m| {
//!                 m.list("args", ["--config-yaml", "$(APP_CONFIG)"]);
//!                 m.seq("env", |s| s.map(|m| {
//!                     m.put("name", "APP_CONFIG");
//!                     m.embed("value", Format::Yaml, Guard::EnvValue, |d| d.map(|m| {
//!                         m.list("brokers", &service.brokers);
//!                         m.put("price", "$$5");
//!                     }));
//!                 }));
//!             }));
//!         });
//!     }));
//! }
//!
//! fn server_block(l: &mut Lines<'_>, resolvers: &[&str]) {
//!     l.block(".:53", |l| {
//!         l.line(("bind", Fixed("{$HOST_IP}")));
//!         l.line(("forward", ".", resolvers));
//!         l.line(("cache", 30));
//!     });
//! }
//!
//! let mut doc = Doc::new();
//! deployment(&mut doc, &Service {
//!     origin: Origin::NONE,
//!     name: Origin::NONE.of("ingest".to_owned()),
//!     replicas: Origin::NONE.of(3),
//!     brokers: vec!["10.1.0.11:9092".to_owned()],
//! });
//! let mut out = Vec::new();
//! doc.print(Format::Yaml, &mut out)?;
//! assert!(String::from_utf8_lossy(&out).ends_with(r#"
//!       value: |
//!         brokers:
//!         - 10.1.0.11:9092
//!         price: "\x24\x245"
//! "#));
//! assert_eq!(doc.get("/spec/containers/0/env/0/value/price").and_then(|node| node.as_str()), Some("$$5"));
//!
//! doc.clear();
//! doc.lines(|l| server_block(l, &["10.1.0.2", "10.1.0.3"]));
//! out.clear();
//! doc.print(Format::Corefile, &mut out)?;
//! assert!(out.starts_with(b".:53 {\n    bind {$HOST_IP}\n    forward . 10.1.0.2 10.1.0.3\n"));
//! # Ok::<(), platc_artifact::Refusal>(())
//! ```

mod artifact;
mod doc;
mod expand;
pub mod judge;
mod path;
mod print;
pub mod view;

pub use artifact::{Artifact, DocRefusal, Mode, OnChange, Owner, Target};
pub use doc::{
    ContentHash, Doc, Each, EnvText, Fixed, IntoScalar, IntoWords, Lines, Map, Node, Prop, Root, ScalarSlot,
    Seq, Shown, Slot, Value, Words, shown,
};
pub use expand::Guard;
pub use judge::{Judge, Patch, Phase, Policies, PolicyUse, Verdict};
pub use path::{ArtifactPath, PathFault};
pub use platc_diag::{Origin, Rule, Sourced, Why};
pub use print::{Format, HashPlace, Reason, Refusal};
pub use view::View;
