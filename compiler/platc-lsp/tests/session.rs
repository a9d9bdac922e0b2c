//! Whole sessions: storms of edits, documents that come and go, clients that vanish or speak nonsense.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test: it fails loudly"
)]

mod client;

use std::sync::{Mutex, MutexGuard, PoisonError};

use client::{Client, Setup, uri};
use platc_lsp::Ending;
use serde_json::json;

const BASE: &str = include_str!("../../platc-driver/tests/base.kdl");

/// Pieces that edits put in: sound, broken and odd ones.
const PIECES: &[&str] = &[
    "{",
    "}",
    "\"",
    "\n",
    "service s { cpu 1 }\n",
    "secret k { keys a }\n",
    "${web.name}",
    "let x 1\n",
    "𝒳é",
    "/-",
    "//",
    "=",
    "replicas=3",
    " ",
    "at home { replicas 1 }\n",
    "env A=\"${self.name}\"\n",
    "(",
    "#true",
    "\\",
    "\r\n",
];

/// A generator with a fixed seed (SplitMix64): the same storm each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

fn service(number: usize) -> String {
    format!(
        "service s{number} replicas=2 {{\n    image \"a/b:1\"\n    cpu 1\n    memory \"1GiB\"\n    port http 8080\n    \
         probes {{ readiness http=\"/\" }}\n    calls web timeout=\"1s\"\n}}\n"
    )
}

fn ten_files() -> Setup {
    let mut setup = Setup::default();
    setup.file("platform.kdl", BASE);
    for number in 0..10 {
        setup.file(&format!("f{number}.kdl"), &service(number));
    }
    setup
}

fn edit(client: &mut Client, random: &mut Random, version: usize) {
    let path = format!("f{}.kdl", random.below(10));
    let mut text = client.texts[&path].clone();
    let boundary = |text: &str, mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(&text, random.below(text.len() + 1));
    // A line break of two characters is one to a client: it has no position in it.
    let inside_break = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
    let end = boundary(&text, (start + random.below(12)).min(text.len()));
    if inside_break(start) || inside_break(end) {
        return;
    }
    let piece = if text.len() > 2_000 { "" } else { PIECES[random.below(PIECES.len())] };
    let range = json!({ "start": client.position(&path, start), "end": client.position(&path, end) });
    text.replace_range(start..end, piece);
    let document = json!({ "uri": uri(&path), "version": version });
    let change = json!([{ "range": range, "text": piece }]);
    client.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": change }));
    client.texts.insert(path, text);
}

/// One session at a time: the storm looks at the memory of the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kibibytes of this process that are in memory.
fn memory_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_storm_of_edits_ends_where_a_fresh_start_begins() {
    let _alone = alone();
    let mut random = Random(7);
    let mut client = Client::start(ten_files());
    let mut after_first_thousand = 0;
    for version in 1..=10_000 {
        edit(&mut client, &mut random, version);
        if version % 200 == 0 {
            client.settle();
        }
        if version == 1_000 {
            after_first_thousand = memory_kib();
        }
    }
    client.settle();
    let grown = memory_kib().saturating_sub(after_first_thousand);
    // What an allocator keeps for itself; nine thousand edits that were kept would be far above.
    assert!(grown < 60 * 1024, "{grown} KiB more than after the first thousand");

    let mut fresh = Setup::default();
    for (path, text) in &client.texts {
        fresh.file(path, text);
    }
    let mut other = Client::start(fresh);
    other.settle();
    let shown = |client: &Client| {
        let found = client.findings.iter().filter(|(_, found)| !found.is_empty());
        found.map(|(uri, found)| (uri.clone(), found.clone())).collect::<Vec<_>>()
    };
    assert!(!shown(&client).is_empty(), "a storm breaks something");
    let (storm, calm) = (shown(&client), shown(&other));
    assert_eq!(storm, calm);
    assert_eq!(client.stop(), Ending::Proper);
    other.stop();
}

#[test]
fn documents_that_come_and_go_leave_nothing() {
    let _alone = alone();
    let mut client = Client::start(ten_files());
    client.settle();
    let mut after_first_hundred = 0;
    for cycle in 0..1_000 {
        let path = format!("guest{}.kdl", cycle % 3);
        client.open(&path, "secret guest existing=3\n");
        if cycle % 100 == 0 {
            client.settle();
            assert!(!client.findings[&uri(&path)].is_empty());
        }
        if cycle == 100 {
            after_first_hundred = memory_kib();
        }
        client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&path) } }));
        client.texts.remove(&path);
    }
    client.settle();
    let left: Vec<_> =
        client.findings.iter().filter(|(uri, found)| uri.contains("guest") && !found.is_empty()).collect();
    assert!(left.is_empty(), "{left:?}");
    let grown = memory_kib().saturating_sub(after_first_hundred);
    assert!(grown < 30 * 1024, "{grown} KiB more than after the first hundred");
    assert_eq!(client.stop(), Ending::Proper);
}

