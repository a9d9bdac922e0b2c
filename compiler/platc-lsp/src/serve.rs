//! The loop: messages in, answers and findings out.
//!
//! Whatever has arrived is taken in before anything is worked out, so an edit never waits behind questions
//! about texts that are gone, and a question that was taken back is never answered. Then questions are
//! answered in their order; when there is none left, findings are worked out, one platform at a time, and
//! policies have their say on a thread of their own.
//!
//! Start with [`serve`].

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, RecvError, Sender, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, InitializeParams,
};
use platc_artifact::judge::Judge;
use platc_diag::{CodeRef, Diagnostic, Problems};
use platc_driver::analysis::AnalysisOptions;
use platc_driver::build;
use platc_driver::world::World;
use platc_model::scalar::Date;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::capabilities::{Client, server_capabilities};
use crate::desk::{Desk, Home};
use crate::handlers::{self, Fault, SETTLED};
use crate::known::Known;
use crate::overlay::{Open, Overlay};

/// What a server is started with.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// Files.
    pub world: &'o dyn World,
    /// The day on which the ends of waivers are judged.
    pub today: Option<Date>,
    /// Who runs policies; nothing is judged without. The binary gives one, because only it may link
    /// WebAssembly.
    pub judge: Option<&'o dyn Judge>,
    /// Threads that policies may use.
    pub threads: NonZeroUsize,
    /// A directory with the files of the standard library, for clients that open only real files.
    pub stdlib: Option<&'o Path>,
    /// Version of platc, which clients show.
    pub version: &'o str,
}

/// How a client went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It said so.
    Proper,
    /// It was gone, or left without saying `shutdown`.
    Gone,
}

/// A platform to be judged as it was when it was analysed: the documents that were open belong to it.
struct ToJudge {
    home: Home,
    root: PathBuf,
    open: Open,
    known: Arc<Known>,
}

/// What policies found, and in what.
type Judged = (Home, Arc<Known>, Problems);

/// Serves a client on the standard streams until it goes.
///
/// # Errors
/// If the streams break in the middle of a message.
pub fn serve_stdio(options: Options<'_>) -> std::io::Result<Ending> {
    let (connection, threads) = Connection::stdio();
    let ending = serve(&connection, options);
    // The writing thread ends when nobody can give it anything any more.
    drop(connection);
    threads.join()?;
    Ok(ending)
}

/// Serves a client until it goes.
pub fn serve(connection: &Connection, options: Options<'_>) -> Ending {
    let Ok((id, params)) = connection.initialize_start() else { return Ending::Gone };
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let client = Client::of(&params);
    let answer = json!({
        "capabilities": server_capabilities(&client),
        "serverInfo": { "name": "platc", "version": options.version },
    });
    if connection.initialize_finish(id, answer).is_err() {
        return Ending::Gone;
    }
    let (to_judge, judging) = unbounded::<ToJudge>();
    let (verdicts, judged) = unbounded::<Judged>();
    std::thread::scope(|scope| {
        if let Some(host) = options.judge {
            scope.spawn(move || judge(host, options, &judging, &verdicts));
        }
        let mut server = Server {
            connection,
            desk: Desk::new(options, client, &params),
            waiting: VecDeque::new(),
            cancelled: BTreeSet::new(),
            to_judge: options.judge.is_some().then_some(to_judge),
            judged,
            leaving: false,
        };
        server.run()
        // Dropping the server closes the way to the judging thread, which ends it.
    })
}

/// Judges the newest of each platform; those that were overtaken are left out.
fn judge(host: &dyn Judge, options: Options<'_>, judging: &Receiver<ToJudge>, verdicts: &Sender<Judged>) {
    while let Ok(first) = judging.recv() {
        let mut newest: Vec<ToJudge> = vec![first];
        for next in judging.try_iter() {
            newest.retain(|other| other.home != next.home);
            newest.push(next);
        }
        for ToJudge { home, root, open, known } in newest {
            let world = Overlay { below: options.world, open: &open };
            let days = AnalysisOptions { today: options.today };
            let run = || build::judged(&world, &root, days, host, options.threads);
            // A bug in judging leaves the author without verdicts, not without an editor.
            if let Ok(Ok(judged)) = catch_unwind(AssertUnwindSafe(run)) {
                let own = |finding: &Diagnostic| {
                    matches!(finding.code(), CodeRef::Policy(_)) || finding.code().id().starts_with("E07")
                };
                let found = judged.analysis.problems.into_iter().filter(own).collect();
                if verdicts.send((home, known, found)).is_err() {
                    return;
                }
            }
        }
    }
}

