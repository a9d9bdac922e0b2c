//! `platc drift`: what a host or a cluster reports of itself, compared with a build. Asks nobody: somebody
//! else has, and gives the report.
//!
//! Not here: what counts as a difference (`platc-diff`).

use std::io::Read as _;
use std::path::PathBuf;

use platc_diff::drift::{Drift, of_cluster, of_host};
use platc_diff::{markdown, text};
use platc_store::Store;

use super::diff::build_of;
use super::{out_dir, threads};
use crate::cli::{DiffFormat, DriftArgs, Global};
use crate::exit::Exit;
use crate::term::{self, Term, Trouble};

/// Bytes of a report: a cluster of a thousand services has a tenth of it.
const REPORT_BYTES_MAX: u64 = 512 << 20;

pub(super) fn run(args: &DriftArgs, global: &Global, term: &Term) -> Result<Exit, Trouble> {
    let store = Store::open(out_dir(args.out.as_deref())?, threads(global));
    let build = build_of(&store, &args.build)?.ok_or_else(|| {
        Trouble::new(format!("there is no build `{}`", args.build)).help("`platc log` lists builds")
    })?;
    let report = report(&args.reports)?;
    let drift = match (&args.host, &args.cluster) {
        (Some(host), _) => of_host(&build, host, &report),
        (_, Some(cluster)) => of_cluster(&build, cluster, &report),
        (None, None) => unreachable!("one of both is required"),
    };
    let drift = drift.map_err(Trouble::new)?;
    if !term::data(printed(&drift, args.format, term)?.as_bytes())? {
        return Ok(Exit::Closed);
    }
    Ok(Exit::found(!drift.found.is_empty()))
}

fn printed(drift: &Drift, format: DiffFormat, term: &Term) -> Result<String, Trouble> {
    Ok(match format {
        DiffFormat::Text => {
            text::render_drift(drift, text::Style { width: term.data_width, color: term.data_color })
        }
        DiffFormat::Markdown => markdown::render_drift(drift),
        DiffFormat::Json => {
            format!("{}\n", serde_json::to_string_pretty(drift).map_err(Trouble::new)?)
        }
    })
}

/// All reports, one behind the other: documents of YAML with a line between them.
fn report(paths: &[PathBuf]) -> Result<String, Trouble> {
    let mut text = String::new();
    let stdin = PathBuf::from("-");
    let paths = if paths.is_empty() { std::slice::from_ref(&stdin) } else { paths };
    for path in paths {
        let failed = |error: std::io::Error| {
            Trouble::new(format!("cannot read the report `{}`: {error}", path.display()))
        };
        let mut one = String::new();
        if *path == stdin {
            std::io::stdin().lock().take(REPORT_BYTES_MAX).read_to_string(&mut one).map_err(failed)?;
        } else {
            let file = std::fs::File::open(path).map_err(failed)?;
            file.take(REPORT_BYTES_MAX).read_to_string(&mut one).map_err(failed)?;
        }
        // Documents of YAML are parted, lines of sums are not.
        if !text.is_empty() && one.contains("apiVersion") && !one.starts_with("---") {
            text.push_str("---\n");
        }
        text.push_str(&one);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    Ok(text)
}
