//! `platc lsp` as an editor starts it, with the policies that platc ships.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// A base platform whose one service has a probe too few for `require-probes`.
const PLATFORM: &str = r#"platform base { kubernetes "1.35.7" }
use require-probes { liveness #true }
datacenter home {
    network lan "192.168.1.0/24" gateway="192.168.1.1" interface=eno1
    nameservers "192.168.1.1"
    host m1 address="192.168.1.11" cpu=16 memory="64GiB" { roles control-plane worker }
}
cluster home { pods "10.244.0.0/16"; services "10.96.0.0/16" }
service web replicas=1 {
    image "okm/web:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    port http 8080
    cpu "500m"
    memory "256MiB"
    probes { readiness http="/ready" }
}
"#;

struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    uri: String,
    version: i64,
}

impl Editor {
    fn start(sandbox: &Sandbox, text: &str) -> Self {
        let mut command = sandbox.command(&["lsp"]);
        let mut server =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("platc can be started");
        let input = server.stdin.take().expect("it is piped");
        let output = BufReader::new(server.stdout.take().expect("it is piped"));
        let uri = format!("file://{}", sandbox.path("platform.kdl").display());
        let mut editor = Self { server, input, output, uri, version: 1 };
        editor.send(&json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
        editor.send(&json!({ "method": "initialized", "params": {} }));
        let document = json!({ "uri": editor.uri, "languageId": "kdl", "version": 1, "text": text });
        editor.send(&json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }));
        editor
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("platc listens");
        self.input.flush().expect("platc listens");
    }

    fn change(&mut self, change: &Value) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.send(&json!({ "method": "textDocument/didChange", "params": params }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).expect("platc speaks"), 0, "platc ended");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(found) => length = found.parse().expect("a number"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).expect("platc speaks");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// The next findings: version, and each with its line and code.
    fn findings(&mut self) -> (i64, Vec<(u64, String)>) {
        loop {
            let message = self.receive();
            if message["method"] == "textDocument/publishDiagnostics" {
                let line = |found: &Value| found["range"]["start"]["line"].as_u64().expect("a line");
                let code = |found: &Value| found["code"].as_str().expect("a code").to_owned();
                let found = message["params"]["diagnostics"].as_array().expect("a list");
                let version = message["params"]["version"].as_i64().expect("a version");
                return (version, found.iter().map(|found| (line(found), code(found))).collect());
            }
        }
    }

    /// The findings once `until` holds of them.
    fn findings_until(&mut self, until: impl Fn(&[(u64, String)]) -> bool) -> Vec<(u64, String)> {
        loop {
            let (version, found) = self.findings();
            if version == self.version && until(&found) {
                return found;
            }
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn of_policy(found: &[(u64, String)]) -> Vec<u64> {
    found.iter().filter(|(_, code)| code.starts_with("require-probes/")).map(|(line, _)| *line).collect()
}

#[test]
fn policies_have_their_say_in_the_editor_when_all_else_is_said() {
    let sandbox = Sandbox::empty();
    std::fs::write(sandbox.path("platform.kdl"), PLATFORM).expect("it can be written");
    let mut editor = Editor::start(&sandbox, PLATFORM);
    // What checking finds does not wait for policies, nor does an answer.
    let at = json!({ "textDocument": { "uri": editor.uri }, "position": { "line": 8, "character": 3 } });
    editor.send(&json!({ "id": 2, "method": "textDocument/hover", "params": at }));
    let mut answered = false;
    let line = loop {
        let message = editor.receive();
        answered |= message["id"] == 2 && message["result"]["contents"].is_object();
        let found = message["params"]["diagnostics"].as_array().cloned().unwrap_or_default();
        let judged = found.iter().find(|found| {
            found["source"] == "platc"
                && found["code"].as_str().is_some_and(|code| code.starts_with("require-probes/"))
        });
        if let Some(judged) = judged {
            break judged["range"]["start"]["line"].as_u64().expect("a line");
        }
    };
    assert!(answered, "the answer came before the verdict");

    // A line above moves it at once, long before anything is judged again.
    let start = json!({ "line": 0, "character": 0 });
    editor.change(&json!({ "range": { "start": start, "end": start }, "text": "// a line\n" }));
    let (version, found) = editor.findings();
    assert_eq!((version, of_policy(&found)), (2, vec![line + 1]));

    // A mistake is shown at once as well, beside what policies found before.
    editor.change(&json!({ "range": { "start": start, "end": start }, "text": "servic x {}\n" }));
    let found = editor.findings_until(|_| true);
    assert!(found.iter().any(|(at, code)| *at == 0 && code.starts_with("E02")), "{found:?}");

    // Done as the policy wants, it has nothing to say.
    let good =
        PLATFORM.replace("readiness http=\"/ready\"", "readiness http=\"/ready\"; liveness http=\"/live\"");
    editor.change(&json!({ "text": good }));
    editor.findings_until(|found| of_policy(found).is_empty());
    editor.change(&json!({ "text": PLATFORM }));
    let found = editor.findings_until(|found| !of_policy(found).is_empty());
    assert_eq!(of_policy(&found), [line]);
}
