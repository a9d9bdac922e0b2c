//! [`Desk`]: what is open, which platform it belongs to, and what was worked out about it.
//!
//! A document belongs to the platform whose directory encloses it, or to those that import the directory
//! that it lies in. One that belongs to none is analysed alone, and only what must be wrong whatever it
//! belongs to is reported.
//!
//! Start with [`Desk::spot`].

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{
    DidChangeTextDocumentParams, Location, Position, PublishDiagnosticsParams, Range, TextDocumentItem, Uri,
    WorkspaceFoldersChangeEvent,
};
use platc_diag::{Diagnostic, FileId, Problems, Span};
use platc_driver::analysis::{AnalysisOptions, Memo, draft};
use platc_driver::discover::{PLATFORM_FILE, find_root};
use platc_driver::world::{EntryKind, World, normal};
use platc_syntax::Tree;

use crate::capabilities::Client;
use crate::carry::Carry;
use crate::features::diagnostics;
use crate::known::{At, Known};
use crate::later::Task;
use crate::overlay::{Alone, Open, Overlay};
use crate::serve::{Options, folders_of};
use crate::shelf;
use crate::text::{Encoding, Text};
use crate::uri;

/// Directories below a workspace folder that are looked into for platforms.
const DIRECTORIES_MAX: usize = 4_000;

/// What is analysed as one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Home {
    /// The platform in a directory.
    Platform(PathBuf),
    /// A document by itself.
    Alone(PathBuf),
}

/// A document that is open.
struct Document {
    uri: Uri,
    version: i32,
    text: Text,
}

/// What was worked out about a home.
struct Slot {
    known: Arc<Known>,
    /// Whether something changed since.
    stale: bool,
    /// Whether its findings are the ones that are shown.
    settled: bool,
    /// Whether its plan is being worked out.
    planning: bool,
    /// Whether policies are judging it.
    judging: bool,
    /// The newest whose plan is known.
    planned: Option<Arc<Known>>,
    /// What policies found, and in what.
    judged: Option<(Arc<Known>, Problems)>,
    /// What planning and policies found, as a client shows it: made once, because keys change none of it.
    late: OnceCell<Vec<InFile>>,
}

/// Findings in one file, in the lines where they were found.
struct InFile {
    found_in: Arc<Known>,
    file: FileId,
    path: PathBuf,
    shown: Shown,
}

/// Findings in one file as a client shows them, shared by all who hold them: a key changes few.
type Shown = Arc<[lsp_types::Diagnostic]>;

/// What is open and what is known about it.
pub(crate) struct Desk<'o> {
    options: Options<'o>,
    client: Client,
    folders: Vec<PathBuf>,
    /// Where the files of the standard library are, if they are on the disk.
    library: Option<PathBuf>,
    documents: BTreeMap<PathBuf, Document>,
    open: Open,
    slots: RefCell<BTreeMap<Home, Slot>>,
    /// What analyses of a home take over from each other.
    memos: RefCell<BTreeMap<Home, Memo>>,
    /// Platforms below the folders; looked for when they are first asked for.
    platforms: RefCell<Option<Vec<PathBuf>>>,
    /// Findings as they were last sent, by file.
    sent: BTreeMap<PathBuf, Vec<Shown>>,
    /// Homes whose findings are shown.
    shown: BTreeSet<Home>,
    /// Documents whose newest version no findings were sent for: a client is told of each version what is
    /// wrong with it, also when that is what was wrong before.
    unsaid: BTreeSet<PathBuf>,
}

/// A place in a document, with all that is known.
pub(crate) struct Spot {
    pub(crate) known: Arc<Known>,
    pub(crate) source: u32,
    pub(crate) offset: u32,
    pub(crate) encoding: Encoding,
}

