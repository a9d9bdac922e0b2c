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
#[derive(Args, Clone, Debug)]
pub(crate) struct PlatformArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judging: Judging,
}

/// How findings are judged and printed.
#[derive(Args, Clone, Debug)]
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
    /// Build whenever a source changes
    Watch(WatchArgs),
    /// Say what a finding means, what a kind has, or why a value is what it is
    Explain(ExplainArgs),
    /// Print a part of the checked model
    Show(ShowArgs),
    /// Lay files out in the one way
    Fmt(FmtArgs),
    /// Run the tests that are kept beside a platform
    Test(TestArgs),
    /// Print a JSON Schema of the whole language, or write its reference
    Schema(SchemaArgs),
    /// Serve an editor on the standard streams
    Lsp,
    /// Hash all files of builds again, and name what is not as it was written
    Verify(VerifyArgs),
    /// Print what was decided, and why
    Plan(PlanArgs),
    /// Print the steps of an upgrade of Kubernetes, and what has to be so before
    Upgrade(UpgradeArgs),
    /// Bring a build to an OCI registry
    Push(PushArgs),
    /// Bring a build, or what is for one host or cluster, from an OCI registry
    Pull(PullArgs),
    /// Bring plugins from registries and look images' digests up, and pin them
    Fetch(FetchArgs),
    /// As fetch, into the repository
    Vendor(FetchArgs),
    /// Sign a build, or a plugin's file, with an SSH key
    Sign(SignArgs),
    /// Say what changes, by what it does: pods that roll, hosts that are touched, what cannot be undone
    Diff(DiffArgs),
    /// List what was built, and what counted when
    Log(OutArgs),
    /// Let an earlier build count again
    Rollback(RollbackArgs),
    /// Remove builds that nothing keeps
    Gc(GcArgs),
    /// Compare what a host or a cluster reports of itself with a build
    Drift(DriftArgs),
    /// Say what is where, what is left and what may be lost; or what if
    Capacity(CapacityArgs),
    /// Draw who calls whom, the hosts, or the ways in
    Graph(GraphArgs),
    /// Write one page with everything on it
    Report(ReportArgs),
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
    /// With --fix: apply guesses, too, like the nearest name of a host
    #[arg(long, requires = "fix")]
    pub(crate) guesses: bool,
    #[command(flatten)]
    pub(crate) measuring: Measuring,
}

/// Options of `test`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc test\n  platc test --bless && git diff golden")]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
    /// Write golden files as they are now made
    #[arg(long)]
    pub(crate) bless: bool,
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
    #[command(flatten)]
    pub(crate) measuring: Measuring,
}

/// How long what took.
#[derive(Args, Clone, Default, Debug)]
pub(crate) struct Measuring {
    /// Say how long each part took
    #[arg(long)]
    pub(crate) timings: bool,
    /// Write what took how long to a file that Perfetto and Chrome's about:tracing open
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}

/// Options of `watch`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc watch\n  platc watch --out ../dist")]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
    /// Where builds lie; by default dist beside platform.kdl
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Options of `explain`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc explain E0508\n  platc explain capacity\n  platc explain service\n  platc explain service.web.replicas"
)]
pub(crate) struct ExplainArgs {
    /// Number or name of a finding, a kind, `kinds`, or a path to a value
    pub(crate) what: String,
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
}

/// Options of `show`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc show service.web\n  platc show service.web.config --as yaml")]
pub(crate) struct ShowArgs {
    /// Path of a declaration or of a value in it
    pub(crate) path: String,
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// As kdl, json or yaml
    #[arg(long = "as", value_enum, default_value_t = ShowForm::Kdl, hide_possible_values = true)]
    pub(crate) form: ShowForm,
    #[command(flatten)]
    pub(crate) judging: Judging,
}

/// How a part of the model is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum ShowForm {
    Kdl,
    Json,
    Yaml,
}

/// Options of `schema`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc schema > platc.schema.json\n  platc schema --reference reference")]
pub(crate) struct SchemaArgs {
    /// Write a Markdown page for each kind, and a list of them, into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) reference: Option<PathBuf>,
}

/// Options of `fmt`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc fmt\n  platc fmt --check\n  platc fmt --stdin < platform.kdl")]
pub(crate) struct FmtArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// Change nothing, and fail where something would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Lay out what stdin has, to stdout
    #[arg(long, conflicts_with_all = ["check", "dir"])]
    pub(crate) stdin: bool,
}

