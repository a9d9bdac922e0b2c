//! `platc policy test`: the cases that a policy's author keeps in `cases/`: Markdown, whose blocks are files of
//! a platform and expected values.
//!
//! Not here: how cases are written (`platc-testkit`) and what becomes of their files (`platc_driver::cases`).

use std::path::{Path, PathBuf};

use platc_artifact::judge::Judge;
use platc_driver::cases;
use platc_driver::world::{Disk, EntryKind, World as _};
use platc_testkit::{Case, Found, Outcome, blessed, case, compare_findings, describe_findings, differences};

use super::build::{Built, build};
use super::{project, report};
use crate::cli::{Global, PolicyTestArgs};
use crate::commands::{shown, write_file};
use crate::exit::Exit;
use crate::policies;
use crate::term::{Term, Trouble};

/// Where an author's cases are.
const CASES: &str = "cases";

pub(super) fn run(args: &PolicyTestArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let project = project::find(args.project.dir.as_deref())?;
    let files = files(&project.dir.join(CASES))?;
    let host = policies::host(None).map_err(Trouble::new)?;
    let built = match build(&project, &host, global)? {
        Ok(built) => built,
        Err(problems) => return Ok(report(term, &problems)),
    };
    let (mut count, mut failed, mut written) = (0_usize, 0_usize, 0_usize);
    for (path, text, cases) in files {
        let outcomes: Vec<(Case, Outcome)> = cases
            .into_iter()
            .map(|case| outcome(&case, &built, &host).map(|outcome| (case, outcome)))
            .collect::<Result<_, _>>()?;
        count += outcomes.len();
        if args.bless {
            let (new, wrong) = blessed(&text, &outcomes);
            if new != text {
                write_file(&path, new.as_bytes())?;
                written += 1;
                term.say(&format!("wrote {}: read what is in it now", shown(&path)));
            }
            if !wrong.is_empty() {
                failed += 1;
                crate::term::talk(&format!("FAILED  {}\n{}", shown(&path), indented(&wrong)));
            }
            continue;
        }
        for (case, outcome) in &outcomes {
            let wrong = differences(case, outcome);
            if wrong.is_empty() {
                term.say(&format!("ok      {}", case.name));
            } else {
                failed += 1;
                crate::term::talk(&format!("FAILED  {} ({})\n{}", case.name, shown(&path), indented(&wrong)));
            }
        }
    }
    let wrote = if args.bless { format!(", {written} files written") } else { String::new() };
    term.say(&format!("{count} cases of {}, {failed} failed{wrote}", built.loaded.description.name));
    Ok(Exit::found(failed > 0))
}

type Cases = Vec<(PathBuf, String, Vec<Case>)>;

/// The files of cases, read.
fn files(dir: &Path) -> Result<Cases, Trouble> {
    let help = "a case is a section with a KDL block, and `// error: [POLICY/RULE]` on the line where a finding is \
                expected; `platc policy new` writes one to begin with";
    let mut paths = Vec::new();
    below(dir, &mut paths);
    if paths.is_empty() {
        return Err(
            Trouble::new(format!("there is no case: no Markdown file in `{}`", shown(dir))).help(help)
        );
    }
    let mut files = Vec::new();
    for path in paths {
        let bytes = super::read(&path)?;
        let text =
            String::from_utf8(bytes).map_err(|_| Trouble::new(format!("`{}` is not UTF-8", shown(&path))))?;
        let cases = case::parse(&text).map_err(|wrong| {
            Trouble::new(format!("{}:{}: {}", shown(&path), wrong.line, wrong.why)).help(help)
        })?;
        files.push((path, text, cases));
    }
    Ok(files)
}

fn below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in Disk.list(dir).unwrap_or_default() {
        let path = dir.join(&entry.name);
        match entry.kind {
            EntryKind::Directory => below(&path, found),
            EntryKind::File if path.extension().is_some_and(|ending| ending == "md") => found.push(path),
            EntryKind::File | EntryKind::Other => {}
        }
    }
}

/// Judges the platform of a case.
fn outcome(case: &Case, built: &Built, judge: &dyn Judge) -> Result<Outcome, Trouble> {
    let name = &built.loaded.description.name;
    let declaration = format!("plugin {name} from=\"{name}.wasm\"\n");
    let mut files: Vec<(String, &[u8])> =
        case.files.iter().map(|file| (file.path(), file.text.as_bytes())).collect();
    files.push((format!("{name}.wasm"), built.bytes.as_slice()));
    let declared = case.files.iter().any(|file| file.text.contains(&format!("plugin {name}")));
    if !declared {
        files.push(("policy-of-the-case.kdl".to_owned(), declaration.as_bytes()));
    }
    let judgement = cases::judged(files, judge).map_err(|error| Trouble::new(format!("{error:?}")))?;
    let analysis = &judgement.analysis;
    let found: Vec<Found> =
        analysis.problems.iter().map(|problem| Found::new(problem, &analysis.files)).collect();
    let texts: Vec<(String, String)> =
        case.files.iter().map(|file| (file.path(), file.text.clone())).collect();
    let listed = case.expected.iter().any(|block| block.tag == "diagnostics");
    let value = |tag: &str| match tag {
        "diagnostics" => describe_findings(&analysis.problems, &analysis.files),
        "changes" => cases::changes(&judgement),
        "policies" => cases::policies(&judgement),
        other => format!("there is no expected value `{other}`: diagnostics, changes and policies are\n"),
    };
    Ok(Outcome {
        findings: if listed { String::new() } else { compare_findings(&texts, &found) },
        values: case.expected.iter().map(|block| value(&block.tag)).collect(),
    })
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("        {line}\n")).collect::<String>().trim_end().to_owned()
}
