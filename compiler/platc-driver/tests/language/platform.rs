//! A platform in memory, made of the blocks of an example.
//!
//! Start with [`findings`].

use std::path::Path;

use platc_diag::{Diagnostic, Files};
use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::Memory;
use platc_model::scalar::Date;

/// The platform that an example stands in when it has none of its own.
pub(crate) const BASE: &str = include_str!("../base.kdl");
/// The day on which waivers are judged.
pub(crate) const TODAY: &str = "2026-11-21";

/// The platform of these files, in memory: path and text. Without a `platform.kdl` among them it is the base
/// platform.
fn world(files: &[(String, String)]) -> Memory {
    let mut world = Memory::default();
    if !files.iter().any(|(path, _)| path == "platform.kdl") {
        world.insert("p/platform.kdl", BASE);
    }
    for (path, text) in files {
        world.insert(Path::new("p").join(path), text.as_bytes());
    }
    world
}

/// What is found, one line each: code, place, message. Tests of the platform are run, too.
pub(crate) fn findings(files: &[(String, String)]) -> Vec<String> {
    let world = world(files);
    let options = AnalysisOptions { today: Date::parse(TODAY).ok() };
    let analysis = analyse(&world, Path::new("p"), options);
    let mut found = lines(&analysis.files, &analysis.problems);
    for report in platc_driver::tests::run(&world, &analysis, options) {
        found.extend(lines(&report.files, &report.failures));
    }
    found
}

fn lines(files: &Files, problems: &[Diagnostic]) -> Vec<String> {
    let line = |problem: &Diagnostic| {
        let place = files.place(problem.span());
        format!("{} {place}: {}", problem.code().id(), problem.message())
    };
    problems.iter().map(line).collect()
}