/// Options of `verify`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc verify\n  platc verify /srv/dist\n\nWithout platc:\n  cd dist/current && sha256sum -c SHA256SUMS"
)]
pub(crate) struct VerifyArgs {
    /// Where builds lie; by default dist of the platform that encloses the current directory
    pub(crate) out: Option<PathBuf>,
    /// Who may sign; by default `allowed_signers` beside platform.kdl, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
}

/// Options of `push`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc push oci://registry.example/platform:prod\n  platc push oci://registry.example/platform:v7 7f3c\n  platc push oci://registry.example/policies/no-friday:1 no-friday.wasm\n\n\
                  Logins are those of `docker login`. What is printed on stdout names this build for ever."
)]
pub(crate) struct PushArgs {
    /// Where to: REGISTRY/NAME:TAG
    #[arg(value_name = "REF")]
    pub(crate) reference: String,
    /// Which build: its id or the beginning of it, or a directory; or a plugin's file, FILE.wasm
    #[arg(value_name = "ID", default_value = "current")]
    pub(crate) build: String,
    /// Where builds lie; by default dist of the platform that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Options of `pull`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc pull oci://registry.example/platform:prod\n  platc pull registry.example/platform:prod --host dc1/web1 --out /var/lib/platform\n\n\
                  Logins are those of `docker login`. What arrives is whole or absent."
)]
pub(crate) struct PullArgs {
    /// Where from: REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST
    #[arg(value_name = "REF")]
    pub(crate) reference: String,
    /// Only what is for this host: DATACENTER/HOST, or the host's name
    #[arg(long, value_name = "HOST", conflicts_with = "cluster")]
    pub(crate) host: Option<String>,
    /// Only what is for this cluster
    #[arg(long, value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,
    /// Where builds lie, by default dist; or the directory of the part
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Who may sign; by default `allowed_signers` beside platform.kdl, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
}

/// Options of `fetch` and `vendor`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc fetch\n  platc fetch --update\n  platc fetch --only images\n  platc vendor          into vendor/plugins, to be committed\n\n\
                  A build never touches the network: it takes what was fetched and pinned in platc.lock."
)]
pub(crate) struct FetchArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// Take what the registry has now, and pin that
    #[arg(long)]
    pub(crate) update: bool,
    /// Only these
    #[arg(long, value_enum)]
    pub(crate) only: Option<Fetchable>,
    /// Who may sign; by default `allowed_signers` beside platform.kdl, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
}

/// What registries have for a platform.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fetchable {
    /// Plugins that are taken from `oci://…`.
    Plugins,
    /// Digests of images that are written by tag.
    Images,
}

/// Options of `sign`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc sign\n  platc sign --key ~/.ssh/id_ed25519.pub     by ssh-agent\n  platc sign policies/no-friday.wasm\n\nWithout platc:\n  ssh-keygen -Y sign -n platc-build -f ~/.ssh/id_ed25519 build.json"
)]
pub(crate) struct SignArgs {
    /// Which build: its id or the beginning of it, or a directory; or a plugin's file, FILE.wasm
    #[arg(value_name = "ID", default_value = "current")]
    pub(crate) what: String,
    /// The key; a public one signs by ssh-agent. By default `~/.ssh/id_ed25519`
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Where builds lie; by default dist of the platform that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Options of `plan`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc plan\n  platc plan --about web\n  platc plan --format json")]
pub(crate) struct PlanArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// Only what is about this cluster, host or workload
    #[arg(long, value_name = "NAME")]
    pub(crate) about: Option<String>,
    /// How it is printed: text or json
    #[arg(long, value_enum, default_value_t = TextFormat::Text, hide_possible_values = true)]
    pub(crate) format: TextFormat,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
}

/// Options of `upgrade`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc upgrade --to 1.36.3\n  platc upgrade --to 1.36 --cluster e2e\n  platc upgrade --to 1.36.3 --format json\n\nNothing is changed. Status 1 where something must be mended before."
)]
pub(crate) struct UpgradeArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// The version: 1.36.3, or 1.36 for any patch of it
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: String,
    /// Only this cluster; by default all that are older, small ones first
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// How it is printed: text or json
    #[arg(long, value_enum, default_value_t = TextFormat::Text, hide_possible_values = true)]
    pub(crate) format: TextFormat,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
}

