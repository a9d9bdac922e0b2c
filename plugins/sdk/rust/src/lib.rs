//! Write policies for platc in Rust.
//!
//! A policy is a crate of type `cdylib`, built with `cargo build --release --target wasm32-unknown-unknown`.
//! It says what it is with [`policy!`], what can be set with [`settings!`], and gets a [`Model`] to look at
//! and [`Findings`] to fill. The same code runs natively in unit tests, over a [`testing::Mock`].
//!
//! ```
//! use platc_policy_sdk::prelude::*;
//!
//! settings! {
//!     /// What a platform can say in `use max-replicas { … }`.
//!     pub struct Settings {
//!         /// The most that a service may have.
//!         most: i64 = 20,
//!     }
//! }
//!
//! policy! {
//!     /// No service is larger than agreed.
//!     pub struct MaxReplicas;
//!     name: "max-replicas",
//!     settings: Settings,
//!     rules: [Rule::on_model("most", Severity::Error, "a service has at most so many replicas", &["service"])],
//!     validate_model: check,
//! }
//!
//! fn check(model: &Model, settings: &Settings, findings: &mut Findings) {
//!     for row in model.select("service", &["/replicas"]).rows::<(i64,)>() {
//!         let (replicas,) = row.values;
//!         if replicas > settings.most {
//!             let message = format!("{replicas} replicas are more than {}", settings.most);
//!             findings.report("most", row.node.at("/replicas"), message).help("ask the platform team for more");
//!         }
//!     }
//! }
//!
//! // In a test:
//! let mut mock = testing::Mock::default();
//! mock.node("service", "web", json!({ "replicas": 21 }));
//! let found = testing::validate::<MaxReplicas>(&mock, &json!({}));
//! assert_eq!(found[0].to_string(), "error[max-replicas/most] service `web` /replicas: 21 replicas are more than 20");
//! # let _ = Settings::default();
//! ```
//!
//! Not here: which kinds and fields a model has. They are those of the language reference.

pub mod amounts;
mod findings;
mod model;
mod patches;
mod policy;
mod settings;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod wasm;

pub use findings::{Finding, Findings};
pub use model::{Location, Model, Node, NodeId, Row, Selection, Text};
pub use patches::{Change, Patch, Patches};
pub use policy::{Phase, Policy, Rule, Severity};
pub use settings::{NoSettings, Setting, SettingError, Settings};

/// What a policy's file needs.
pub mod prelude {
    pub use crate::{
        Findings, Location, Model, NoSettings, Node, NodeId, Patches, Rule, SettingError, Severity, Text,
        policy, settings,
    };
    pub use serde_json::json;

    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::testing;
}

pub use serde;
pub use serde_json;
#[doc(hidden)]
pub use settings::macro_support as settings_macro;
