//! What a command uses: time, processor, memory.
//!
//! Start with [`Timed`].

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::PLACE;
use crate::Outcome;
use crate::shell::{command, line, output, read};

/// What one run of a command used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Used {
    wall_us: i64,
    cpu_us: i64,
    peak_kib: i64,
}

/// Several runs of one command.
#[derive(Debug)]
pub(super) struct Runs(Vec<Used>);

/// Where and after what commands are measured.
pub(super) struct Timed<'a> {
    /// The workspace.
    pub(super) root: &'a Path,
    /// Where the command starts.
    pub(super) folder: &'a Path,
    /// What is removed below [`PLACE`] before each run.
    pub(super) gone: &'a [&'a str],
}

impl Used {
    /// As [`parse`] reads it.
    pub(super) fn line(self) -> String {
        let Self { wall_us, cpu_us, peak_kib } = self;
        format!("{wall_us} {cpu_us} {peak_kib}")
    }
}

/// Runs `command` and says what it used. A process that measures two would report the larger peak for
/// both, so [`Timed::many`] starts a new one each time.
///
/// # Errors
///
/// If it cannot be started or fails.
pub(super) fn once(command: &mut Command) -> Outcome<Used> {
    let line = line(command);
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

impl Timed<'_> {
    /// The command so many times, after one run that does not count.
    ///
    /// # Errors
    ///
    /// If it cannot be started or fails.
    pub(super) fn many(&self, arguments: &[&str], runs: u32) -> Outcome<Runs> {
        let own = std::env::current_exe().map_err(|error| format!("our own program: {error}"))?;
        let given = self.given();
        let mut all = vec!["bench", "--once"];
        all.extend(arguments.iter().map(|argument| if *argument == "platc" { &*given } else { *argument }));
        let run = || {
            self.clear()?;
            let mut command = command(&own, &all, self.folder);
            parse(&read(command.env("XDG_CACHE_HOME", self.root.join(PLACE).join("cache")))?)
        };
        run()?;
        Ok(Runs((0..runs).map(|_| run()).collect::<Outcome<_>>()?))
    }

    /// How many bytes the command prints.
    ///
    /// # Errors
    ///
    /// If it cannot be started or fails.
    pub(super) fn bytes(&self, arguments: &[&str]) -> Outcome<usize> {
        let given = self.given();
        let Some((program, rest)) = arguments.split_first() else { return Ok(0) };
        let mut command = command(if *program == "platc" { &*given } else { program }, rest, self.folder);
        let said = output(&mut command)?;
        if said.status.success() {
            return Ok(said.stdout.len());
        }
        Err(format!("`{}`: {}", line(&command), String::from_utf8_lossy(&said.stderr).trim_end()))
    }

    /// The binary that is given away.
    fn given(&self) -> String {
        self.root.join("target/dist/platc").to_string_lossy().into_owned()
    }

    fn clear(&self) -> Outcome {
        for name in self.gone {
            let path = self.root.join(PLACE).join(name);
            // A build is read-only: its directories must be opened before anything in them can go.
            if path.exists() {
                read(&mut command("chmod", &["-R", "u+w", &path.to_string_lossy()], self.root))?;
                std::fs::remove_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        Ok(())
    }
}

impl Runs {
    /// The best run: what the program costs, not what others on the machine add; and the median beside it.
    pub(super) fn describe(&self) -> String {
        let (wall, cpu, peak) =
            (self.of(|run| run.wall_us), self.of(|run| run.cpu_us), self.of(|run| run.peak_kib));
        let time =
            |(best, median): (i64, i64)| format!("{} (median {})", milliseconds(best), milliseconds(median));
        let runs = self.0.len();
        format!("{} wall, {} CPU, {} MiB, {runs} runs", time(wall), time(cpu), peak.1.div_euclid(1024))
    }

    /// Processor time of the best run, in microseconds.
    pub(super) fn cpu_us(&self) -> i64 {
        self.of(|run| run.cpu_us).0
    }

    fn of(&self, figure: fn(&Used) -> i64) -> (i64, i64) {
        let mut all: Vec<i64> = self.0.iter().map(figure).collect();
        all.sort_unstable();
        (all.first().copied().unwrap_or(0), all.get(all.len() / 2).copied().unwrap_or(0))
    }
}

fn parse(line: &str) -> Outcome<Used> {
    let numbers: Vec<i64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match *numbers.as_slice() {
        [wall_us, cpu_us, peak_kib] => Ok(Used { wall_us, cpu_us, peak_kib }),
        _ => Err(format!("three numbers were expected, not {line:?}")),
    }
}

fn milliseconds(us: i64) -> String {
    format!("{}.{:02} ms", us.div_euclid(1000), us.rem_euclid(1000).div_euclid(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_survive_the_way_from_the_measuring_process() {
        let used = Used { wall_us: 1500, cpu_us: 900, peak_kib: 2048 };
        assert_eq!(parse(&used.line()), Ok(used));
        assert!(parse("1500\n").is_err());
        let runs = [(1500, 900, 2048), (1700, 800, 2050), (9000, 900, 2048)]
            .map(|(wall_us, cpu_us, peak_kib)| Used { wall_us, cpu_us, peak_kib });
        assert_eq!(
            Runs(runs.to_vec()).describe(),
            "1.50 ms (median 1.70 ms) wall, 0.80 ms (median 0.90 ms) CPU, 2 MiB, 3 runs"
        );
    }
}