impl<'o> Desk<'o> {
    pub(crate) fn new(options: Options<'o>, client: Client, params: &lsp_types::InitializeParams) -> Self {
        // Where they cannot be put, a definition leads to a name that the client may know.
        let real = options.cache.filter(|_| !client.opens_library);
        let library = real.and_then(|cache| shelf::put(cache, options.version).ok());
        Self {
            options,
            client,
            folders: folders_of(params),
            library,
            documents: BTreeMap::new(),
            open: Open::new(),
            slots: RefCell::new(BTreeMap::new()),
            memos: RefCell::new(BTreeMap::new()),
            platforms: RefCell::new(None),
            sent: BTreeMap::new(),
            shown: BTreeSet::new(),
            unsaid: BTreeSet::new(),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.client.encoding
    }

    fn overlay(&self) -> Overlay<'_> {
        Overlay { below: self.options.world, open: &self.open }
    }

    // What clients tell.

    pub(crate) fn open(&mut self, item: TextDocumentItem) {
        let path = uri::to_path(item.uri.as_str());
        let text = Text::new(item.text);
        self.open.insert(path.clone(), text.shared());
        let same = self.is_as_known(&path, &text);
        self.documents.insert(path.clone(), Document { uri: item.uri, version: item.version, text });
        self.forget_names();
        if same {
            self.slots.borrow_mut().values_mut().for_each(|slot| slot.settled = false);
        } else {
            self.touched(&path);
        }
        self.show(&path);
        self.unsaid.insert(path);
    }

    pub(crate) fn change(&mut self, params: &DidChangeTextDocumentParams) {
        let path = uri::to_path(params.text_document.uri.as_str());
        let encoding = self.encoding();
        let Some(document) = self.documents.get_mut(&path) else { return };
        for change in &params.content_changes {
            document.text = document.text.changed(change, encoding);
        }
        document.version = params.text_document.version;
        let text = document.text.shared();
        self.open.insert(path.clone(), text);
        self.touched(&path);
        self.unsaid.insert(path);
    }

    pub(crate) fn close(&mut self, uri: &Uri) {
        let path = uri::to_path(uri.as_str());
        self.open.remove(&path);
        self.documents.remove(&path);
        self.forget_names();
        self.unsaid.remove(&path);
        self.touched(&path);
        let shown: BTreeSet<Home> = self.documents.keys().flat_map(|path| self.homes_of(path)).collect();
        self.slots.borrow_mut().retain(|home, _| shown.contains(home));
        self.memos.borrow_mut().retain(|home, _| shown.contains(home));
        self.shown = shown;
    }

    pub(crate) fn changed_on_disk(&mut self, uri: &Uri) {
        let path = uri::to_path(uri.as_str());
        if !self.open.contains_key(&path) {
            self.touched(&path);
        }
    }

    pub(crate) fn change_folders(&mut self, event: &WorkspaceFoldersChangeEvent) {
        let removed: Vec<PathBuf> =
            event.removed.iter().map(|folder| uri::to_path(folder.uri.as_str())).collect();
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(event.added.iter().map(|folder| uri::to_path(folder.uri.as_str())));
        self.platforms.replace(None);
    }

    /// Whether all who know a file know it with this text already, and somebody does: then that it is open now
    /// changes nothing that was worked out, only who is to be told of it.
    fn is_as_known(&self, path: &Path, text: &Text) -> bool {
        let slots = self.slots.borrow();
        let mut known = slots.values().filter_map(|slot| {
            let source = slot.known.source_of(path)?;
            let file = slot.known.analysis.project.source(source).file;
            Some(!slot.stale && *slot.known.analysis.files.get(file).shared_text() == *text.shared())
        });
        let homes = slots.keys().all(|home| matches!(home, Home::Platform(_)));
        homes && known.next().is_some_and(|first| first && known.all(|same| same))
    }

    /// Findings are shown with the names that clients give to their documents.
    fn forget_names(&mut self) {
        for slot in self.slots.borrow_mut().values_mut() {
            slot.late.take();
        }
    }

