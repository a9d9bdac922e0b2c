//! Cases of policies: a few files, judged as a whole platform, as `platc policy test` and our own tests do.
//!
//! Not here: how cases are written (`platc-testkit` reads them) and running a policy (a [`Judge`] does).
//!
//! Start with [`judged`].

use std::num::NonZeroUsize;
use std::path::Path;

use platc_artifact::judge::Judge;
use serde_json::Value as Json;

use crate::analysis::{AnalysisOptions, analyse};
use crate::emission::EmitError;
use crate::judge::{Judgement, artifacts, model};
use crate::world::Memory;

/// The platform that a case stands in when it has none of its own, so that it says only what it is about.
pub const BASE: &str = include_str!("../tests/base.kdl");

const ROOT: &str = "p";
const PLATFORM: &str = "platform.kdl";

/// Judges the platform of a case: its files, by path from the platform's directory.
///
/// # Errors
///
/// If a format cannot say what an emitter wants: a bug in platc.
pub fn judged<'a>(
    files: impl IntoIterator<Item = (String, &'a [u8])>,
    judge: &dyn Judge,
) -> Result<Judgement, EmitError<()>> {
    let mut world = Memory::default();
    let root = Path::new(ROOT);
    world.insert(root.join(PLATFORM), BASE);
    for (path, bytes) in files {
        world.insert(root.join(path), bytes);
    }
    let one = NonZeroUsize::MIN;
    let analysis = analyse(&world, root, AnalysisOptions::default());
    let mut judgement = model(&world, analysis, judge, one);
    artifacts(&mut judgement, one).map(|()| judgement)
}

/// What policies change, as KDL: the expected value `changes`.
pub fn changes(judgement: &Judgement) -> String {
    let analysis = &judgement.analysis;
    analysis.changed_by.iter().map(|(file, _)| analysis.files.get(*file).text()).collect()
}

/// What each policy says of itself, its rules and its settings with their defaults: the expected value
/// `policies`.
pub fn policies(judgement: &Judgement) -> String {
    let mut out = String::new();
    for policy in judgement.loaded() {
        for rule in &policy.description.rules {
            out += &format!("{}/{}: {}\n", policy.name, rule.id, rule.summary);
        }
        for setting in settings(&policy.description.settings_schema) {
            out += &format!("{} = {}: {}\n", setting.name, setting.default, setting.about);
        }
    }
    out
}

/// A setting of a policy, as its schema declares it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its default as JSON; empty where there is none.
    pub default: String,
    /// What it is for; empty where nothing is said.
    pub about: String,
}

/// The settings that a schema declares, in its order.
pub fn settings(schema: &str) -> Vec<Setting> {
    let schema: Json = serde_json::from_str(schema).unwrap_or_default();
    let properties = schema.get("properties").and_then(Json::as_object);
    let setting = |(name, schema): (&String, &Json)| Setting {
        name: name.clone(),
        default: schema.get("default").map(ToString::to_string).unwrap_or_default(),
        about: schema.get("description").and_then(Json::as_str).unwrap_or_default().to_owned(),
    };
    properties.into_iter().flatten().map(setting).collect()
}
