//! `cargo xtask bench`: rows of measurements, one table. A row is a whole command, measured from outside,
//! a benchmark of a crate that prints its own figures, or the common workload beside other programs.
//!
//! Not here: gates. No test asserts a time; figures are read by people, of one run on one machine.
//!
//! Start with [`ROWS`]. To add a measurement is to add a row.

mod hosts;
mod measure;
mod peers;
mod workload;

use std::path::{Path, PathBuf};

use self::measure::{Timed, once};
use crate::shell::{cargo, read, run as show};
use crate::{Outcome, root};

/// Where benchmarks put what they compile, below the root; caches of platc included.
const PLACE: &str = "target/bench";

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    /// What `cargo xtask bench NAME` calls it.
    pub name: &'static str,
    /// What it measures, for a reader of the table.
    pub what: &'static str,
    /// The figure to reach, as the project's goals state it; for the reader's eye only.
    pub goal: &'static str,
    /// How it is measured.
    pub measure: Measure,
}

/// How a row is measured.
#[derive(Debug)]
pub enum Measure {
    /// A program with arguments, run in the workspace's root some times after one that does not count.
    /// `platc` is the release binary. Before each run, these paths below [`PLACE`] are removed.
    Command(&'static [&'static str], u32, &'static [&'static str]),
    /// `cargo bench --package PACKAGE --bench NAME`, a program without a harness. Its lines
    /// `NAME<tab>FIGURE` become lines of the table; other lines are shown as they are.
    Bench(&'static str, &'static str),
    /// So many services in two datacenters, through platc and through the programs in `--peers`.
    Workload(usize),
    /// So many hosts in so many datacenters.
    Hosts(usize, usize),
}

/// A build of the large example into a directory of ours.
const BUILD: &[&str] = &["platc", "build", "examples/okmeter", "--out", "target/bench/okmeter"];

/// What is measured.
pub const ROWS: &[Row] = &[
    Row {
        name: "version",
        what: "`platc --version`: what starting costs",
        goal: "3 ms",
        measure: Measure::Command(&["platc", "--version"], 50, &[]),
    },
    Row {
        name: "check",
        what: "`platc check examples/okmeter`: the whole analysis, policies included",
        goal: "",
        measure: Measure::Command(&["platc", "check", "examples/okmeter"], 20, &["cache/platc/verdicts"]),
    },
    Row {
        name: "unchanged",
        what: "`platc build examples/okmeter` when nothing has changed",
        goal: "20 ms",
        measure: Measure::Command(BUILD, 20, &[]),
    },
    Row {
        name: "cold",
        what: "the same into an empty directory; policies compiled before, none of their verdicts known",
        goal: "100 ms",
        measure: Measure::Command(BUILD, 20, &["okmeter", "cache/platc/verdicts"]),
    },
    Row {
        name: "plugins",
        what: "the same on a machine that has not compiled these policies before",
        goal: "",
        measure: Measure::Command(BUILD, 3, &["okmeter", "cache"]),
    },
    Row {
        name: "services-1000",
        what: "the common workload: 1,000 services in two datacenters",
        goal: "5 x limit",
        measure: Measure::Workload(1000),
    },
    Row {
        name: "services-5000",
        what: "the common workload: 5,000 services in two datacenters",
        goal: "5 x limit",
        measure: Measure::Workload(5000),
    },
    Row {
        name: "hosts-5000",
        what: "5,000 hosts in 20 datacenters, each with routes to all neighbours and to all other sites",
        goal: "2 s and 1 GiB to compile",
        measure: Measure::Hosts(5000, 20),
    },
    Row {
        name: "syntax",
        what: "parsing and laying out",
        goal: "",
        measure: Measure::Bench("platc-syntax", "parse"),
    },
    Row {
        name: "language",
        what: "checking N services over two datacenters, from texts to a plan",
        goal: "40 ms for 1,000 services, 200 ms for 5,000",
        measure: Measure::Bench("platc-driver", "check"),
    },
    Row {
        name: "kube",
        what: "checking objects against the tables",
        goal: "",
        measure: Measure::Bench("platc-kube", "check"),
    },
    Row { name: "store", what: "writing builds", goal: "", measure: Measure::Bench("platc-store", "write") },
    Row {
        name: "policies",
        what: "policies over 5,000 services, warm, recalled and loaded, beside the same rules natively",
        goal: "150 ms for 30 in Rust, 20 ms unchanged, 0.3 ms to load one",
        measure: Measure::Bench("platc-policy", "judge"),
    },
    Row {
        name: "report",
        what: "proofs and pages of large platforms",
        goal: "1,000 hosts: ledger 100 ms, placement and losses 5 s, page 2 MB and 1 s",
        measure: Measure::Bench("platc-report", "scale"),
    },
    Row {
        name: "typing",
        what: "the language server on 10,000 lines: a key to findings and completions, the start, memory",
        goal: "10 ms (p99 50 ms), 10 ms, 300 ms, 300 MiB",
        measure: Measure::Bench("platc-lsp", "typing"),
    },
];

