//! A client for tests: a session with a real server over channels, and its answers as text.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread::JoinHandle;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use platc_driver::world::Memory;
use platc_lsp::{Ending, Options, serve};
use platc_model::scalar::Date;
use serde_json::{Value, json};

/// The day on which waivers are judged.
const TODAY: &str = "2026-11-21";
/// Where the files of a case lie.
pub const ROOT: &str = "/p/";

/// What a session begins with.
#[derive(Default)]
pub struct Setup {
    files: BTreeMap<String, String>,
    pub encoding_utf8: bool,
    pub snippets: bool,
    pub links: bool,
}

impl Setup {
    /// A file, open; below `disk/`, only there.
    pub fn file(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }
}

/// A client in a session.
pub struct Client {
    connection: Connection,
    server: Option<JoinHandle<Ending>>,
    next: i32,
    utf8: bool,
    /// Texts by path, as the client has them.
    pub texts: BTreeMap<String, String>,
    /// Findings as they were last sent, by URI.
    pub findings: BTreeMap<String, Vec<Value>>,
    pub capabilities: Value,
}

impl Client {
    pub fn start(setup: Setup) -> Self {
        let mut world = Memory::default();
        for (path, text) in &setup.files {
            if let Some(path) = path.strip_prefix("disk/") {
                world.insert(format!("{ROOT}{path}"), text.as_str());
            }
        }
        let (theirs, ours) = Connection::memory();
        let server = std::thread::spawn(move || {
            let options = Options {
                world: &world,
                today: Date::parse(TODAY).ok(),
                policies: None,
                stdlib: None,
                version: "0.0.0",
            };
            serve(&theirs, options)
        });
        let mut client = Self {
            connection: ours,
            server: Some(server),
            next: 0,
            utf8: setup.encoding_utf8,
            texts: BTreeMap::new(),
            findings: BTreeMap::new(),
            capabilities: Value::Null,
        };
        client.initialize(&setup);
        for (path, text) in setup.files {
            match path.strip_prefix("disk/") {
                Some(path) => drop(client.texts.insert(path.to_owned(), text)),
                None => client.open(&path, &text),
            }
        }
        client
    }