struct Server<'s> {
    connection: &'s Connection,
    desk: Desk<'s>,
    /// Questions in their order.
    waiting: VecDeque<Request>,
    /// Questions that were taken back.
    cancelled: BTreeSet<RequestId>,
    to_judge: Option<Sender<ToJudge>>,
    judged: Receiver<Judged>,
    /// The client said `shutdown`.
    leaving: bool,
}

/// What comes next.
enum Next {
    Message(Message),
    Judged(Judged),
    Nothing,
    Gone,
}

impl Server<'_> {
    fn run(&mut self) -> Ending {
        self.watch_files();
        loop {
            let idle = self.waiting.is_empty() && !self.desk.has_stale();
            match self.next(idle) {
                Next::Message(message) => {
                    if let Some(ending) = self.take(message) {
                        return ending;
                    }
                }
                Next::Judged(judged) => self.publish_judged(judged),
                Next::Nothing => self.work(),
                Next::Gone => return Ending::Gone,
            }
        }
    }

    /// The next message; waits for one only if there is nothing else to do.
    fn next(&self, wait: bool) -> Next {
        let message = |received: Result<Message, RecvError>| received.map_or(Next::Gone, Next::Message);
        if wait {
            return select! {
                recv(self.connection.receiver) -> received => message(received),
                recv(self.judged) -> judged => judged.map_or_else(|_| self.wait_for_message(), Next::Judged),
            };
        }
        match self.connection.receiver.try_recv() {
            Ok(received) => Next::Message(received),
            Err(crossbeam_channel::TryRecvError::Disconnected) => Next::Gone,
            Err(crossbeam_channel::TryRecvError::Empty) => {
                self.judged.try_recv().map_or(Next::Nothing, Next::Judged)
            }
        }
    }

    fn wait_for_message(&self) -> Next {
        self.connection.receiver.recv().map_or(Next::Gone, Next::Message)
    }

    fn take(&mut self, message: Message) -> Option<Ending> {
        match message {
            Message::Request(request) if request.method == "shutdown" => {
                self.leaving = true;
                self.waiting.clear();
                self.send(Response::new_ok(request.id, ()).into());
            }
            Message::Request(request) if self.leaving => {
                let why = "the server is shutting down".to_owned();
                self.send(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, why).into());
            }
            Message::Request(request) => self.waiting.push_back(request),
            Message::Notification(note) if note.method == notification::Exit::METHOD => {
                return Some(if self.leaving { Ending::Proper } else { Ending::Gone });
            }
            Message::Notification(note) => self.notified(note),
            // Answers to what we asked: nothing depends on them.
            Message::Response(_) => {}
        }
        None
    }

    fn notified(&mut self, note: Notification) {
        match note.method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                if let Some(DidOpenTextDocumentParams { text_document }) = read(note.params) {
                    self.desk.open(text_document);
                }
            }
            notification::DidChangeTextDocument::METHOD => {
                if let Some(params) = read::<DidChangeTextDocumentParams>(note.params) {
                    self.desk.change(&params);
                }
            }
            notification::DidCloseTextDocument::METHOD => {
                if let Some(params) = read::<DidCloseTextDocumentParams>(note.params) {
                    self.desk.close(&params.text_document.uri);
                    self.publish();
                }
            }
            notification::DidSaveTextDocument::METHOD => {
                if let Some(params) = read::<DidSaveTextDocumentParams>(note.params) {
                    self.desk.changed_on_disk(&params.text_document.uri);
                }
            }
            notification::DidChangeWatchedFiles::METHOD => {
                if let Some(params) = read::<DidChangeWatchedFilesParams>(note.params) {
                    params.changes.iter().for_each(|change| self.desk.changed_on_disk(&change.uri));
                }
            }
            notification::DidChangeWorkspaceFolders::METHOD => {
                if let Some(params) = read::<DidChangeWorkspaceFoldersParams>(note.params) {
                    self.desk.change_folders(&params.event);
                }
            }
            notification::Cancel::METHOD => {
                if let Some(id) = note.params.get("id").and_then(request_id) {
                    self.cancelled.insert(id);
                }
            }
            // What we do not know may be left out, as the protocol has it.
            _ => {}
        }
    }

    fn work(&mut self) {
        // This one is about the findings, so they come first.
        let asks_for_findings = self.waiting.front().is_some_and(|request| request.method == SETTLED);
        let first = if asks_for_findings && self.desk.has_stale() { None } else { self.waiting.pop_front() };
        if let Some(request) = first {
            let cancelled = self.cancelled.remove(&request.id);
            if self.waiting.is_empty() {
                // Taken back after they were answered: nobody will ask for these again.
                self.cancelled.clear();
            }
            let response = if cancelled {
                Response::new_err(request.id, ErrorCode::RequestCanceled as i32, "taken back".to_owned())
            } else {
                self.answer(request)
            };
            self.send(response.into());
        } else if let Some((home, known)) = self.desk.refresh_one() {
            self.publish();
            let uses_policies = known.analysis.expanded.items.of_kind("use").len() > 0;
            if let (Some(to_judge), Home::Platform(root), true) = (&self.to_judge, &home, uses_policies) {
                let root = root.clone();
                let open = self.desk.open_documents().clone();
                // The thread ends after this loop, so somebody listens.
                let _ = to_judge.send(ToJudge { home, root, open, known });
            }
        }
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let Some(handler) = handlers::find(&method) else {
            let why = format!("`{method}` is not known here");
            return Response::new_err(id, ErrorCode::MethodNotFound as i32, why);
        };
        // A bug in one answer must not take the author's session with it.
        match catch_unwind(AssertUnwindSafe(|| (handler.run)(&self.desk, params))) {
            Ok(Ok(value)) => Response::new_ok(id, value),
            Ok(Err(Fault::Params(why))) => Response::new_err(id, ErrorCode::InvalidParams as i32, why),
            Ok(Err(Fault::Refused(why))) => Response::new_err(id, ErrorCode::RequestFailed as i32, why),
            Err(_) => {
                let why = format!("a bug in platc: answering `{method}` failed");
                Response::new_err(id, ErrorCode::InternalError as i32, why)
            }
        }
    }

    fn publish_judged(&mut self, (home, known, found): Judged) {
        if self.desk.add_judged(&home, &known, &found) {
            self.publish();
        }
    }

    /// Sends the findings of each file whose findings changed.
    fn publish(&mut self) {
        for params in self.desk.changed_findings() {
            let method = notification::PublishDiagnostics::METHOD.to_owned();
            self.send(Notification::new(method, params).into());
        }
    }

    /// Asks to be told what changes on the disk.
    fn watch_files(&self) {
        if !self.desk.client().watches_files {
            return;
        }
        let watchers: Vec<Value> =
            ["**/*.kdl", "**/.gitignore", "**/.platcignore", "**/platc.lock", "**/*.{yaml,yml,json,txt}"]
                .iter()
                .map(|glob| json!({ "globPattern": glob }))
                .collect();
        let registration = json!({
            "registrations": [{
                "id": "platc-files",
                "method": notification::DidChangeWatchedFiles::METHOD,
                "registerOptions": { "watchers": watchers },
            }]
        });
        let id = RequestId::from("platc-files".to_owned());
        self.send(Request::new(id, "client/registerCapability".to_owned(), registration).into());
    }

    fn send(&self, message: Message) {
        // A client that is gone is noticed when the next message is waited for.
        let _ = self.connection.sender.send(message);
    }
}

/// What a notification says; one that cannot be read is left out, because it cannot be answered.
fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::Number(number) => Some(RequestId::from(i32::try_from(number.as_i64()?).ok()?)),
        Value::String(text) => Some(RequestId::from(text.clone())),
        _ => None,
    }
}

/// Directories in which platforms are looked for.
pub(crate) fn folders_of(params: &InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.iter().flatten().map(|folder| folder.uri.as_str());
    let mut found: Vec<PathBuf> = folders.map(crate::uri::to_path).collect();
    #[expect(deprecated, reason = "clients without folders still say it")]
    let root = params.root_uri.as_ref();
    if let (true, Some(root)) = (found.is_empty(), root) {
        found.push(crate::uri::to_path(root.as_str()));
    }
    found
}
