//! What a build was made of, in the words that others verify: an in-toto Statement v1 with a SLSA v1
//! provenance, whose subject is the build's id and whose dependencies are all files that were read.
//!
//! It names no time, user or machine: two builds of the same inputs say the same.
//!
//! Start with [`statement`].

use platc_store::BuildId;
use serde_json::{Value, json};

use crate::build::BuildOptions;
use crate::record::Inputs;

/// The type of a build: what its parameters and dependencies mean.
const BUILD_TYPE: &str = "https://platc.dev/build/v1";
/// Who builds.
const BUILDER: &str = "https://platc.dev/platc";

/// The statement about the build `id`, made from `inputs`.
pub(crate) fn statement(id: &BuildId, inputs: &Inputs) -> String {
    let dependency = |(path, digest): (&str, &platc_store::Digest)| json!({ "name": path, "digest": { "sha256": digest.to_string() } });
    let dependencies: Vec<Value> = inputs.files().map(dependency).collect();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "build.json", "digest": { "sha256": id.to_string() } }],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": { "platform": "platform.kdl" },
                "resolvedDependencies": dependencies,
            },
            "runDetails": { "builder": { "id": BUILDER, "version": { "platc": env!("CARGO_PKG_VERSION") } } },
        },
    });
    format!("{statement:#}\n")
}

/// What a build depends on beside what it reads. The first line of what is remembered of its inputs.
pub(crate) fn key(options: &BuildOptions) -> String {
    let today = options.analysis.today.map(|today| today.to_string()).unwrap_or_default();
    format!("platc {} today={today} deny-warnings={}\n", options.compiler, options.deny_warnings)
}
