//! The policies that a platform uses: `use NAME { settings }` with `plugin NAME from=…`, read for a judge.
//!
//! Not here: whether settings fit (the judge knows the policy's schema).
//!
//! Start with [`read`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use platc_artifact::judge::{LimitOverrides, PolicyUse, Source};
use platc_diag::{Diagnostic, Level, Problems, Span, Why};
use platc_model::generated::{self, Plugin, Use};
use platc_model::scalar::Digest;
use platc_model::types::Types;
use platc_model::{Declared, PluginPin, Text, Value};
use sha2::{Digest as _, Sha256};

use crate::analysis::Analysis;
use crate::errors;
use crate::view::json;
use crate::world::{World, normal};

/// What a platform uses, and the digests of the plugins that are its own.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pub(crate) policies: Vec<PolicyUse>,
    pub(crate) pins: BTreeMap<Text, PluginPin>,
}

/// Reads them. What cannot be had is a finding, and is left out.
pub(crate) fn read(world: &dyn World, analysis: &Analysis, problems: &mut Problems) -> Uses {
    let mut uses = Uses { pins: fetched(analysis), ..Uses::default() };
    for declared in analysis.model.uses.values() {
        let name = &declared.head.name;
        let plugin = analysis.model.plugins.values().find(|plugin| plugin.head.name == *name);
        let source = match plugin {
            None => Source::Library,
            Some(plugin) => match file(world, analysis, plugin, &mut uses.pins) {
                Ok(source) => source,
                Err(problem) => {
                    problems.push(problem.about(Text::clone(name)));
                    continue;
                }
            },
        };
        uses.policies.push(policy_use(&analysis.model.types, declared, source));
    }
    problems.extend(twice(&analysis.model.uses.values().collect::<Vec<_>>()));
    uses
}

/// A policy has one set of settings: with two, what it says would depend on which of them is meant.
fn twice(uses: &[&Declared<Use>]) -> Problems {
    let pairs = uses.windows(2).filter_map(|pair| match pair {
        [first, second] if first.head.name == second.head.name => Some((first, second)),
        _ => None,
    });
    pairs
        .map(|(first, second)| errors::used_twice(second.head.span, &second.head.name, first.head.span))
        .collect()
}

/// How a platform uses a policy, with code from elsewhere; `None` if it does not use it.
pub fn use_of(analysis: &Analysis, policy: &str, source: Source) -> Option<PolicyUse> {
    let declared = analysis.model.uses.values().find(|declared| *declared.head.name == *policy)?;
    Some(policy_use(&analysis.model.types, declared, source))
}

fn policy_use(types: &Types, declared: &Declared<Use>, source: Source) -> PolicyUse {
    let mut setting_spans = BTreeMap::new();
    let settings = match &declared.value.settings.value {
        // A `use` without a block.
        Value::Null => "{}".to_owned(),
        value => {
            spans(value, &mut String::new(), &mut setting_spans);
            json(types, value)
        }
    };
    let level = declared.value.level.map(|level| match level.value {
        generated::Level::Error => Level::Error,
        generated::Level::Warning => Level::Warning,
    });
    PolicyUse {
        name: Text::clone(&declared.head.name),
        source,
        settings,
        span: declared.head.span,
        setting_spans,
        level,
        limits: LimitOverrides::default(),
    }
}

/// Where each setting is written, by pointer.
fn spans(value: &Value, pointer: &mut String, found: &mut BTreeMap<String, Span>) {
    let mut inner = |token: &str, slot: &platc_diag::Sourced<Value>| {
        let before = pointer.len();
        pointer.push('/');
        pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        if let Some(span) = slot.origin.span().filter(|_| slot.origin.why() == Why::Written) {
            found.insert(pointer.clone(), span);
        }
        spans(slot, pointer, found);
        pointer.truncate(before);
    };
    match value {
        Value::Map(entries) => entries.iter().for_each(|(name, slot)| inner(name, slot)),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(nth, slot)| inner(&nth.to_string(), slot));
        }
        _ => {}
    }
}

