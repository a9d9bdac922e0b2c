//! A platform in memory, made of the blocks of an example.
//!
//! Start with [`findings`].

use std::path::Path;

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::world::Memory;
use platc_model::scalar::Date;

/// The platform that an example stands in when it has none of its own.
pub(crate) const BASE: &str = include_str!("../base.kdl");
/// The day on which waivers are judged.
pub(crate) const TODAY: &str = "2026-11-21";

/// The platform of these files: path and text. Without a `platform.kdl` among them it is the base platform.
pub(crate) fn analysis(files: &[(String, String)]) -> Analysis {
    let mut world = Memory::default();
    if !files.iter().any(|(path, _)| path == "platform.kdl") {
        world.insert("p/platform.kdl", BASE);
    }
    for (path, text) in files {
        world.insert(Path::new("p").join(path), text.as_bytes());
    }
    analyse(&world, Path::new("p"), AnalysisOptions { today: Date::parse(TODAY).ok() })
}

/// What is found, one line each: code, place, message.
pub(crate) fn findings(files: &[(String, String)]) -> Vec<String> {
    let analysis = analysis(files);
    let line = |problem: &platc_diag::Diagnostic| {
        let place = analysis.files.place(problem.span());
        format!("{} {place}: {}", problem.code().id(), problem.message())
    };
    analysis.problems.iter().map(line).collect()
}
