//! What typing costs on a platform of ten thousand lines: from a key to the findings, from a key to a list of
//! completions, from the start to the first findings, and memory.
//!
//! The server is a process of its own on its standard streams, over files on a disk, as an editor has it.
//! `cargo bench -p platc-lsp --bench typing`; figures are of one run.
//!
//! Not here: a gate. Start with `main`; the platform is made by `platform`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark: it measures time, prints it and fails loudly"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufReader, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request, RequestId};
use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::discover::LOCK_FILE;
use platc_driver::world::Disk;
use platc_lsp::Options;
use serde_json::{Value, json};

/// The argument by which this program is the server.
const SERVE: &str = "serve-on-stdio";
/// Of an image that is never pulled.
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Files of services, and services in each.
const FILES: usize = 40;
const SERVICES: usize = 19;
/// What is typed into a service, key by key, and taken back again: each prefix is what the server sees.
const TYPED: &[&str] = &[
    "    env LEVEL=\"${self.name}-info\"\n",
    "    calls s0100 timeout=\"250ms\"\n",
    "    owner \"payments\"\n",
];
/// Services that something is typed into.
const PLACES: usize = 12;
/// So long the server has for what can wait.
const BETWEEN_KEYS: Duration = Duration::from_millis(30);
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(SERVE) {
        let threads = NonZeroUsize::MIN;
        let options = Options { world: &Disk, today: None, judge: None, threads, cache: None, version: "0" };
        return platc_lsp::serve_stdio(options).map_or(ExitCode::FAILURE, |_| ExitCode::SUCCESS);
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("typing");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a directory for the platform");
    let files = platform();
    let lines: usize = files.values().map(|text| text.lines().count()).sum();
    for (name, text) in &files {
        fs::write(dir.join(name), text).expect("it can be written");
    }
    // As in every repository: what was given out stays.
    let analysis = analyse(&Disk, &dir, AnalysisOptions::default());
    fs::write(dir.join(LOCK_FILE), platc_sema::lock::write(&analysis.plan.lock)).expect("it can be written");
    println!("{lines} lines in {} files", files.len());

    let mut starts = Vec::new();
    for _ in 0..5 {
        let (session, start) = Session::start(&dir, &files);
        starts.push(start);
        session.stop();
    }
    figures("start to first findings", &mut starts);

    let (mut session, _) = Session::start(&dir, &files);
    session.settle();
    println!("errors in the platform\t{}", session.n_errors);
    let mut keys = Keys::default();
    let (began, stolen) = (Instant::now(), stolen());
    for place in 0..PLACES {
        let number = place * (FILES * SERVICES / PLACES) + 7;
        for typed in TYPED {
            type_into(&mut session, number, typed, &mut keys);
        }
    }
    figures("key to findings", &mut keys.findings);
    figures("key to completions", &mut keys.completions);
    println!("peak of memory\t{} MiB", session.peak_kib() / 1024);
    if let Some(stolen) = self::stolen().zip(stolen).map(|(now, before)| now - before) {
        // On a machine that others use, figures are only as good as this is small.
        println!(
            "taken by other machines\t{:.0} % of a core",
            100.0 * stolen / began.elapsed().as_secs_f64()
        );
    }
    session.stop();
    ExitCode::SUCCESS
}

#[derive(Default)]
struct Keys {
    findings: Vec<Duration>,
    completions: Vec<Duration>,
}

/// Types something into a service and takes it back, waiting for the findings after each key; with every third
/// key, completions are asked for in the same breath, as editors do.
fn type_into(session: &mut Session, service: usize, typed: &str, keys: &mut Keys) {
    let name = file_name(service);
    let before = session.texts[&name].clone();
    let declared = before.find(&format!("service s{service:04} ")).expect("it is there");
    let line = before[..declared].matches('\n').count() + 1;
    for (column, typed) in (0..).zip(typed.chars()) {
        let completes = column % 3 == 2 && typed != '\n';
        let at = json!({ "line": line, "character": column });
        let change = json!({ "range": { "start": at, "end": at }, "text": typed.to_string() });
        session.change(&name, &change);
        let started = Instant::now();
        if completes {
            let after = json!({ "line": line, "character": column + 1 });
            let document = json!({ "uri": session.uri(&name) });
            session
                .request("textDocument/completion", &json!({ "textDocument": document, "position": after }));
            keys.completions.push(started.elapsed());
        }
        session.wait_for_findings(&name);
        if !completes {
            keys.findings.push(started.elapsed());
        }
        // Between two keys an author breathes, and the server does what can wait.
        session.breathe();
    }
    session.change(&name, &json!({ "text": before }));
    session.wait_for_findings(&name);
    session.settle();
}

