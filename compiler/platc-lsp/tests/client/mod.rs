//! A client for tests: a session with a real server over channels, and its answers as text.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "an answer of another shape fails the test, and each question is an arm of one match"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use platc_driver::world::{Entry, Memory, World};
use platc_lsp::{Ending, Options, serve};
use platc_model::scalar::Date;
use serde_json::{Value, json};

/// The day on which waivers are judged.
const TODAY: &str = "2026-11-21";
/// Where the files of a case lie.
pub(crate) const ROOT: &str = "/p/";

/// What a session begins with.
#[derive(Default)]
pub(crate) struct Setup {
    files: BTreeMap<String, String>,
    pub(crate) encoding_utf8: bool,
    pub(crate) snippets: bool,
    pub(crate) links: bool,
}

impl Setup {
    /// A file, open; below `disk/`, only there.
    pub(crate) fn file(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }
}

/// A disk that changes while it is looked at.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Memory>>);

impl World for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.lock().unwrap().read(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.0.lock().unwrap().list(dir)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.lock().unwrap().is_file(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.0.lock().unwrap().is_dir(path)
    }
}

/// A client in a session.
pub(crate) struct Client {
    connection: Connection,
    server: Option<JoinHandle<Ending>>,
    disk: Disk,
    next: i32,
    utf8: bool,
    /// Texts by path, as the client has them.
    pub(crate) texts: BTreeMap<String, String>,
    /// Findings as they were last sent, by URI.
    pub(crate) findings: BTreeMap<String, Vec<Value>>,
    pub(crate) capabilities: Value,
}

