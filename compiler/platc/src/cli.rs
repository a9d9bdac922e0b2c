//! The table of commands and options: parsing, help, completions and man pages come from here.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Compiles a description of a platform into the files that run it.
#[derive(Parser, Debug)]
#[command(
    name = "platc",
    version,
    about = "Compiles a description of a platform into the files that run it",
    long_about = None,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Start here:\n  platc new hello && cd hello\n  platc check          what is wrong, on the line where it is\n  \
                  platc build          every file, in dist/current\n  platc explain E0205  what a finding means"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Colours: auto, always or never. `NO_COLOR` is heeded
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, hide_possible_values = true)]
    pub(crate) color: Color,
    /// Say nothing but findings and data
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Threads; by default one for each processor
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// Whether to use colours.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum Format {
    /// For people, on stderr.
    Human,
    /// One JSON document on stdout.
    Json,
    /// SARIF 2.1.0 on stdout, for code scanning.
    Sarif,
    /// Workflow commands on stdout, which become annotations.
    Github,
    /// JUnit XML on stdout.
    Junit,
}

/// Which platform, and how its findings are judged and printed.
#[derive(Args, Debug)]
pub(crate) struct PlatformArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judging: Judging,
}

/// How findings are judged and printed.
#[derive(Args, Debug)]
pub(crate) struct Judging {
    /// How findings are printed: human, json, sarif, github or junit
    #[arg(long, value_enum, default_value_t = Format::Human, hide_possible_values = true)]
    pub(crate) format: Format,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
    /// Treat warnings as errors
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    pub(crate) deny: Option<String>,
}

/// Commands.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Begin a platform in a new directory
    New(NewArgs),
    /// Say what is wrong, and write nothing
    Check(CheckArgs),
    /// Write every file of a platform into dist
    Build(BuildArgs),
    /// Say what a finding means: E0205, or its name
    Explain(ExplainArgs),
    /// Hash all files of builds again, and name what is not as it was written
    Verify(VerifyArgs),
    /// Policies: what there is, and what a platform uses
    Policy(PolicyArgs),
}

/// Options of `new`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  platc new hello && cd hello && platc build")]
pub(crate) struct NewArgs {
    /// The directory to make; its last part names the platform
    pub(crate) name: PathBuf,
}

/// Options of `check`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc check\n  platc check --fix\n  platc check --format sarif > findings.sarif"
)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
    /// Apply the fixes that are safe
    #[arg(long)]
    pub(crate) fix: bool,
}

/// Options of `build`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc build\n  platc build --stream | kubectl diff -f -\n  platc build --stream --only 'clusters/a/*'"
)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
    /// Where builds lie; by default dist beside platform.kdl
    #[arg(long, value_name = "DIR", conflicts_with = "stream")]
    pub(crate) out: Option<PathBuf>,
    /// Print every Kubernetes manifest to stdout and write nothing
    #[arg(long)]
    pub(crate) stream: bool,
    /// With --stream: only files whose path this pattern matches; `*` stands for anything but `/`, `**` for anything
    #[arg(long, value_name = "PATTERN", requires = "stream")]
    pub(crate) only: Vec<String>,
    /// Fail rather than change platc.lock
    #[arg(long)]
    pub(crate) locked: bool,
    /// Say how long each part took
    #[arg(long)]
    pub(crate) timings: bool,
}

/// Options of `explain`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc explain E0508\n  platc explain capacity")]
pub(crate) struct ExplainArgs {
    /// Number or name of a finding
    pub(crate) what: String,
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
}

/// Options of `verify`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc verify\n  platc verify /srv/dist\n\nWithout platc:\n  cd dist/current && sha256sum -c SHA256SUMS"
)]
pub(crate) struct VerifyArgs {
    /// Where builds lie; by default dist of the platform that encloses the current directory
    pub(crate) out: Option<PathBuf>,
}

/// Options of `policy`.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

/// Commands on policies.
#[derive(Subcommand, Debug)]
pub(crate) enum PolicyCommand {
    /// List the policies that ship with platc, with their rules
    List,
}