    /// Notes that a file is another one now.
    fn touched(&mut self, path: &Path) {
        let is_platform = path.file_name().is_some_and(|name| name == PLATFORM_FILE);
        let known_before = self.slots.borrow().values().any(|slot| slot.known.source_of(path).is_some());
        if is_platform || !known_before {
            // Which platforms there are, and what belongs to which, may be another matter now.
            self.platforms.replace(None);
        }
        for (home, slot) in self.slots.borrow_mut().iter_mut() {
            slot.stale |= match home {
                Home::Platform(_) => slot.known.depends_on(path),
                Home::Alone(own) => own == path || is_platform,
            };
        }
        if is_platform || !known_before {
            let homes: BTreeSet<Home> = self.documents.keys().flat_map(|path| self.homes_of(path)).collect();
            self.slots.borrow_mut().retain(|home, _| homes.contains(home));
            self.memos.borrow_mut().retain(|home, _| homes.contains(home));
            self.shown = homes;
        }
    }

    fn show(&mut self, path: &Path) {
        let homes = self.homes_of(path);
        self.shown.extend(homes);
    }

    // Which platform.

    /// What a document belongs to; at least one.
    pub(crate) fn homes_of(&self, path: &Path) -> Vec<Home> {
        if self.is_stdlib(path) {
            return Vec::new();
        }
        let overlay = self.overlay();
        let enclosing = path.parent().and_then(|dir| find_root(&overlay, dir));
        if let Some(root) = enclosing {
            let home = Home::Platform(normal(&root));
            let known = self.known_of(&home);
            if known.source_of(path).is_some() || known.names_file(path) {
                return vec![home];
            }
        }
        let users: Vec<Home> = self
            .platforms()
            .into_iter()
            .map(Home::Platform)
            .filter(|home| self.known_of(home).source_of(path).is_some())
            .collect();
        if users.is_empty() { vec![Home::Alone(path.to_owned())] } else { users }
    }

    fn is_stdlib(&self, path: &Path) -> bool {
        self.library.as_ref().is_some_and(|dir| path.starts_with(dir))
            || path.to_str().is_some_and(|text| text.contains(uri::STDLIB_SCHEME))
    }

    /// Platforms below the folders, in order.
    pub(crate) fn platforms(&self) -> Vec<PathBuf> {
        if let Some(known) = self.platforms.borrow().as_ref() {
            return known.clone();
        }
        let overlay = self.overlay();
        let mut found: Vec<PathBuf> = Vec::new();
        let mut left = DIRECTORIES_MAX;
        for folder in &self.folders {
            walk(&overlay, &normal(folder), &mut left, &mut found);
        }
        found.sort();
        found.dedup();
        self.platforms.replace(Some(found.clone()));
        found
    }

    // What is known.

    /// What is known of a home as it is now.
    pub(crate) fn known_of(&self, home: &Home) -> Arc<Known> {
        if let Some(slot) = self.slots.borrow().get(home).filter(|slot| !slot.stale) {
            return Arc::clone(&slot.known);
        }
        let known = Arc::new(self.analyse(home));
        let mut slots = self.slots.borrow_mut();
        let before = slots.remove(home);
        let (planned, judged, late) = before
            .map_or((None, None, OnceCell::new()), |before| (before.planned, before.judged, before.late));
        let own = Arc::clone(&known);
        let new = Slot {
            known: own,
            stale: false,
            settled: false,
            planning: false,
            judging: false,
            planned,
            judged,
            late,
        };
        slots.insert(home.clone(), new);
        known
    }

    fn analyse(&self, home: &Home) -> Known {
        let options = AnalysisOptions { today: self.options.today };
        let overlay = self.overlay();
        let mut memos = self.memos.borrow_mut();
        let memo = memos.entry(home.clone()).or_default();
        match home {
            Home::Platform(root) => Known::new(draft(&overlay, root, options, memo)),
            Home::Alone(path) => {
                let alone = Alone { path, world: &overlay };
                Known::new(draft(&alone, path.parent().unwrap_or(Path::new("/")), options, memo))
            }
        }
    }

    /// Whether findings of some home are out of date.
    pub(crate) fn has_stale(&self) -> bool {
        self.next_stale().is_some()
    }

    fn next_stale(&self) -> Option<Home> {
        let slots = self.slots.borrow();
        let settled = |home: &Home| slots.get(home).is_some_and(|slot| !slot.stale && slot.settled);
        self.shown.iter().find(|home| !settled(home)).cloned()
    }

