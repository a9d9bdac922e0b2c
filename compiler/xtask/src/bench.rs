//! `cargo xtask bench`: rows of measurements, one table. A row is a whole command, measured from outside,
//! or a benchmark of a crate that prints its own figures.
//!
//! Not here: gates. No test asserts a time; figures are read by people, of one run on one machine.
//!
//! Start with [`ROWS`]. To add a measurement is to add a row.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::shell::{cargo, command, read, run as show};
use crate::{Outcome, root};

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
    /// `platc` is the release binary.
    Command(&'static [&'static str], u32),
    /// `cargo bench --package PACKAGE --bench NAME`, a program without a harness. Its lines
    /// `NAME<tab>FIGURE` become lines of the table; other lines are shown as they are.
    Bench(&'static str, &'static str),
}

/// What is measured.
pub const ROWS: &[Row] = &[
    Row {
        name: "version",
        what: "`platc --version`: what starting costs",
        goal: "3 ms",
        measure: Measure::Command(&["platc", "--version"], 50),
    },
    Row {
        name: "check",
        what: "`platc check examples/okmeter`: the whole analysis, policies included",
        goal: "",
        measure: Measure::Command(&["platc", "check", "examples/okmeter"], 20),
    },
    Row {
        name: "unchanged",
        what: "`platc build examples/okmeter` when nothing has changed",
        goal: "20 ms",
        measure: Measure::Command(
            &["platc", "build", "examples/okmeter", "--out", "target/bench/okmeter"],
            20,
        ),
    },
    Row {
        name: "syntax",
        what: "parsing and laying out",
        goal: "",
        measure: Measure::Bench("platc-syntax", "parse"),
    },
    Row {
        name: "kube",
        what: "checking objects against the tables",
        goal: "",
        measure: Measure::Bench("platc-kube", "check"),
    },
    Row { name: "store", what: "writing builds", goal: "", measure: Measure::Bench("platc-store", "write") },
    Row {
        name: "report",
        what: "proofs and pages of large platforms",
        goal: "100 ms for 1,000 services",
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
    /// Measure this command once and print the figures: how a row looks at a process of its own
    #[arg(long, hide = true, num_args = 1.., allow_hyphen_values = true)]
    once: Vec<String>,
}

/// What one run of a command used.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Used {
    wall_us: i64,
    cpu_us: i64,
    peak_kib: i64,
}

/// Runs the command.
///
/// # Errors
///
/// If something does not build, or a measured program fails.
pub fn run(options: &Options) -> Outcome {
    let root = root();
    if let Some((program, arguments)) = options.once.split_first() {
        let Used { wall_us, cpu_us, peak_kib } = once(Command::new(program).args(arguments))?;
        println!("{wall_us} {cpu_us} {peak_kib}");
        return Ok(());
    }
    let wanted = |row: &&Row| options.filter.as_ref().is_none_or(|part| row.name.contains(part.as_str()));
    let rows: Vec<&Row> = ROWS.iter().filter(wanted).collect();
    show(&mut cargo(&["build", "--release", "--quiet", "--package", "platc"], &root))?;
    let mut lines = vec!["name\tgoal\tmeasured\twhat".to_owned()];
    for row in rows {
        let Row { name, what, goal, measure } = row;
        match measure {
            Measure::Command(arguments, runs) => {
                let figures = describe(&many(&root, arguments, *runs)?);
                lines.push(format!("{name}\t{goal}\t{figures}\t{what}"));
            }
            Measure::Bench(package, bench) => {
                lines.push(format!("{name}\t{goal}\t\t{what}"));
                lines.extend(program(&root, package, bench)?);
            }
        }
    }
    println!("{}", columns(&lines));
    Ok(())
}

/// Runs `command` and says what it used. A process that measures two would report the larger peak for
/// both, so [`many`] starts a new one each time.
fn once(command: &mut Command) -> Outcome<Used> {
    let line = crate::shell::line(command);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status().map_err(|error| format!("`{line}` cannot be started: {error}"))?;
    let wall_us = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
    if !status.success() {
        return Err(format!("`{line}` failed: {status}"));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("getrusage: {error}"))?;
    let cpu_us = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Used { wall_us, cpu_us, peak_kib: usage.max_rss() })
}

fn many(root: &Path, arguments: &[&str], runs: u32) -> Outcome<Vec<Used>> {
    let own = std::env::current_exe().map_err(|error| format!("our own program: {error}"))?;
    let release = root.join("target/release/platc").to_string_lossy().into_owned();
    let mut all = vec!["bench", "--once"];
    all.extend(arguments.iter().map(|argument| if *argument == "platc" { &*release } else { *argument }));
    let run = || parse(&read(&mut command(&own, &all, root))?);
    run()?;
    (0..runs).map(|_| run()).collect()
}

fn parse(line: &str) -> Outcome<Used> {
    let numbers: Vec<i64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match *numbers.as_slice() {
        [wall_us, cpu_us, peak_kib] => Ok(Used { wall_us, cpu_us, peak_kib }),
        _ => Err(format!("three numbers were expected, not {line:?}")),
    }
}

/// The best run: what the program costs, not what others on the machine add; and the median beside it.
fn describe(runs: &[Used]) -> String {
    let of = |figure: fn(&Used) -> i64| {
        let mut all: Vec<i64> = runs.iter().map(figure).collect();
        all.sort_unstable();
        (all.first().copied().unwrap_or(0), all.get(all.len() / 2).copied().unwrap_or(0))
    };
    let (wall, cpu, peak) = (of(|run| run.wall_us), of(|run| run.cpu_us), of(|run| run.peak_kib));
    let time =
        |(best, median): (i64, i64)| format!("{} (median {})", milliseconds(best), milliseconds(median));
    format!("{} wall, {} CPU, {} MiB, {} runs", time(wall), time(cpu), peak.1.div_euclid(1024), runs.len())
}

fn milliseconds(us: i64) -> String {
    format!("{}.{:02} ms", us.div_euclid(1000), us.rem_euclid(1000).div_euclid(10))
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

    #[test]
    fn figures_survive_the_way_from_the_measuring_process() {
        assert_eq!(parse("1500 900 2048\n"), Ok(Used { wall_us: 1500, cpu_us: 900, peak_kib: 2048 }));
        assert!(parse("1500\n").is_err());
        let runs = [(1500, 900, 2048), (1700, 800, 2050), (9000, 900, 2048)]
            .map(|(wall_us, cpu_us, peak_kib)| Used { wall_us, cpu_us, peak_kib });
        assert_eq!(
            describe(&runs),
            "1.50 ms (median 1.70 ms) wall, 0.80 ms (median 0.90 ms) CPU, 2 MiB, 3 runs"
        );
    }
}
