//! `platc explain`: what a finding means.

use platc_diag::{Code, closest};

use crate::cli::ExplainArgs;
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &ExplainArgs, _term: &Term) -> Result<Exit, Trouble> {
    let Some(code) = Code::find(&args.what) else {
        let names = Code::all().flat_map(|code| [code.id(), code.name()]);
        let help = match closest(&args.what, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "findings have a number and a name: `E0205 unknown-field`".to_owned(),
        };
        return Err(Trouble::new(format!("no finding is called `{}`", args.what)).help(help));
    };
    Ok(if term::data(code.page().as_bytes())? { Exit::Clean } else { Exit::Closed })
}