/// Options of `cargo xtask bench`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Only rows whose name has this in it
    filter: Option<String>,
    /// Programs that compile the same workload; left out of the table where there are none
    #[arg(long, value_name = "DIR", default_value = "../shared/bench/peers")]
    peers: PathBuf,
    /// Measure this command once and print the figures: how a row looks at a process of its own
    #[arg(long, hide = true, num_args = 1.., allow_hyphen_values = true)]
    once: Vec<String>,
}

/// Runs the command.
///
/// # Errors
///
/// If something does not build, or a measured program fails.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    if let Some((program, arguments)) = options.once.split_first() {
        println!("{}", once(std::process::Command::new(program).args(arguments))?.line());
        return Ok(());
    }
    let wanted = |row: &&Row| options.filter.as_ref().is_none_or(|part| row.name.contains(part.as_str()));
    let rows: Vec<&Row> = ROWS.iter().filter(wanted).collect();
    show(&mut cargo(&["build", "--profile", "dist", "--quiet", "--package", "platc"], &root))?;
    let mut lines = vec!["name\tgoal\tmeasured\twhat".to_owned()];
    for row in rows {
        let Row { name, what, goal, measure } = row;
        match measure {
            Measure::Command(arguments, runs, gone) => {
                let figures = Timed { root: &root, folder: &root, gone }.many(arguments, *runs)?;
                lines.push(format!("{name}\t{goal}\t{}\t{what}", figures.describe()));
            }
            Measure::Bench(package, bench) => {
                lines.push(format!("{name}\t{goal}\t\t{what}"));
                lines.extend(program(&root, package, bench)?);
            }
            Measure::Workload(services) => {
                lines.push(format!("{name}\t{goal}\t\t{what}"));
                lines.extend(peers::measure(&root, *services, &root.join(&options.peers))?);
            }
            Measure::Hosts(number, datacenters) => {
                lines.push(format!("{name}\t{goal}\t\t{what}"));
                lines.extend(hosts::measure(&root, *number, *datacenters)?);
            }
        }
    }
    println!("{}", columns(&lines));
    Ok(())
}

/// What a benchmark prints, as lines of the table.
fn program(root: &Path, package: &str, bench: &str) -> Outcome<Vec<String>> {
    let said = read(&mut cargo(&["bench", "--quiet", "--package", package, "--bench", bench], root))?;
    Ok(said.lines().map(|line| line.split_once('\t').map_or_else(|| said_line(line), figure_line)).collect())
}

fn figure_line((name, figure): (&str, &str)) -> String {
    format!("  {name}\t\t{}\t", figure.replace('\t', " "))
}

fn said_line(line: &str) -> String {
    format!("  {line}\t\t\t")
}

/// Lines of tab-separated cells, in columns as wide as their widest cell; but a cell that stands alone in
/// its line widens nothing.
fn columns(lines: &[String]) -> String {
    let cells: Vec<Vec<&str>> = lines.iter().map(|line| line.split('\t').collect()).collect();
    let counts = cells.iter().filter(|line| line.iter().skip(1).any(|cell| !cell.is_empty()));
    let mut widths: Vec<usize> = Vec::new();
    for line in counts {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let padded = |line: &Vec<&str>| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    cells.iter().map(padded).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let lines = ["a\tbbb\tc", "aaa\tb\tc", "  a long remark\t\t"].map(str::to_owned);
        assert_eq!(columns(&lines), "a    bbb  c\naaa  b    c\n  a long remark");
    }
}