/// A session with a server.
struct Session {
    dir: PathBuf,
    server: Child,
    input: ChildStdin,
    output: Receiver<Message>,
    texts: BTreeMap<String, String>,
    version: i32,
    next: i32,
    n_errors: usize,
    /// The newest version of each document that findings were sent for.
    said: BTreeMap<String, i32>,
}

impl Session {
    /// Starts a server, opens a document, and waits for findings. Gives how long that took.
    fn start(dir: &Path, files: &BTreeMap<String, String>) -> (Self, Duration) {
        let own = std::env::current_exe().expect("this program has a path");
        let started = Instant::now();
        let mut server = Command::new(own)
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let input = server.stdin.take().expect("it is piped");
        let mut read = BufReader::new(server.stdout.take().expect("it is piped"));
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut read) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let dir = dir.to_owned();
        let texts = files.clone();
        let mut session = Self {
            dir,
            server,
            input,
            output,
            texts,
            version: 0,
            next: 0,
            n_errors: 0,
            said: BTreeMap::new(),
        };
        let root = format!("file://{}", session.dir.display());
        let folders = json!([{ "uri": root, "name": "typing" }]);
        session.request("initialize", &json!({ "workspaceFolders": folders, "capabilities": {} }));
        session.notify("initialized", &json!({}));
        let first = file_name(7);
        for name in files.keys().filter(|name| **name == first) {
            session.open(name);
        }
        session.wait_for_findings(&first);
        let took = started.elapsed();
        for name in files.keys().filter(|name| **name != first) {
            session.open(name);
        }
        session.settle();
        (session, took)
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.dir.display())
    }

    fn open(&mut self, name: &str) {
        let text = &self.texts[name];
        let document =
            json!({ "uri": self.uri(name), "languageId": "kdl", "version": self.version, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    fn change(&mut self, name: &str, change: &Value) {
        self.version += 1;
        let document = json!({ "uri": self.uri(name), "version": self.version });
        self.notify(
            "textDocument/didChange",
            &json!({ "textDocument": document, "contentChanges": [change] }),
        );
    }

    fn send(&mut self, message: &Message) {
        message.write(&mut self.input).expect("the server listens");
        self.input.flush().expect("the server listens");
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&Notification::new(method.to_owned(), params).into());
    }

    fn request(&mut self, method: &str, params: &Value) {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(&Request::new(id.clone(), method.to_owned(), params).into());
        loop {
            match self.receive() {
                Message::Response(response) if response.id == id => {
                    assert!(response.response_result.is_ok(), "{method} is answered");
                    return;
                }
                _ => {}
            }
        }
    }

    fn receive(&mut self) -> Message {
        let message = self.output.recv_timeout(PATIENCE).expect("the server answers");
        self.note(&message);
        message
    }

    /// Takes in what the server says between two keys.
    fn breathe(&mut self) {
        let next_key = Instant::now() + BETWEEN_KEYS;
        while let Ok(message) = self.output.recv_timeout(next_key.saturating_duration_since(Instant::now())) {
            self.note(&message);
        }
    }

    fn note(&mut self, message: &Message) {
        if let Message::Notification(note) = message
            && let Some(found) = note.params["diagnostics"].as_array()
        {
            self.n_errors = found.iter().filter(|one| one["severity"] == 1).count();
            if let (Some(uri), Some(version)) = (note.params["uri"].as_str(), note.params["version"].as_i64())
            {
                self.said.insert(uri.to_owned(), i32::try_from(version).expect("it was ours"));
            }
        }
    }

    /// Waits for the findings of a document as it is now.
    fn wait_for_findings(&mut self, name: &str) {
        let uri = self.uri(name);
        while self.said.get(&uri).is_none_or(|said| *said < self.version) {
            self.receive();
        }
    }

    fn settle(&mut self) {
        self.request("platc/settled", &json!({}));
    }

    fn peak_kib(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux says it");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
    }

    fn stop(mut self) {
        self.request("shutdown", &Value::Null);
        self.notify("exit", &Value::Null);
        let _ = self.server.wait();
    }
}

/// Seconds that the hypervisor gave to others, of all cores. Linux tells in hundredths.
fn stolen() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let ticks: f64 = stat.lines().next()?.split_whitespace().nth(8)?.parse().ok()?;
    Some(ticks / 100.0)
}

