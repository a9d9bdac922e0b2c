//! [`Policy`]: what a policy is, and [`policy!`](crate::policy!), which says it.
//!
//! Not here: the way to and from the host (`wasm.rs`).
//!
//! Start with [`policy!`](crate::policy!).

use crate::{Findings, Model, Patches, SettingError, Settings};

/// How serious a finding is. The platform has the last word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// Built, but somebody should look.
    Warning,
    /// Worth knowing.
    Info,
}

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The model, with the plan's decisions in it.
    Model,
    /// The files that will be delivered.
    Artifacts,
}

/// A rule: what `allow "POLICY/RULE"` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Lower case letters, digits and dashes.
    pub id: &'static str,
    /// The level of its findings where they say nothing else.
    pub severity: Severity,
    /// One sentence for lists.
    pub summary: &'static str,
    /// When it is asked.
    pub phases: &'static [Phase],
    /// The kinds that it reads.
    pub kinds: &'static [&'static str],
    /// Whether it gives patches.
    pub mutates: bool,
}

/// What a policy is. [`policy!`](crate::policy!) implements it.
pub trait Policy {
    /// Its name; platforms may call it otherwise.
    const NAME: &'static str;
    /// Its version.
    const VERSION: &'static str;
    /// Its rules.
    const RULES: &'static [Rule];
    /// What can be set.
    type Settings: Settings;

    /// Settings that fit the schema and still make no sense.
    ///
    /// # Errors
    ///
    /// What is the matter, and with which of them.
    fn configure(_settings: &Self::Settings) -> Result<(), Vec<SettingError>> {
        Ok(())
    }

    /// Judges the model.
    fn validate_model(_model: &Model, _settings: &Self::Settings, _findings: &mut Findings) {}

    /// Judges what will be delivered.
    fn validate_artifacts(_model: &Model, _settings: &Self::Settings, _findings: &mut Findings) {}

    /// Changes the model.
    fn mutate(_model: &Model, _settings: &Self::Settings, _patches: &mut Patches) {}
}

impl Rule {
    /// A rule about the model.
    pub const fn on_model(
        id: &'static str,
        severity: Severity,
        summary: &'static str,
        kinds: &'static [&'static str],
    ) -> Self {
        Self { id, severity, summary, phases: &[Phase::Model], kinds, mutates: false }
    }

    /// A rule about what will be delivered.
    pub const fn on_artifacts(
        id: &'static str,
        severity: Severity,
        summary: &'static str,
        kinds: &'static [&'static str],
    ) -> Self {
        Self { id, severity, summary, phases: &[Phase::Artifacts], kinds, mutates: false }
    }

    /// A rule that changes the model and has no findings.
    pub const fn mutation(id: &'static str, summary: &'static str, kinds: &'static [&'static str]) -> Self {
        Self { id, severity: Severity::Info, summary, phases: &[], kinds, mutates: true }
    }
}

impl Severity {
    /// `error`, `warning` or `info`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Declares the policy of this crate: a type that implements [`Policy`], exported to platc.
///
/// The version is the crate's. `configure`, `validate_model`, `validate_artifacts` and `mutate` may each be
/// left out; they stand in this order.
#[macro_export]
macro_rules! policy {
    (
        $(#[$meta:meta])*
        $vis:vis struct $policy:ident;
        name: $name:expr,
        settings: $settings:ty,
        rules: [$($rule:expr),* $(,)?],
        $(configure: $configure:path,)?
        $(validate_model: $validate_model:path,)?
        $(validate_artifacts: $validate_artifacts:path,)?
        $(mutate: $mutate:path,)?
    ) => {
        $(#[$meta])*
        $vis struct $policy;

        impl $crate::Policy for $policy {
            const NAME: &'static str = $name;
            const VERSION: &'static str = env!("CARGO_PKG_VERSION");
            const RULES: &'static [$crate::Rule] = &[$($rule),*];
            type Settings = $settings;

            $(
                fn configure(settings: &$settings) -> Result<(), Vec<$crate::SettingError>> {
                    $configure(settings)
                }
            )?
            $(
                fn validate_model(model: &$crate::Model, settings: &$settings, findings: &mut $crate::Findings) {
                    $validate_model(model, settings, findings);
                }
            )?
            $(
                fn validate_artifacts(model: &$crate::Model, settings: &$settings, findings: &mut $crate::Findings) {
                    $validate_artifacts(model, settings, findings);
                }
            )?
            $(
                fn mutate(model: &$crate::Model, settings: &$settings, patches: &mut $crate::Patches) {
                    $mutate(model, settings, patches);
                }
            )?
        }

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::wasm::Exported<$policy>;
            $crate::wasm::export!(Exported with_types_in $crate::wasm::bindings);
        };
    };
}