/// Options of `diff`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc diff                      the current build, and what would be built now\n  platc diff main                 the same from the git revision main\n  platc diff previous current     what the last build changed\n  platc diff 4c1d02 --format markdown > change.md\n  platc diff --exit-code          status 1 where anything differs"
)]
pub(crate) struct DiffArgs {
    /// What it was: a build by its id, current or previous; a directory; a git revision. By default current
    pub(crate) old: Option<String>,
    /// What it becomes, in the same words; by default what would be built now
    pub(crate) new: Option<String>,
    /// The platform; by default the one that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Where builds lie; by default dist beside platform.kdl
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How it is printed: text, json or markdown
    #[arg(long, value_enum, default_value_t = DiffFormat::Text, hide_possible_values = true)]
    pub(crate) format: DiffFormat,
    /// End with status 1 where anything differs
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
}

/// How a difference is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum DiffFormat {
    /// For people, as wide as the terminal.
    Text,
    /// One JSON document.
    Json,
    /// For a pull request.
    Markdown,
}

/// Where builds lie.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc log\n  platc log /srv/dist")]
pub(crate) struct OutArgs {
    /// Where builds lie; by default dist of the platform that encloses the current directory
    pub(crate) out: Option<PathBuf>,
}

/// Options of `rollback`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc rollback              to the build that counted before\n  platc rollback 4c1d02\n  platc diff current previous what that would do"
)]
pub(crate) struct RollbackArgs {
    /// The build, by the beginning of its id; by default the one that counted before
    pub(crate) id: Option<String>,
    /// Where builds lie; by default dist of the platform that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go back although that moves, shrinks or renumbers something that cannot be undone
    #[arg(long)]
    pub(crate) consent: bool,
}

/// Options of `gc`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc gc                    what would go\n  platc gc --remove\n  platc gc --keep 3 --pin 4c1d02 --remove"
)]
pub(crate) struct GcArgs {
    /// Where builds lie; by default dist of the platform that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How many of the newest builds stay, beside the current one
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) keep: usize,
    /// A build that stays, whatever its age
    #[arg(long, value_name = "ID")]
    pub(crate) pin: Vec<String>,
    /// Remove them; without it, it is only said
    #[arg(long)]
    pub(crate) remove: bool,
}

/// Options of `drift`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  ssh a-m1 'find /etc /usr/local/lib/platc -type f -exec sha256sum {} +' | platc drift --host a-m1\n  kubectl get deploy,ds,svc,cm -A -o yaml | platc drift --cluster prod-a\n\nStatus 1 where anything is not as it was built."
)]
#[command(group = clap::ArgGroup::new("of").required(true).args(["host", "cluster"]))]
pub(crate) struct DriftArgs {
    /// Files with the report; by default, and for `-`, stdin
    pub(crate) reports: Vec<PathBuf>,
    /// A host: the report has lines of sha256sum, and may have lines of stat -c '%a %U:%G %n'
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// A cluster: the report is what kubectl get -o yaml prints, or several of them
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// The build to compare with: current, previous, or the beginning of an id
    #[arg(long, value_name = "ID", default_value = "current")]
    pub(crate) build: String,
    /// Where builds lie; by default dist of the platform that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How it is printed: text, json or markdown
    #[arg(long, value_enum, default_value_t = DiffFormat::Text, hide_possible_values = true)]
    pub(crate) format: DiffFormat,
}

/// Options of `capacity`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc capacity\n  platc capacity --lose m1\n  platc capacity --add-host dc1:cpu=48,memory=256GiB --scale ingest=2x\n  platc capacity --format json"
)]
pub(crate) struct CapacityArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// What if this were lost: a host, a rack or a datacenter. Several are lost together
    #[arg(long, value_name = "NAME")]
    pub(crate) lose: Vec<String>,
    /// What if there were another worker: DATACENTER:cpu=48,memory=256GiB, with count=3 for several
    #[arg(long, value_name = "HOST")]
    pub(crate) add_host: Vec<String>,
    /// What if a service had other replicas: SERVICE=2x, SERVICE=12 or SERVICE=+3
    #[arg(long, value_name = "CHANGE")]
    pub(crate) scale: Vec<String>,
    /// How it is printed: text or json
    #[arg(long, value_enum, default_value_t = TextFormat::Text, hide_possible_values = true)]
    pub(crate) format: TextFormat,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
}

/// How data is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum TextFormat {
    /// Tables, on stdout.
    Text,
    /// One JSON document on stdout.
    Json,
}

