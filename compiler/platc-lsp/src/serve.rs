//! The loop: messages in, answers and findings out.
//!
//! Whatever has arrived is taken in before anything is worked out, so an edit never waits behind questions
//! about texts that are gone, and a question that was taken back is never answered. Then questions are
//! answered in their order; when there is none left, findings are worked out, one platform at a time. What
//! takes longer is done elsewhere ([`later`]), and questions about that wait without holding up others.
//!
//! Start with [`serve`].

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, RecvError, Sender, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, InitializeParams,
};
use platc_artifact::judge::Judge;
use platc_diag::limits;
use platc_driver::world::World;
use platc_model::scalar::Date;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::capabilities::{Client, server_capabilities};
use crate::desk::Desk;
use crate::handlers::{self, Fault, SETTLED};
use crate::later::{self, Done, Order};

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
    /// Threads that keys may use, and policies as many.
    pub threads: NonZeroUsize,
    /// A directory of the user's cache. The files of the standard library are put there for clients that open
    /// only real files; nothing is written without.
    pub cache: Option<&'o Path>,
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
    let (orders, ordered) = unbounded::<Order>();
    let (done, news) = unbounded::<Done>();
    let session = || {
        let mut server = Server {
            connection,
            desk: Desk::new(options, client, &params),
            waiting: VecDeque::new(),
            put_off: Vec::new(),
            cancelled: BTreeSet::new(),
            orders,
            news,
            leaving: false,
        };
        server.run()
        // Dropping the server closes the way to the other thread, which ends it.
    };
    std::thread::scope(|scope| {
        scope.spawn(move || later::run(options, &ordered, &done));
        // One of the threads that it shares work with: from outside, it would wait at each step until one of them
        // has woken up.
        match pool(options.threads.get()) {
            Some(pool) => pool.install(session),
            None => session(),
        }
    })
}

/// Threads that share work among them, and with nobody else; `None` if the system gives none.
pub(crate) fn pool(n_threads: usize) -> Option<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(n_threads).stack_size(limits::SERVER_STACK_BYTES).build().ok()
}

struct Server<'s> {
    connection: &'s Connection,
    desk: Desk<'s>,
    /// Questions in their order.
    waiting: VecDeque<Request>,
    /// Questions about what is not known yet.
    put_off: Vec<Request>,
    /// Questions that were taken back.
    cancelled: BTreeSet<RequestId>,
    orders: Sender<Order>,
    news: Receiver<Done>,
    /// The client said `shutdown`.
    leaving: bool,
}

/// What comes next.
enum Next {
    Message(Message),
    Done(Done),
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
                Next::Done(done) => self.note(done),
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
                recv(self.news) -> done => done.map_or_else(|_| self.wait_for_message(), Next::Done),
            };
        }
        match self.connection.receiver.try_recv() {
            Ok(received) => Next::Message(received),
            Err(crossbeam_channel::TryRecvError::Disconnected) => Next::Gone,
            Err(crossbeam_channel::TryRecvError::Empty) => {
                self.news.try_recv().map_or(Next::Nothing, Next::Done)
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
                self.put_off.clear();
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
                    self.ask_again();
                }
            }
            // What we do not know may be left out, as the protocol has it.
            _ => {}
        }
    }

    fn work(&mut self) {
        if let Some(request) = self.waiting.pop_front() {
            let cancelled = self.cancelled.remove(&request.id);
            if !cancelled && self.must_wait(&request) {
                self.put_off.push(request);
                self.order(Order::Hurry);
                return;
            }
            if self.waiting.is_empty() && self.put_off.is_empty() {
                // Taken back after they were answered: nobody will ask for these again.
                self.cancelled.clear();
            }
            let response = if cancelled {
                Response::new_err(request.id, ErrorCode::RequestCanceled as i32, "taken back".to_owned())
            } else {
                self.answer(request)
            };
            self.send(response.into());
        } else if let Some(task) = self.desk.refresh_one() {
            self.publish();
            if let Some(task) = task {
                self.order(Order::Do(task));
            }
            self.ask_again();
        }
    }

    /// Whether a question is about what is not known yet.
    fn must_wait(&self, request: &Request) -> bool {
        if request.method == SETTLED {
            return self.desk.is_busy();
        }
        let uri = request.params.pointer("/textDocument/uri").and_then(Value::as_str);
        handlers::needs_plan(&request.method) && uri.is_some_and(|uri| self.desk.is_planning(uri))
    }

    /// Puts the questions that were put off before all others again.
    fn ask_again(&mut self) {
        for request in self.put_off.drain(..).rev() {
            self.waiting.push_front(request);
        }
    }

    fn order(&self, order: Order) {
        // The thread ends after this loop, so somebody listens.
        let _ = self.orders.send(order);
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

    /// Takes what was done elsewhere.
    fn note(&mut self, done: Done) {
        match done {
            Done::Planned(home, known) => self.desk.note_planned(&home, &known),
            Done::Judged(home, known, found) => self.desk.note_judged(&home, known, found),
        }
        self.publish();
        self.ask_again();
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