fn figures(name: &str, all: &mut [Duration]) {
    all.sort_unstable();
    let at = |part: usize| all[(all.len() - 1) * part / 100].as_secs_f64() * 1000.0;
    println!("{name}\tmedian {:.1} ms, p99 {:.1} ms, {} times", at(50), at(99), all.len());
}

fn file_name(service: usize) -> String {
    format!("services-{:02}.kdl", service / SERVICES)
}

/// Two datacenters with a cluster each; services of several shapes that call each other.
fn platform() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    files.insert("platform.kdl".to_owned(), "platform large { kubernetes \"1.35.7\" }\n".to_owned());
    files.insert("defaults.kdl".to_owned(), "defaults service {\n    replicas 2\n}\n".to_owned());
    files.insert("sites.kdl".to_owned(), sites());
    for file in 0..FILES {
        let services = file * SERVICES..(file + 1) * SERVICES;
        files.insert(format!("services-{file:02}.kdl"), services.map(service).collect());
    }
    files
}

fn sites() -> String {
    let mut text = String::new();
    for (at, site) in ["north", "south"].iter().enumerate() {
        let _ = write!(
            text,
            "datacenter {site} {{\n    network lan \"10.{at}.0.0/16\" gateway=\"10.{at}.0.1\" interface=eth0\n    \
             nameservers \"10.{at}.0.2\"\n"
        );
        for host in 0..40 {
            let roles = if host < 3 { "control-plane worker" } else { "worker" };
            let _ = writeln!(
                text,
                "    host {site}-{host:02} address=\"10.{at}.1.{}\" cpu=64 memory=\"256GiB\" {{\n        roles \
                 {roles}\n    }}",
                10 + host
            );
        }
        let pods = 128 + at * 64;
        let _ = write!(
            text,
            "}}\n\ncluster {site} {{\n    in {site}\n    pods \"10.{pods}.0.0/11\"\n    services \
             \"10.{}.0.0/16\"\n    survives host=1\n}}\n\n",
            96 + at
        );
    }
    text
}

fn service(at: usize) -> String {
    let cpu = [250, 500, 750, 1000, 400][at % 5];
    let memory = [256, 512, 1024, 768, 384][at % 5];
    let place = ["north", "south"][at % 2];
    let mut text = format!(
        "service s{at:04} replicas={} {{\n    in {place}\n    image \"shop/s{at:04}:1.4@sha256:{DIGEST}\"\n    port http \
         8080\n    cpu \"{cpu}m\"\n    memory \"{memory}MiB\"\n    env LOG=\"info\" SELF=\"${{self.name}}\"\n",
        2 + at % 2
    );
    // Each calls one of its own place that was declared before it and calls nobody.
    if at >= 5 && !at.is_multiple_of(5) {
        let callee = if at.is_multiple_of(2) { at - at % 10 } else { (at - 5) / 10 * 10 + 5 };
        let _ = writeln!(text, "    calls s{callee:04} timeout=\"500ms\"");
    }
    text + "    probes {\n        readiness http=\"/ready\"\n        liveness http=\"/live\"\n    }\n}\n\n"
}