    /// Works out anew one home whose findings are out of date, and says what is to be done with it later.
    pub(crate) fn refresh_one(&mut self) -> Option<Option<Task>> {
        let home = self.next_stale()?;
        let known = self.known_of(&home);
        let uses_policies = known.analysis.expanded.items.of_kind("use").len() > 0;
        let judging = self.options.judge.is_some() && uses_policies;
        // What follows of a document alone says nothing.
        let plans = matches!(home, Home::Platform(_));
        if let Some(slot) = self.slots.borrow_mut().get_mut(&home) {
            slot.settled = true;
            slot.planning = plans;
            slot.judging = plans && judging;
            if !judging && slot.judged.take().is_some() {
                slot.late.take();
            }
        }
        Some(plans.then(|| Task { home, open: self.open.clone(), known, judging }))
    }

    /// Takes the news that a plan is known. Whether it is that of the platform as it is now.
    pub(crate) fn note_planned(&mut self, home: &Home, known: &Arc<Known>) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(home) {
            slot.planning &= !Arc::ptr_eq(&slot.known, known);
            slot.planned = Some(Arc::clone(known));
            slot.late.take();
        }
    }

    /// Keeps what policies found, of the newest that was judged.
    pub(crate) fn note_judged(&mut self, home: &Home, known: Arc<Known>, found: Problems) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(home) {
            slot.judging &= !Arc::ptr_eq(&slot.known, &known);
            slot.judged = Some((known, found));
            slot.late.take();
        }
    }

    /// Whether anything is still to be found out about what is shown.
    pub(crate) fn is_busy(&self) -> bool {
        let slots = self.slots.borrow();
        let busy = |home: &Home| slots.get(home).is_some_and(|slot| slot.planning || slot.judging);
        self.has_stale() || self.shown.iter().any(busy)
    }

    /// Whether the plan of the platforms of a document is still to be worked out, elsewhere.
    pub(crate) fn is_planning(&self, uri: &str) -> bool {
        let homes = self.homes_of(&uri::to_path(uri));
        let slots = self.slots.borrow();
        let planning = |home: &&Home| {
            let settled = slots.get(home).is_some_and(|slot| !slot.stale && slot.settled && !slot.planning);
            self.shown.contains(home) && !settled
        };
        homes.iter().any(|home| planning(&home))
    }

    // What is told.

    /// The findings of each file whose findings are others than those that were sent last.
    pub(crate) fn changed_findings(&mut self) -> Vec<PublishDiagnosticsParams> {
        let mut now: BTreeMap<PathBuf, Vec<Shown>> = BTreeMap::new();
        for home in &self.shown {
            let slots = self.slots.borrow();
            let Some(slot) = slots.get(home).filter(|slot| slot.settled || slot.stale) else { continue };
            for (path, shown) in self.findings_in(slot, home) {
                // A library's finding comes once, whichever platforms use it.
                let new = without(shown, now.get(&path).map_or(&[], Vec::as_slice));
                if !new.is_empty() {
                    now.entry(path).or_default().push(new);
                }
            }
        }
        let mut changed = Vec::new();
        let before = std::mem::take(&mut self.sent);
        for path in before.keys().filter(|path| !now.contains_key(*path)) {
            changed.extend(self.findings_of(path, Vec::new()));
        }
        for (path, findings) in &now {
            let same = before.get(path).is_some_and(|before| say_the_same(before, findings));
            if !same || self.is_unsaid(path) {
                let findings = findings.iter().flat_map(|shown| shown.iter().cloned());
                changed.extend(self.findings_of(path, findings.collect()));
            }
        }
        let silent =
            self.unsaid.iter().filter(|path| !now.contains_key(*path) && !before.contains_key(*path));
        for path in silent.filter(|path| self.is_unsaid(path)) {
            changed.extend(self.findings_of(path, Vec::new()));
        }
        let said: Vec<PathBuf> = self.unsaid.iter().filter(|path| self.is_unsaid(path)).cloned().collect();
        self.unsaid.retain(|path| !said.contains(path));
        self.sent = now;
        changed
    }

    /// The findings of a home. Those that take their time are kept from the last time that they were looked for,
    /// in the lines where their lines are now, so that they do not flicker at each key.
    fn findings_in(&self, slot: &Slot, home: &Home) -> Vec<(PathBuf, Shown)> {
        let alone = matches!(home, Home::Alone(_));
        let known = &slot.known;
        let early = known.early_problems().iter().filter(|own| !alone || diagnostics::holds_anywhere(own));
        let mut found: Vec<(PathBuf, Shown)> = self
            .by_file(early.map(|finding| (known, finding)))
            .into_iter()
            .map(|found| (found.path, found.shown))
            .collect();
        if alone {
            return found;
        }
        for late in slot.late.get_or_init(|| self.late_of(slot)) {
            found.push((late.path.clone(), carried(late, known)));
        }
        found
    }

    /// What planning and policies found in each file.
    fn late_of(&self, slot: &Slot) -> Vec<InFile> {
        let planned =
            slot.planned.iter().flat_map(|before| before.late_problems().map(move |one| (before, one)));
        let judged =
            slot.judged.iter().flat_map(|(before, found)| found.iter().map(move |one| (before, one)));
        self.by_file(planned.chain(judged))
    }

    /// Findings as a client shows them, by file, in their order.
    fn by_file<'f>(&self, found: impl Iterator<Item = (&'f Arc<Known>, &'f Diagnostic)>) -> Vec<InFile> {
        let mut files: Vec<(&Arc<Known>, FileId, Vec<lsp_types::Diagnostic>)> = Vec::new();
        for (known, finding) in found {
            let file = finding.span().file;
            let shown = diagnostics::diagnostic(self, known, finding);
            match files.iter_mut().find(|(own, id, _)| *id == file && Arc::ptr_eq(own, known)) {
                Some((.., all)) => all.push(shown),
                None => files.push((known, file, vec![shown])),
            }
        }
        let in_file = |(known, file, shown): (&Arc<Known>, FileId, Vec<_>)| {
            Some(InFile {
                found_in: Arc::clone(known),
                file,
                path: known.path_of(file)?,
                shown: shown.into(),
            })
        };
        files.into_iter().filter_map(in_file).collect()
    }

    /// Whether findings of a document's newest version are known and not sent yet.
    fn is_unsaid(&self, path: &Path) -> bool {
        let known = |slot: &Slot| slot.settled && !slot.stale && slot.known.source_of(path).is_some();
        self.unsaid.contains(path) && self.slots.borrow().values().any(known)
    }

    fn findings_of(
        &self,
        path: &Path,
        found: Vec<lsp_types::Diagnostic>,
    ) -> Option<PublishDiagnosticsParams> {
        let document = self.documents.get(path);
        let uri = document.map(|document| document.uri.clone()).or_else(|| uri::of_path(path))?;
        Some(PublishDiagnosticsParams { uri, diagnostics: found, version: document.map(|own| own.version) })
    }

    // What features ask.

    /// The first home that knows a document as a source, and its number there.
    pub(crate) fn source(&self, uri: &Uri) -> Option<(Arc<Known>, u32)> {
        let path = uri::to_path(uri.as_str());
        self.homes_of(&path).iter().find_map(|home| {
            let known = self.known_of(home);
            let source = known.source_of(&path)?;
            Some((known, source))
        })
    }

    /// A place in a document.
    pub(crate) fn spot(&self, uri: &Uri, position: Position) -> Option<Spot> {
        let (known, source) = self.source(uri)?;
        let encoding = self.encoding();
        let file = known.analysis.project.source(source).file;
        let offset = known.text_of(file).offset(position, encoding);
        Some(Spot { known, source, offset, encoding })
    }

    /// All that is known: of the homes of what is open, and of the platforms below the folders.
    pub(crate) fn all_known(&self) -> Vec<Arc<Known>> {
        let mut homes: BTreeSet<Home> = self.shown.clone();
        homes.extend(self.platforms().into_iter().map(Home::Platform));
        homes.iter().map(|home| self.known_of(home)).collect()
    }

    /// A span as a client sees it.
    pub(crate) fn location(&self, known: &Known, span: Span) -> Option<Location> {
        let uri = self.uri_of(known, span.file)?;
        Some(Location { uri, range: known.text_of(span.file).range(span.start, span.end, self.encoding()) })
    }

    /// A span of a file as a client counts.
    pub(crate) fn range(&self, known: &Known, span: Span) -> Range {
        known.text_of(span.file).range(span.start, span.end, self.encoding())
    }

    /// The name of a file for the client: the one that it gave, if it is open.
    pub(crate) fn uri_of(&self, known: &Known, file: FileId) -> Option<Uri> {
        match known.path_of(file) {
            Some(path) => match self.documents.get(&path) {
                Some(document) => Some(document.uri.clone()),
                None => uri::of_path(&path),
            },
            None => {
                let shown = known.analysis.files.iter().nth(file.0 as usize)?.1.path();
                match &self.library {
                    Some(dir) => uri::of_path(&dir.join(shown.strip_prefix("stdlib/").unwrap_or(shown))),
                    None => uri::of_stdlib(shown),
                }
            }
        }
    }

    /// The version of a document, if it is open.
    pub(crate) fn version_of(&self, uri: &Uri) -> Option<i32> {
        self.documents.get(&uri::to_path(uri.as_str())).map(|document| document.version)
    }

    /// The world as the client sees it.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        self.overlay().is_file(path)
    }
}

