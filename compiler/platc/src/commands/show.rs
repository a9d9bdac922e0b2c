//! `platc show`: a part of the checked model, as KDL, JSON or YAML.

use platc_driver::values::{Form, NoSuchPath, Values};
use platc_driver::world::Disk;

use super::{analysis_options, root, settled};
use crate::cli::{Global, ShowArgs, ShowForm};
use crate::exit::Exit;
use crate::show;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &ShowArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let root = root(args.dir.as_deref())?;
    let analysis = settled(&root, analysis_options(&args.judging)?, global);
    if analysis.problems.iter().any(platc_diag::Diagnostic::is_error) {
        show::findings(term, args.judging.format, &analysis.files, &analysis.problems)?;
        return Ok(Exit::Found);
    }
    let form = match args.form {
        ShowForm::Kdl => Form::Kdl,
        ShowForm::Json => Form::Json,
        ShowForm::Yaml => Form::Yaml,
    };
    let values = Values::find(&Disk, &analysis, &args.path).map_err(no_such_path)?;
    let text = values.print(&analysis.types, form);
    Ok(if term::data(text.as_bytes())? { Exit::Clean } else { Exit::Closed })
}

pub(super) fn no_such_path(wrong: NoSuchPath) -> Trouble {
    let trouble = Trouble::new(wrong.message);
    match wrong.help {
        Some(help) => trouble.help(help),
        None => trouble,
    }
}
