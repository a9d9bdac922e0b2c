//! `platc graph`: a single picture, for a pull request or a page.

use platc_report::{Format, Picture, graph};

use super::capacity::analysed;
use crate::cli::{Global, GraphArgs, GraphFormat, GraphPicture};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

pub(super) fn run(args: &GraphArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let Some(analysis) = analysed(args.dir.as_deref(), None, global, term)? else { return Ok(Exit::Found) };
    let picture = match args.picture {
        GraphPicture::Calls => Picture::Calls,
        GraphPicture::Map => Picture::Map,
        GraphPicture::Routes => Picture::Routes,
    };
    let format = match args.format {
        GraphFormat::Svg => Format::Svg,
        GraphFormat::Dot => Format::Dot,
        GraphFormat::Mermaid => Format::Mermaid,
    };
    let drawn = graph::draw(&analysis.plan, picture, format);
    Ok(if term::data(drawn.as_bytes())? { Exit::Clean } else { Exit::Closed })
}