impl Spot {
    pub(crate) fn tree(&self) -> &Tree {
        self.known.tree(self.source)
    }

    pub(crate) fn at<'a>(&'a self, node: platc_syntax::Node<'a>) -> At<'a> {
        At { source: self.source, node }
    }

    pub(crate) fn file(&self) -> FileId {
        self.known.analysis.project.source(self.source).file
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        self.known.text_of(span.file).range(span.start, span.end, self.encoding)
    }
}

/// Findings without those that others have already, and each once.
fn without(shown: Shown, others: &[Shown]) -> Shown {
    let is_new = |nth: usize, own: &lsp_types::Diagnostic| {
        let before = shown.get(..nth).unwrap_or_default();
        !before.contains(own) && !others.iter().any(|other| other.contains(own))
    };
    if shown.iter().enumerate().all(|(nth, own)| is_new(nth, own)) {
        return shown;
    }
    shown.iter().enumerate().filter(|(nth, own)| is_new(*nth, own)).map(|(_, own)| own.clone()).collect()
}

/// Whether a client is shown the same; what is shared need not be looked at.
fn say_the_same(before: &[Shown], now: &[Shown]) -> bool {
    let shared = before.len() == now.len() && before.iter().zip(now).all(|(a, b)| Arc::ptr_eq(a, b));
    shared || before.iter().flat_map(|shown| shown.iter()).eq(now.iter().flat_map(|shown| shown.iter()))
}

