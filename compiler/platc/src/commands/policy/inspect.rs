//! `platc policy inspect`: what a policy's file is, says of itself and asks for, before anybody uses it.

use std::fmt::Write as _;
use std::path::Path;

use platc_artifact::judge::{Loaded, Phase, RuleInfo};
use platc_driver::cases::settings;
use platc_policy::{Anatomy, anatomy};
use serde_json::{Value as Json, json};

use super::{load, read, report};
use crate::cli::{PolicyInspectArgs, TextFormat};
use crate::exit::Exit;
use crate::policies;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &PolicyInspectArgs, term: &Term) -> Result<Exit, Trouble> {
    let bytes = read(&args.file)?;
    let host = policies::host(None).map_err(Trouble::new)?;
    let loaded = match load(&host, &args.file, &bytes) {
        Ok(loaded) => loaded,
        Err(problems) => return Ok(report(term, &problems)),
    };
    let Some(anatomy) = anatomy(&bytes) else { unreachable!("it was loaded, so it can be taken apart") };
    let text = match args.format {
        TextFormat::Text => text(&args.file, bytes.len(), &loaded, &anatomy),
        TextFormat::Json => format!("{:#}\n", data(bytes.len(), &loaded, &anatomy)),
    };
    Ok(if term::data(text.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

fn text(file: &Path, size: usize, loaded: &Loaded, anatomy: &Anatomy) -> String {
    let description = &loaded.description;
    let form = if anatomy.is_component { "a component" } else { "a core module, as cargo leaves one" };
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(out, "name      {}", description.name);
    let _ = writeln!(out, "version   {}", description.version);
    let _ = writeln!(out, "file      {}: {size} bytes, {form}", file.display());
    let _ = writeln!(out, "digest    sha256:{}", hex(loaded.digest));
    let _ = writeln!(out, "contract  platc:policy {}", anatomy.contract);
    let imports = if anatomy.imports.is_empty() { "nothing".to_owned() } else { anatomy.imports.join(", ") };
    let _ = writeln!(out, "imports   {imports}");
    let _ = writeln!(out, "rules");
    for rule in &description.rules {
        let _ = writeln!(out, "  {}/{} ({}): {}", description.name, rule.id, what(rule), rule.summary);
        let _ = writeln!(out, "      reads {}", rule.kinds.join(", "));
    }
    let settings = settings(&description.settings_schema);
    let _ = writeln!(out, "settings{}", if settings.is_empty() { "\n  none" } else { "" });
    for setting in settings {
        let about = if setting.about.is_empty() { String::new() } else { format!(": {}", setting.about) };
        let _ = writeln!(out, "  {} = {}{about}", setting.name, setting.default);
    }
    out
}

/// `error, model` or `changes the model`.
fn what(rule: &RuleInfo) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !rule.phases.is_empty() {
        parts.push(rule.level.word().to_owned());
        parts.extend(rule.phases.iter().map(|phase| phase.word().to_owned()));
    }
    if rule.mutates {
        parts.push("changes the model".to_owned());
    }
    parts.join(", ")
}

fn data(size: usize, loaded: &Loaded, anatomy: &Anatomy) -> Json {
    let description = &loaded.description;
    let rule = |rule: &RuleInfo| {
        let phases: Vec<&str> = rule.phases.iter().map(|phase: &Phase| phase.word()).collect();
        json!({
            "id": format!("{}/{}", description.name, rule.id), "level": rule.level.word(), "summary": rule.summary,
            "phases": phases, "kinds": rule.kinds, "mutates": rule.mutates,
        })
    };
    let parsed = |text: &str| serde_json::from_str::<Json>(text).unwrap_or(Json::Null);
    json!({
        "name": description.name,
        "version": description.version,
        "bytes": size,
        "sha256": hex(loaded.digest),
        "form": if anatomy.is_component { "component" } else { "module" },
        "contract": anatomy.contract,
        "imports": anatomy.imports,
        "rules": description.rules.iter().map(rule).collect::<Vec<_>>(),
        "settings": parsed(&description.settings_schema),
        "data": description.data.as_deref().map_or(Json::Null, parsed),
    })
}

fn hex(digest: [u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