/// The pins of plugins that come from a registry. They stay while the plugin is declared as it was, whether or
/// not it is used: only `platc fetch` makes them.
fn fetched(analysis: &Analysis) -> BTreeMap<Text, PluginPin> {
    let plugins = analysis.model.plugins.values().filter_map(|plugin| {
        let pin = analysis.lock.plugins.get(&plugin.head.name)?;
        (pin.from.as_ref() == Some(&plugin.value.from.value))
            .then(|| (Text::clone(&plugin.head.name), pin.clone()))
    });
    plugins.collect()
}

/// The file of a plugin, if it is the one that the lock has.
fn file(
    world: &dyn World,
    analysis: &Analysis,
    plugin: &Declared<Plugin>,
    pins: &mut BTreeMap<Text, PluginPin>,
) -> Result<Source, Diagnostic> {
    let from = &plugin.value.from;
    let span = from.origin.span().unwrap_or(plugin.head.span);
    let name = &plugin.head.name;
    let source = |bytes: Vec<u8>| Source::File { path: Text::clone(&from.value), bytes: Arc::from(bytes) };
    if from.value.contains("://") {
        let pin = pins.get(name).ok_or_else(|| errors::plugin_not_fetched(span, &from.value))?;
        return fetched_file(world, analysis, span, name, pin, &from.value).map(source);
    }
    let by = analysis.files.get(span.file).path();
    let dir = Path::new(by).parent().unwrap_or(Path::new(""));
    let path = normal(&analysis.root.join(dir).join(&*from.value));
    let bytes = world.read(&path).map_err(|error| errors::cannot_read(span, &error))?;
    let digest = digest_of(&bytes);
    match analysis.lock.plugins.get(name) {
        Some(PluginPin { digest: pinned, from: None }) if *pinned != digest => {
            return Err(errors::plugin_changed(span, name, pinned.as_str(), digest.as_str()));
        }
        _ => drop(pins.insert(Text::clone(name), PluginPin { digest, from: None })),
    }
    Ok(source(bytes))
}

/// The file of a plugin from a registry, as it was fetched: what is committed counts before what this checkout
/// has by chance. A build never asks the registry.
fn fetched_file(
    world: &dyn World,
    analysis: &Analysis,
    span: Span,
    name: &str,
    pin: &PluginPin,
    written: &str,
) -> Result<Vec<u8>, Diagnostic> {
    for path in [vendored(name), cached(&pin.digest)] {
        match world.read(&normal(&analysis.root.join(&path))) {
            Ok(bytes) if digest_of(&bytes) == pin.digest => return Ok(bytes),
            Ok(bytes) => {
                let found = digest_of(&bytes);
                return Err(errors::fetched_changed(span, name, &path, pin.digest.as_str(), found.as_str()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(errors::cannot_read(span, &error)),
        }
    }
    Err(errors::plugin_not_fetched(span, written))
}

/// Where `platc vendor` puts a plugin, from the platform's directory.
pub fn vendored(name: &str) -> String {
    format!("vendor/plugins/{name}.wasm")
}

/// Where `platc fetch` puts a plugin, from the platform's directory. Hidden, so that it is no source.
pub fn cached(digest: &Digest) -> String {
    format!(".platc/plugins/{}.wasm", digest.as_str().trim_start_matches("sha256:"))
}

/// The digest of a plugin's file, as `platc.lock` has it.
pub fn digest_of(bytes: &[u8]) -> Digest {
    let sum: [u8; 32] = Sha256::digest(bytes).into();
    let hex: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    match Digest::parse(&format!("sha256:{hex}")) {
        Ok(digest) => digest,
        Err(wrong) => unreachable!("64 hexadecimal digits are a digest: {wrong:?}"),
    }
}