impl Client {
    pub(crate) fn start(setup: Setup) -> Self {
        let disk = Disk::default();
        for (path, text) in &setup.files {
            if let Some(path) = path.strip_prefix("disk/") {
                disk.0.lock().unwrap().insert(format!("{ROOT}{path}"), text.as_str());
            }
        }
        let (theirs, ours) = Connection::memory();
        let world = disk.clone();
        let server = std::thread::spawn(move || {
            let options = Options {
                world: &world,
                today: Date::parse(TODAY).ok(),
                judge: None,
                threads: std::num::NonZeroUsize::MIN,
                cache: None,
                version: "0.0.0",
            };
            serve(&theirs, options)
        });
        let mut client = Self {
            connection: ours,
            server: Some(server),
            disk,
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

    pub(crate) fn open(&mut self, path: &str, text: &str) {
        self.texts.insert(path.to_owned(), text.to_owned());
        let document = json!({ "uri": uri(path), "languageId": "kdl", "version": 0, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        self.connection.sender.send(note.into()).expect("the server is there");
    }

    /// Sends a request without waiting for its answer.
    pub(crate) fn post(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server is there");
        id
    }

    /// The answer to a request; what else comes is noted.
    pub(crate) fn answer(&mut self, id: &RequestId) -> Response {
        loop {
            match self.connection.receiver.recv().expect("the server answers") {
                Message::Response(response) if response.id == *id => return response,
                other => self.note(other),
            }
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, String> {
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
    pub(crate) fn settle(&mut self) {
        let _ = self.request("platc/settled", json!({}));
    }

    pub(crate) fn stop(mut self) -> Ending {
        let _ = self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.server.take().expect("it is stopped once").join().expect("the server does not panic")
    }

    /// Waits for the end of a server that was told to go.
    pub(crate) fn join(mut self) -> Ending {
        self.server.take().expect("it is stopped once").join().expect("the server does not panic")
    }

    /// Changes a file on the disk, of which the server must be told.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.disk.0.lock().unwrap().insert(format!("{ROOT}{path}"), text);
    }

    /// Leaves without a word.
    pub(crate) fn vanish(self) -> Ending {
        let Self { connection, server, .. } = self;
        drop(connection);
        server.expect("it is stopped once").join().expect("the server does not panic")
    }

    // Positions.

    pub(crate) fn position(&self, path: &str, offset: usize) -> Value {
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
        let (line, column) =
            (range["start"]["line"].as_u64().unwrap(), range["start"]["character"].as_u64().unwrap());
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

    pub(crate) fn ask(&mut self, tag: &str, args: &str, cursors: &[(String, usize)]) -> String {
        let cursor = cursors.first();
        let path = cursor.map_or_else(|| self.first_path(), |(path, _)| path.clone());
        let position = cursor
            .map_or(json!({ "line": 0, "character": 0 }), |(path, offset)| self.position(path, *offset));
        let document = json!({ "uri": uri(&path) });
        let at = json!({ "textDocument": document, "position": position });
        let end =
            cursors.get(1).map_or_else(|| position.clone(), |(path, offset)| self.position(path, *offset));
        let range = json!({ "start": position, "end": end });
        let context = Context { path, document, at, range, args };
        match self.ask_of(tag, &context) {
            Ok(text) => text,
            Err(why) => format!("refused: {why}\n"),
        }
    }

    fn first_path(&self) -> String {
        let source = |path: &&String| path.ends_with(".kdl") && !path.ends_with("platform.kdl");
        let own = self.texts.keys().find(source);
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
            "references" => {
                let mut params = context.at.clone();
                params["context"] = json!({ "includeDeclaration": context.args != "without declaration" });
                let found = self.request("textDocument/references", params)?;
                Ok(self.places(&found))
            }
            "highlights" => {
                let found = self.request("textDocument/documentHighlight", context.at.clone())?;
                let list = found.as_array().cloned().unwrap_or_default();
                Ok(lines(&list, |one| {
                    let kind = if one["kind"] == 3 { "write" } else { "read" };
                    format!("{kind} {}", self.place(&uri(&context.path), &one["range"]).trim_end())
                }))
            }
            "prepare-rename" => {
                let found = self.request("textDocument/prepareRename", context.at.clone())?;
                if found.is_null() {
                    return Ok("nothing\n".to_owned());
                }
                let marked = self.slice(&context.path, &found["range"]);
                Ok(format!("{marked} as {}\n", found["placeholder"].as_str().unwrap()))
            }
            "rename" => {
                let mut params = context.at.clone();
                params["newName"] = json!(context.args);
                let found = self.request("textDocument/rename", params)?;
                let changes = self.changes(&found);
                Ok(if changes.is_empty() { "nothing\n".to_owned() } else { changes })
            }
            "symbols" => {
                let params = json!({ "textDocument": context.document });
                let found = self.request("textDocument/documentSymbol", params)?;
                let mut out = String::new();
                symbol_lines(&found, 0, &mut out);
                Ok(if out.is_empty() { "nothing\n".to_owned() } else { out })
            }
            "workspace-symbols" => {
                let found = self.request("workspace/symbol", json!({ "query": context.args }))?;
                let list = found.as_array().cloned().unwrap_or_default();
                Ok(lines(&list, |one| {
                    let (name, kind) =
                        (one["name"].as_str().unwrap(), one["containerName"].as_str().unwrap());
                    let place = &one["location"];
                    format!(
                        "{kind} {name} {}",
                        self.place(place["uri"].as_str().unwrap(), &place["range"]).trim_end()
                    )
                }))
            }
            "format" | "format-range" => {
                let options = json!({ "tabSize": 4, "insertSpaces": true });
                let found = if tag == "format" {
                    let params = json!({ "textDocument": context.document, "options": options });
                    self.request("textDocument/formatting", params)?
                } else {
                    let params = json!({ "textDocument": context.document, "range": context.range, "options": options });
                    self.request("textDocument/rangeFormatting", params)?
                };
                let edits = found.as_array().cloned().unwrap_or_default();
                Ok(difference(
                    &context.path,
                    &self.texts[&context.path],
                    &self.applied(&context.path, &edits),
                ))
            }
            "actions" => self.actions(context),
            "hints" => {
                let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9999, "character": 0 } });
                let params = json!({ "textDocument": context.document, "range": range });
                let found = self.request("textDocument/inlayHint", params)?;
                let list = found.as_array().cloned().unwrap_or_default();
                Ok(lines(&list, |one| {
                    let at = self.offset(&context.path, &one["position"]);
                    let text = &self.texts[&context.path][..at];
                    let line = text.rsplit('\n').next().unwrap_or("").trim();
                    format!("{line} « {} »", one["label"].as_str().unwrap())
                }))
            }
            "tokens" => self.tokens(context),
            "folds" => {
                let params = json!({ "textDocument": context.document });
                let found = self.request("textDocument/foldingRange", params)?;
                let list = found.as_array().cloned().unwrap_or_default();
                Ok(lines(&list, |one| {
                    let kind = one["kind"].as_str().unwrap_or("block");
                    format!("{kind} lines {} to {}", one["startLine"], one["endLine"])
                }))
            }
            "selection" => {
                let params =
                    json!({ "textDocument": context.document, "positions": [context.at["position"]] });
                let found = self.request("textDocument/selectionRange", params)?;
                let mut out = String::new();
                let mut next = found[0].clone();
                while next.is_object() {
                    let text = self.slice(&context.path, &next["range"]);
                    let _ = writeln!(out, "{}", text.trim_end_matches('\n').replace('\n', "⏎"));
                    next = next["parent"].take();
                }
                Ok(out)
            }
            "links" => {
                let params = json!({ "textDocument": context.document });
                let found = self.request("textDocument/documentLink", params)?;
                let list = found.as_array().cloned().unwrap_or_default();
                Ok(lines(&list, |one| {
                    let from = self.slice(&context.path, &one["range"]);
                    format!("{from} -> {}", path_of(one["target"].as_str().unwrap()))
                }))
            }
            "signature" => {
                let found = self.request("textDocument/signatureHelp", context.at.clone())?;
                if found.is_null() {
                    return Ok("nothing\n".to_owned());
                }
                let own = &found["signatures"][0];
                let number = usize::try_from(found["activeParameter"].as_u64().unwrap()).unwrap();
                let active = own["parameters"][number]["label"].as_str().unwrap_or("none");
                Ok(format!("{}\nhere: {active}\n", own["label"].as_str().unwrap()))
            }
            "lens" => {
                let params = json!({ "textDocument": context.document });
                let found = self.request("textDocument/codeLens", params)?;
                let list = found.as_array().cloned().unwrap_or_default();
                Ok(lines(&list, |one| {
                    let on = self.slice(&context.path, &one["range"]);
                    format!("{on}: {}", one["command"]["title"].as_str().unwrap())
                }))
            }
            "calls-in" | "calls-out" => self.hierarchy(tag, context),
            "becomes" => self.becomes(context),
            "came-from" => {
                let (path, wanted) = context.args.split_once(" line ").ok_or("came-from PATH line TEXT")?;
                let line = self.artifact_line(context, path, wanted)?;
                let params = json!({ "textDocument": context.document, "path": path, "line": line });
                let found = self.request("platc/origin", params)?;
                if found.is_null() {
                    return Ok("nothing\n".to_owned());
                }
                let rule = found["rule"].as_str().map(|rule| format!("by {rule}\n")).unwrap_or_default();
                Ok(format!("{}{rule}", self.place(found["uri"].as_str().unwrap(), &found["range"])))
            }
            "pictures" => {
                let at = context.at.clone();
                let found = self.request("platc/pictures", at)?;
                let word = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
                let broken = if found["broken"] == true { ", the platform has errors" } else { "" };
                let mut out = format!("{} {}{broken}\n", word("kind"), word("name"));
                for picture in ["topology", "capacity"] {
                    out += &format!("{picture}\n{}", texts_of(&word(picture)));
                }
                Ok(out)
            }
            other => Err(format!("there is no question `{other}`")),
        }
    }

    fn actions(&mut self, context: &Context<'_>) -> Result<String, String> {
        let params = json!({ "textDocument": context.document, "range": context.range, "context": { "diagnostics": [] } });
        let found = self.request("textDocument/codeAction", params)?;
        let list = found.as_array().cloned().unwrap_or_default();
        let mut out = String::new();
        for action in &list {
            let mark = if action["isPreferred"] == true { " (preferred)" } else { "" };
            let _ = writeln!(
                out,
                "{}: {}{mark}",
                action["kind"].as_str().unwrap(),
                action["title"].as_str().unwrap()
            );
            out += &self.changes(&action["edit"]);
        }
        Ok(if out.is_empty() { "nothing\n".to_owned() } else { out })
    }

    fn tokens(&mut self, context: &Context<'_>) -> Result<String, String> {
        let types = self.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"].clone();
        let ranged = context.range["start"] != context.range["end"];
        let found = if ranged {
            let params = json!({ "textDocument": context.document, "range": context.range });
            self.request("textDocument/semanticTokens/range", params)?
        } else {
            self.request("textDocument/semanticTokens/full", json!({ "textDocument": context.document }))?
        };
        let numbers: Vec<u64> = found["data"]
            .as_array()
            .cloned()
            .unwrap_or_default()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .collect();
        let (mut line, mut column, mut out, mut shown) = (0, 0, String::new(), None);
        for token in numbers.chunks(5) {
            line += token[0];
            column = if token[0] == 0 { column + token[1] } else { token[1] };
            let range = json!({
                "start": { "line": line, "character": column },
                "end": { "line": line, "character": column + token[2] },
            });
            let text = self.slice(&context.path, &range);
            let sort = types[usize::try_from(token[3]).unwrap()].as_str().unwrap().to_owned();
            if shown != Some(line) {
                let newline = if shown.is_some() { "\n" } else { "" };
                let _ = write!(out, "{newline}{}:", line + 1);
                shown = Some(line);
            }
            let declares = if token[4] & 1 == 1 { "!" } else { "" };
            let _ = write!(out, " {text}·{sort}{declares}");
        }
        Ok(out)
    }

    fn hierarchy(&mut self, tag: &str, context: &Context<'_>) -> Result<String, String> {
        let items = self.request("textDocument/prepareCallHierarchy", context.at.clone())?;
        let Some(item) = items.as_array().and_then(|items| items.first()).cloned() else {
            return Ok("nothing\n".to_owned());
        };
        let incoming = tag == "calls-in";
        let (method, side) = if incoming {
            ("callHierarchy/incomingCalls", "from")
        } else {
            ("callHierarchy/outgoingCalls", "to")
        };
        let found = self.request(method, json!({ "item": item }))?;
        let list = found.as_array().cloned().unwrap_or_default();
        let said = lines(&list, |one| {
            let other = &one[side];
            let at = one["fromRanges"].as_array().unwrap().len();
            format!("{side} {} {} ({at})", other["detail"].as_str().unwrap(), other["name"].as_str().unwrap())
        });
        Ok(format!("of {}\n{said}", item["name"].as_str().unwrap()))
    }

    fn artifacts(&mut self, context: &Context<'_>) -> Result<Value, String> {
        self.request("platc/becomes", context.at.clone())
    }

    fn artifact_line(&mut self, context: &Context<'_>, path: &str, wanted: &str) -> Result<usize, String> {
        let found = self.artifacts(context)?;
        let artifacts = found["artifacts"].as_array().cloned().unwrap_or_default();
        let own = artifacts.iter().find(|one| one["path"] == path).ok_or("no such artifact")?;
        let text = own["text"].as_str().unwrap();
        text.lines().position(|line| line.contains(wanted)).ok_or_else(|| format!("no such line in\n{text}"))
    }

    /// Paths of artifacts, of one kind if the arguments say which, with the lines that come from the line under the cursor.
    fn becomes(&mut self, context: &Context<'_>) -> Result<String, String> {
        let found = self.artifacts(context)?;
        if found.is_null() {
            return Ok("nothing\n".to_owned());
        }
        let mut out = format!("{} {}\n", found["kind"].as_str().unwrap(), found["name"].as_str().unwrap());
        if found["broken"] == true {
            out += "the platform has errors\n";
        }
        let asked = |one: &&Value| context.args.is_empty() || one["kind"] == context.args;
        for one in found["artifacts"].as_array().unwrap().iter().filter(asked) {
            let _ = writeln!(
                out,
                "{} {} for {}",
                one["kind"].as_str().unwrap(),
                one["path"].as_str().unwrap(),
                one["target"].as_str().unwrap()
            );
            let text: Vec<&str> = one["text"].as_str().unwrap().lines().collect();
            for line in one["lines"].as_array().unwrap() {
                let _ = writeln!(out, "  {}", text[usize::try_from(line.as_u64().unwrap()).unwrap()].trim());
            }
        }
        Ok(out)
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
                    let whole =
                        (&place["targetRange"]["start"]["line"], &place["targetRange"]["end"]["line"]);
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
                let severity = ["", "error", "warning", "info"]
                    [usize::try_from(finding["severity"].as_u64().unwrap()).unwrap()];
                let code = finding["code"].as_str().unwrap();
                let message = finding["message"].as_str().unwrap().replace('\n', "\n  ");
                let at = &finding["range"]["start"];
                let (line, column) =
                    (at["line"].as_u64().unwrap() + 1, at["character"].as_u64().unwrap() + 1);
                let _ = writeln!(out, "{}:{line}:{column}: {severity}[{code}]: {message}", path_of(uri));
                for related in finding["relatedInformation"].as_array().into_iter().flatten() {
                    let place = self
                        .place(related["location"]["uri"].as_str().unwrap(), &related["location"]["range"]);
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

pub(crate) fn uri(path: &str) -> String {
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
    let (old_changed, new_changed) =
        (&old_rest[..old_rest.len() - same_end], &new_rest[..new_rest.len() - same_end]);
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

fn lines(list: &[Value], line: impl Fn(&Value) -> String) -> String {
    if list.is_empty() {
        return "nothing\n".to_owned();
    }
    list.iter().map(|one| format!("{}\n", line(one))).collect()
}

fn symbol_lines(list: &Value, depth: usize, out: &mut String) {
    for symbol in list.as_array().into_iter().flatten() {
        let (name, detail) = (symbol["name"].as_str().unwrap(), symbol["detail"].as_str().unwrap());
        let _ = writeln!(out, "{}{detail} {name}", "  ".repeat(depth));
        symbol_lines(&symbol["children"], depth + 1, out);
    }
}

/// What is written in a picture, a line each; those of a bar with how far it goes.
fn texts_of(svg: &str) -> String {
    let mut out = String::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        if tag.starts_with("rect class=\"own\"") && !tag.contains("width=\"0\"") {
            let width = tag.split("width=\"").nth(1).and_then(|rest| rest.split('"').next());
            let _ = writeln!(out, "  own part: {} wide", width.unwrap_or("?"));
        }
        if (tag.starts_with("text") || tag.starts_with("tspan")) && !text.trim().is_empty() {
            let _ = writeln!(out, "  {}", text.trim());
        }
    }
    out
}