#[test]
fn a_client_that_vanishes_ends_the_server() {
    let _alone = alone();
    let client = Client::start(ten_files());
    assert_eq!(client.vanish(), Ending::Gone);
}

#[test]
fn an_exit_without_shutdown_is_told_apart() {
    let _alone = alone();
    let mut client = Client::start(ten_files());
    client.notify("exit", json!(null));
    assert_eq!(client.join(), Ending::Gone);
}

#[test]
fn nonsense_is_answered_or_left_out() {
    let _alone = alone();
    let mut client = Client::start(ten_files());
    assert!(client.request("no/such", json!({})).unwrap_err().contains("no/such"));
    assert!(client.request("textDocument/hover", json!({ "nonsense": 1 })).is_err());
    for params in [json!(null), json!([]), json!({ "textDocument": {} }), json!("x")] {
        client.notify("textDocument/didOpen", params.clone());
        client.notify("textDocument/didChange", params.clone());
        client.notify("$/cancelRequest", params.clone());
        client.notify("no/such", params);
    }
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let document = json!({ "uri": uri("f0.kdl") });
    let change = json!([{ "range": { "start": far, "end": { "line": 0, "character": 0 } }, "text": "}" }]);
    let versioned = json!({ "uri": uri("f0.kdl"), "version": 2 });
    client.notify("textDocument/didChange", json!({ "textDocument": versioned, "contentChanges": change }));
    for uri in ["file:///p/nobody.kdl", "untitled:Untitled-1", "nonsense", "file://%zz", "http://x/y.kdl"] {
        let at = json!({ "textDocument": { "uri": uri }, "position": far });
        for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
            // Whether it has an answer or a refusal, the server is there for the next.
            let _ = client.request(method, at.clone());
        }
    }
    let at = json!({ "textDocument": document, "position": far });
    assert!(client.request("textDocument/hover", at).is_ok());
    client.settle();
    assert_eq!(client.stop(), Ending::Proper);
}

#[test]
fn a_request_that_is_taken_back_is_not_answered_with_a_value() {
    let _alone = alone();
    let mut client = Client::start(ten_files());
    client.settle();
    let at = json!({ "textDocument": { "uri": uri("f1.kdl") }, "position": { "line": 0, "character": 3 } });
    // Many at once, so that those at the end still wait when they are taken back.
    let ids: Vec<_> = (0..60).map(|_| client.post("textDocument/references", references(&at))).collect();
    let last = ids.last().unwrap().clone();
    client.notify("$/cancelRequest", json!({ "id": last }));
    let mut cancelled = 0;
    for id in &ids {
        let answer = client.answer(id);
        if let Err(error) = &answer.response_result {
            assert_eq!((error.code, id), (-32800, &last));
            cancelled += 1;
        }
    }
    assert!(cancelled <= 1);
    assert_eq!(client.stop(), Ending::Proper);
}

fn references(at: &serde_json::Value) -> serde_json::Value {
    let mut params = at.clone();
    params["context"] = json!({ "includeDeclaration": true });
    params
}

#[test]
fn an_untitled_document_is_helped_as_well() {
    let _alone = alone();
    let mut client = Client::start(Setup::default());
    client.open("untitled:Untitled-1", "ser\nlet a \"\n");
    client.settle();
    assert_eq!(client.findings["untitled:Untitled-1"].len(), 1);
    let at = json!({ "textDocument": { "uri": "untitled:Untitled-1" }, "position": { "line": 0, "character": 3 } });
    let found = client.request("textDocument/completion", at).unwrap();
    assert!(found.as_array().unwrap().iter().any(|item| item["label"] == "service"));
    assert_eq!(client.stop(), Ending::Proper);
}

#[test]
fn what_changes_on_the_disk_is_read_again() {
    let _alone = alone();
    let mut setup = ten_files();
    setup.file("disk/more.kdl", "secret s existing=3\n");
    let mut client = Client::start(setup);
    client.settle();
    assert!(!client.findings[&uri("more.kdl")].is_empty());
    client.write("more.kdl", "secret s existing=#true\n");
    let changes = json!([{ "uri": uri("more.kdl"), "type": 2 }]);
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    client.settle();
    assert!(client.findings[&uri("more.kdl")].is_empty());
    assert_eq!(client.stop(), Ending::Proper);
}