/// Options of `graph`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc graph > calls.svg\n  platc graph map --format mermaid\n  platc graph routes --format dot | dot -Tpng > routes.png"
)]
pub(crate) struct GraphArgs {
    /// What is drawn: calls, map or routes
    #[arg(value_enum, default_value_t = GraphPicture::Calls, hide_possible_values = true)]
    pub(crate) picture: GraphPicture,
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// How it is written: svg, dot or mermaid
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg, hide_possible_values = true)]
    pub(crate) format: GraphFormat,
}

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum GraphPicture {
    /// Who calls whom.
    Calls,
    /// Datacenters, racks and hosts.
    Map,
    /// Ways in.
    Routes,
}

/// How a picture is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum GraphFormat {
    /// Scalable Vector Graphics.
    Svg,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
}

/// Options of `report`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  platc report --out report.html")]
pub(crate) struct ReportArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Show what changed since this build, by what it does: current, its id or the beginning of it, or a directory
    #[arg(long, value_name = "BUILD")]
    pub(crate) since: Option<String>,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
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
    /// Begin a policy of your own in a new directory
    New(PolicyNewArgs),
    /// Compile a policy into the file that platforms use
    Build(PolicyProject),
    /// Run the cases that a policy's author keeps beside it
    Test(PolicyTestArgs),
    /// Say what a policy costs on a platform, beside what it may cost
    Bench(PolicyBenchArgs),
    /// Say what a policy's file is and asks for
    Inspect(PolicyInspectArgs),
    /// Say which rules of a platform's policies would speak if something were wrong, and which never do
    Audit(PolicyAuditArgs),
}

/// Options of `policy new`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc policy new no-friday-deploys && cd no-friday-deploys && platc policy test\n  platc policy new cost-centre --kind transform\n  platc policy new naming --lang typescript"
)]
pub(crate) struct PolicyNewArgs {
    /// The directory to make; its last part names the policy
    pub(crate) name: PathBuf,
    /// The language to write it in: rust, typescript or python
    #[arg(long, value_enum, default_value_t = PolicyLanguage::Rust, hide_possible_values = true)]
    pub(crate) lang: PolicyLanguage,
    /// What it does: check (finds something) or transform (changes something)
    #[arg(long, value_enum, default_value_t = PolicyKind::Check, hide_possible_values = true)]
    pub(crate) kind: PolicyKind,
}

/// A language for policies.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum PolicyLanguage {
    /// Rust.
    Rust,
    /// TypeScript.
    #[value(name = "typescript", alias = "ts")]
    TypeScript,
    /// Python.
    Python,
}

/// What a policy does.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum PolicyKind {
    /// It finds something.
    Check,
    /// It changes something.
    Transform,
}

/// A policy's sources.
#[derive(Args, Debug)]
pub(crate) struct PolicyProject {
    /// The policy; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
}

/// Options of `policy test`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc policy test\n  platc policy test --bless   write down what is changed and said; read it"
)]
pub(crate) struct PolicyTestArgs {
    #[command(flatten)]
    pub(crate) project: PolicyProject,
    /// Write the expected values that came into the cases; expected findings are yours to write
    #[arg(long)]
    pub(crate) bless: bool,
}

/// Options of `policy bench`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  platc policy bench --on ../platform\n  platc policy bench no-friday-deploys.wasm --on ../platform"
)]
pub(crate) struct PolicyBenchArgs {
    /// The policy: its directory, or its file; by default the directory that encloses the current one
    pub(crate) policy: Option<PathBuf>,
    /// The platform; by default the one that encloses the current directory
    #[arg(long, value_name = "DIR")]
    pub(crate) on: Option<PathBuf>,
    /// How often it is run
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) runs: NonZeroUsize,
}

/// Options of `policy inspect`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  platc policy inspect no-friday-deploys.wasm")]
pub(crate) struct PolicyInspectArgs {
    /// The file
    pub(crate) file: PathBuf,
    /// How it is printed: text or json
    #[arg(long, value_enum, default_value_t = TextFormat::Text, hide_possible_values = true)]
    pub(crate) format: TextFormat,
}

/// Options of `policy audit`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  platc policy audit\n  platc policy audit --format json")]
pub(crate) struct PolicyAuditArgs {
    /// The platform; by default the one that encloses the current directory
    pub(crate) dir: Option<PathBuf>,
    /// How it is printed: text or json
    #[arg(long, value_enum, default_value_t = TextFormat::Text, hide_possible_values = true)]
    pub(crate) format: TextFormat,
    /// The day on which ends of waivers are judged: 2026-11-21. By default today
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
}