    fn initialize(&mut self, setup: &Setup) {
        let encodings: &[&str] = if setup.encoding_utf8 { &["utf-8", "utf-16"] } else { &["utf-16"] };
        let answer = self.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": null,
                "workspaceFolders": [{ "uri": "file:///p", "name": "p" }],
                "initializationOptions": { "showArtifacts": true },
                "capabilities": {
                    "general": { "positionEncodings": encodings },
                    "textDocument": {
                        "completion": { "completionItem": { "snippetSupport": setup.snippets } },
                        "definition": { "linkSupport": setup.links },
                    },
                },
            }),
        );
        self.capabilities = answer.expect("initialize is answered")["capabilities"].clone();
        self.notify("initialized", json!({}));
    }

    pub fn open(&mut self, path: &str, text: &str) {
        self.texts.insert(path.to_owned(), text.to_owned());
        let document = json!({ "uri": uri(path), "languageId": "kdl", "version": 0, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        self.connection.sender.send(note.into()).expect("the server is there");
    }

    /// Sends a request without waiting for its answer.
    pub fn post(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server is there");
        id
    }

    /// The answer to a request; what else comes is noted.
    pub fn answer(&mut self, id: &RequestId) -> Response {
        loop {
            match self.connection.receiver.recv().expect("the server answers") {
                Message::Response(response) if response.id == *id => return response,
                other => self.note(other),
            }
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.post(method, params);
        let response = self.answer(&id);
        response.response_result.map_err(|error| error.message)
    }

    fn note(&mut self, message: Message) {
        if let Message::Notification(note) = message
            && note.method == "textDocument/publishDiagnostics"
        {
            let uri = note.params["uri"].as_str().expect("a name").to_owned();
            let found = note.params["diagnostics"].as_array().expect("a list").clone();
            self.findings.insert(uri, found);
        }
    }

    /// Waits until the findings of all that was said are there.
    pub fn settle(&mut self) {
        let _ = self.request("platc/settled", json!({}));
    }

    pub fn stop(mut self) -> Ending {
        let _ = self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.server.take().expect("it is stopped once").join().expect("the server does not panic")
    }

    /// Leaves without a word.
    pub fn vanish(self) -> Ending {
        let Self { connection, server, .. } = self;
        drop(connection);
        server.expect("it is stopped once").join().expect("the server does not panic")
    }

    // Positions.

    pub fn position(&self, path: &str, offset: usize) -> Value {
        let before = &self.texts[path][..offset];
        let line = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = &before[start..];
        let character = if self.utf8 { column.len() } else { column.encode_utf16().count() };
        json!({ "line": line, "character": character })
    }

    fn offset(&self, path: &str, position: &Value) -> usize {
        let text = &self.texts[path];
        let line = usize::try_from(position["line"].as_u64().expect("a line")).expect("it fits");
        let character = usize::try_from(position["character"].as_u64().expect("a place")).expect("it fits");
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let (mut units, mut bytes) = (0, 0);
        for c in text[start..].chars() {
            if units >= character {
                break;
            }
            units += if self.utf8 { c.len_utf8() } else { c.len_utf16() };
            bytes += c.len_utf8();
        }
        start + bytes
    }

    /// `path:line:column: line`.
    fn place(&self, uri: &str, range: &Value) -> String {
        let (line, column) = (range["start"]["line"].as_u64().unwrap(), range["start"]["character"].as_u64().unwrap());
        let path = path_of(uri);
        let text = match self.texts.get(&path) {
            Some(text) => text.lines().nth(usize::try_from(line).unwrap()).unwrap_or("").trim().to_owned(),
            None => stdlib_line(&path, usize::try_from(line).unwrap()),
        };
        format!("{path}:{}:{}: {text}\n", line + 1, column + 1)
    }

    fn slice(&self, path: &str, range: &Value) -> String {
        let (start, end) = (self.offset(path, &range["start"]), self.offset(path, &range["end"]));
        self.texts[path][start..end].to_owned()
    }

    fn applied(&self, path: &str, edits: &[Value]) -> String {
        let mut text = self.texts[path].clone();
        let mut edits: Vec<(usize, usize, String)> = edits
            .iter()
            .map(|edit| {
                let range = &edit["range"];
                let new = edit["newText"].as_str().expect("a text").to_owned();
                (self.offset(path, &range["start"]), self.offset(path, &range["end"]), new)
            })
            .collect();
        edits.sort();
        for (start, end, new) in edits.into_iter().rev() {
            text.replace_range(start..end, &new);
        }
        text
    }

    /// What a `WorkspaceEdit` changes, as lines.
    fn changes(&self, edit: &Value) -> String {
        let mut out = String::new();
        for change in edit["documentChanges"].as_array().into_iter().flatten() {
            let path = path_of(change["textDocument"]["uri"].as_str().expect("a name"));
            let after = self.applied(&path, change["edits"].as_array().expect("edits"));
            out += &difference(&path, &self.texts[&path], &after);
        }
        out
    }

    // Questions, by the tag of an expected value.

    pub fn ask(&mut self, tag: &str, args: &str, cursors: &[(String, usize)]) -> String {
        let cursor = cursors.first();
        let path = cursor.map_or_else(|| self.first_path(), |(path, _)| path.clone());
        let position = cursor.map_or(json!({ "line": 0, "character": 0 }), |(path, offset)| self.position(path, *offset));
        let document = json!({ "uri": uri(&path) });
        let at = json!({ "textDocument": document, "position": position });
        let end = cursors.get(1).map_or_else(|| position.clone(), |(path, offset)| self.position(path, *offset));
        let range = json!({ "start": position, "end": end });
        let context = Context { path, document, at, range, args };
        match self.ask_of(tag, &context) {
            Ok(text) => text,
            Err(why) => format!("refused: {why}\n"),
        }
    }

    fn first_path(&self) -> String {
        let own = self.texts.keys().find(|path| !path.ends_with("platform.kdl"));
        own.or_else(|| self.texts.keys().next()).expect("there is a file").clone()
    }

    fn ask_of(&mut self, tag: &str, context: &Context<'_>) -> Result<String, String> {
        match tag {
            "diagnostics" => {
                self.settle();
                Ok(self.shown_findings())
            }
            "hover" => {
                let found = self.request("textDocument/hover", context.at.clone())?;
                if found.is_null() {
                    return Ok("nothing\n".to_owned());
                }
                let marked = self.slice(&context.path, &found["range"]);
                Ok(format!("on: {marked}\n{}\n", found["contents"]["value"].as_str().unwrap()))
            }
            "completion" => self.completion(context),
            "apply" => self.apply_completion(context),
            "definition" => {
                let found = self.request("textDocument/definition", context.at.clone())?;
                Ok(self.places(&found))
            }
            other => Err(format!("there is no question `{other}`")),
        }
    }

    fn places(&self, found: &Value) -> String {
        let one = [found.clone()];
        let list: &[Value] = if found.is_null() { &[] } else { found.as_array().map_or(&one, Vec::as_slice) };
        if list.is_empty() {
            return "nothing\n".to_owned();
        }
        let mut out = String::new();
        for place in list {
            match place["targetUri"].as_str() {
                Some(uri) => {
                    let whole = (&place["targetRange"]["start"]["line"], &place["targetRange"]["end"]["line"]);
                    out += &self.place(uri, &place["targetSelectionRange"]);
                    let _ = writeln!(out, "  lines {} to {}", whole.0, whole.1);
                }
                None => out += &self.place(place["uri"].as_str().unwrap(), &place["range"]),
            }
        }
        out
    }

    fn shown_findings(&self) -> String {
        let mut out = String::new();
        for (uri, found) in &self.findings {
            for finding in found {
                let severity = ["", "error", "warning", "info"][usize::try_from(finding["severity"].as_u64().unwrap()).unwrap()];
                let code = finding["code"].as_str().unwrap();
                let message = finding["message"].as_str().unwrap().replace('\n', "\n  ");
                let at = &finding["range"]["start"];
                let (line, column) = (at["line"].as_u64().unwrap() + 1, at["character"].as_u64().unwrap() + 1);
                let _ = writeln!(out, "{}:{line}:{column}: {severity}[{code}]: {message}", path_of(uri));
                for related in finding["relatedInformation"].as_array().into_iter().flatten() {
                    let place = self.place(related["location"]["uri"].as_str().unwrap(), &related["location"]["range"]);
                    let _ = write!(out, "  see {place}");
                }
            }
        }
        if out.is_empty() { "none\n".to_owned() } else { out }
    }

    fn completions(&mut self, context: &Context<'_>) -> Result<Vec<Value>, String> {
        let found = self.request("textDocument/completion", context.at.clone())?;
        let mut items = found.as_array().cloned().unwrap_or_default();
        items.sort_by_key(|item| item["sortText"].as_str().unwrap_or("").to_owned());
        Ok(items)
    }

    /// Labels with details, those that begin with the arguments if there are any; ten at most without.
    fn completion(&mut self, context: &Context<'_>) -> Result<String, String> {
        let items = self.completions(context)?;
        let total = items.len();
        let fits = |item: &&Value| item["label"].as_str().unwrap().starts_with(context.args);
        let most = if context.args.is_empty() { 10 } else { usize::MAX };
        let mut out = String::new();
        for item in items.iter().filter(fits).take(most) {
            let detail = item["detail"].as_str().map(|detail| format!("  {detail}")).unwrap_or_default();
            let _ = writeln!(out, "{}{detail}", item["label"].as_str().unwrap());
        }
        if context.args.is_empty() && total > most {
            let _ = writeln!(out, "and {} more", total - most);
        }
        Ok(if out.is_empty() { "nothing\n".to_owned() } else { out })
    }

    /// The lines that change when a completion is taken.
    fn apply_completion(&mut self, context: &Context<'_>) -> Result<String, String> {
        let items = self.completions(context)?;
        let item = items.iter().find(|item| item["label"] == context.args).ok_or("no such completion")?;
        let after = self.applied(&context.path, &[item["textEdit"].clone()]);
        Ok(difference(&context.path, &self.texts[&context.path], &after))
    }
}

struct Context<'a> {
    path: String,
    document: Value,
    at: Value,
    range: Value,
    args: &'a str,
}

pub fn uri(path: &str) -> String {
    if path.contains(':') { path.to_owned() } else { format!("file://{ROOT}{path}") }
}

fn path_of(uri: &str) -> String {
    uri.strip_prefix("file://").and_then(|path| path.strip_prefix(ROOT)).unwrap_or(uri).to_owned()
}

fn stdlib_line(path: &str, line: usize) -> String {
    let name = path.strip_prefix("platc-stdlib:/stdlib/").unwrap_or(path);
    let file = platc_sema::stdlib::sources().find(|(own, _)| *own == name);
    file.and_then(|(_, text)| text.lines().nth(line)).unwrap_or("").trim().to_owned()
}

/// The lines that differ, each with its sign.
fn difference(path: &str, before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[same_start..], &new[same_start..]);
    if old_rest.is_empty() && new_rest.is_empty() {
        return format!("{path}: nothing changes\n");
    }
    let same_end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let mut out = format!("{path}:\n");
    let (old_changed, new_changed) = (&old_rest[..old_rest.len() - same_end], &new_rest[..new_rest.len() - same_end]);
    if old_changed.len() == new_changed.len() {
        for (a, b) in old_changed.iter().zip(new_changed).filter(|(a, b)| a != b) {
            let _ = writeln!(out, "- {a}\n+ {b}");
        }
        return out;
    }
    for line in old_changed {
        let _ = writeln!(out, "- {line}");
    }
    for line in new_changed {
        let _ = writeln!(out, "+ {line}");
    }
    out
}
