//! `platc explain`: what a finding means, what a kind has, or why a value is what it is.

use std::fmt::Write as _;

use platc_diag::{Code, closest};
use platc_driver::analysis::{Analysis, AnalysisOptions};
use platc_driver::explain::{Doing, Explanation, Outcome, explain};
use platc_driver::schema::{reference, types};
use platc_driver::world::Disk;

use super::show::no_such_path;
use super::{root, settled};
use crate::cli::{ExplainArgs, Global};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &ExplainArgs, global: &Global, _term: &Term) -> Result<Exit, Trouble> {
    let text = match Code::find(&args.what) {
        Some(code) => code.page().to_owned(),
        None if args.what.contains('.') => chains(args, global)?,
        None if args.what == "kinds" => super::schema::list(&reference(types())),
        None => match reference(types()).into_iter().find(|page| page.name == args.what) {
            Some(page) => page.text,
            None => return Err(unknown(&args.what)),
        },
    };
    Ok(if term::data(text.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

fn unknown(what: &str) -> Trouble {
    let kinds = types().kinds().iter().map(|kind| kind.name);
    let names = Code::all().flat_map(|code| [code.id(), code.name()]).chain(kinds);
    let help = match closest(what, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "findings have a number and a name, `E0205 unknown-field`; values have a path, \
                 `service.web.replicas`; `platc explain kinds` lists what can be declared"
            .to_owned(),
    };
    Trouble::new(format!("no finding and no kind is called `{what}`")).help(help)
}

fn chains(args: &ExplainArgs, global: &Global) -> Result<String, Trouble> {
    let root = root(args.dir.as_deref())?;
    let analysis = settled(&root, AnalysisOptions::default(), global);
    let found = explain(&Disk, &analysis, &args.what).map_err(no_such_path)?;
    Ok(found.iter().map(|one| told(&analysis, one)).collect::<Vec<_>>().join("\n"))
}

fn told(analysis: &Analysis, one: &Explanation) -> String {
    let mut out = format!("{}.{}", one.kind, one.name);
    if !one.path.is_empty() {
        let _ = write!(out, ".{}", one.path);
    }
    let _ = writeln!(out, "{}{}", if one.ty.is_empty() { "" } else { ": " }, one.ty);
    for outcome in &one.outcomes {
        tell(analysis, outcome, &mut out);
    }
    out
}

/// A value at one place, and below it what was said of it, the lowest level first.
fn tell(analysis: &Analysis, outcome: &Outcome, out: &mut String) {
    let place = outcome.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    let _ = writeln!(out, "  {}{place}", outcome.value.as_deref().unwrap_or("nothing"));
    if let Some((rule, sentence)) = outcome.rule {
        let _ = writeln!(out, "    by rule {rule}: {sentence}");
    }
    for step in &outcome.steps {
        let verb = match step.op {
            Doing::Sets => "says",
            Doing::Appends => "adds",
            Doing::Removes => "takes out",
        };
        let kept = if step.counts { "" } else { "   (replaced)" };
        let (level, text) = (&step.level, &step.text);
        let _ = writeln!(out, "    {} {level} {verb} {text}{kept}", analysis.files.place(step.span));
    }
}