/// Late findings in the lines where their lines are now; those whose lines are others are left out.
fn carried(late: &InFile, known: &Known) -> Shown {
    // A file that is no source, like a config that is named, is as it was.
    let Some(source) = known.source_of(&late.path) else { return Arc::clone(&late.shown) };
    let now = known.analysis.project.source(source).file;
    let carry = Carry::between(late.found_in.text_of(late.file), known.text_of(now));
    if carry.is_same() {
        return Arc::clone(&late.shown);
    }
    let moved = late.shown.iter().filter_map(|shown| {
        Some(lsp_types::Diagnostic { range: carry.range(shown.range)?, ..shown.clone() })
    });
    moved.collect()
}

/// Directories with a platform below `dir`.
fn walk(world: &dyn World, dir: &Path, left: &mut usize, found: &mut Vec<PathBuf>) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    let Ok(entries) = world.list(dir) else { return };
    if entries.iter().any(|entry| entry.name == PLATFORM_FILE && entry.kind == EntryKind::File) {
        found.push(dir.to_owned());
    }
    let passed_over = ["dist", "node_modules", "target"];
    for entry in entries {
        let hidden = entry.name.starts_with('.') || passed_over.contains(&entry.name.as_str());
        if entry.kind == EntryKind::Directory && !hidden {
            walk(world, &dir.join(&entry.name), left, found);
        }
    }
}
