//! [`Known`]: an analysis with the tables that questions by position need: whose declaration a node says
//! something about, and which file is which.
//!
//! Not here: what a node means ([`crate::sense`]) and what a name means ([`crate::symbol`]).
//!
//! Start with [`Known::new`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use platc_diag::{Diagnostic, FileId, Problems, Span};
use platc_driver::analysis::{Analysis, Draft, Planned};
use platc_driver::world::normal;
use platc_model::CallPorts;
use platc_plan::Plan;
use platc_sema::cx::{Cx, NoFiles};
use platc_sema::expr::{Evaluator, Place, Seen};
use platc_sema::item::{Item, ItemId, ScopeId};
use platc_sema::project::{NodeAt, UnitId};
use platc_sema::stdlib;
use platc_syntax::{Node, Tree};

use crate::symbol::Occurrence;
use crate::text::Text;

/// A platform as it was at one moment, asked by position.
pub(crate) struct Known {
    /// As far as it is checked.
    pub(crate) analysis: Draft,
    /// What is wrong with it so far.
    early: Problems,
    /// What follows of it; worked out when somebody needs it.
    later: OnceLock<Later>,
    /// Which declaration a node says something about, and what its names mean; of several, the first.
    owners: BTreeMap<NodeAt, (ItemId, ScopeId)>,
    /// Sources by path.
    sources: BTreeMap<PathBuf, u32>,
    /// Texts by file, with lines as the protocol counts them; made when they are asked for.
    texts: Vec<OnceLock<Text>>,
    occurrences: OnceLock<Vec<Occurrence>>,
}

/// What follows of a platform.
struct Later {
    planned: Planned,
    /// All that is wrong with it, policies apart.
    problems: Problems,
}

/// A node with the number of its source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) source: u32,
    pub(crate) node: Node<'a>,
}

impl At<'_> {
    pub(crate) fn id(self) -> NodeAt {
        NodeAt { source: self.source, node: self.node.id() }
    }
}

impl Known {
    pub(crate) fn new(analysis: Draft) -> Self {
        let early = analysis.problems();
        let mut owners = BTreeMap::new();
        for (id, item) in analysis.expanded.items.iter() {
            for layer in &item.layers {
                owners.entry(layer.node).or_insert((id, layer.scope));
            }
        }
        let path = |file: FileId| normal(&analysis.root.join(analysis.files.get(file).path()));
        let sources = (0_u32..).zip(&analysis.project.sources);
        let sources = sources.map(|(number, source)| (path(source.file), number)).collect();
        let texts = (0..analysis.files.len()).map(|_| OnceLock::new()).collect();
        Self { analysis, early, later: OnceLock::new(), owners, sources, texts, occurrences: OnceLock::new() }
    }

    fn later(&self) -> &Later {
        self.later.get_or_init(|| {
            let planned = self.analysis.plan();
            Later { problems: self.analysis.problems_with(&planned), planned }
        })
    }

    /// What is decided about it. Takes its time when it is asked for first.
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.later().planned.plan
    }

    /// The whole analysis, for who judges it.
    pub(crate) fn whole(&self) -> Analysis {
        Analysis::of(self.analysis.clone(), self.later().planned.clone())
    }

    /// What is wrong with it, as far as it is known.
    pub(crate) fn problems(&self) -> &Problems {
        self.later.get().map_or(&self.early, |later| &later.problems)
    }

    /// What is wrong with it, found before anything is planned.
    pub(crate) fn early_problems(&self) -> &Problems {
        &self.early
    }

    /// What was found by planning.
    pub(crate) fn late_problems(&self) -> impl Iterator<Item = &Diagnostic> {
        let later = self.later.get().into_iter().flat_map(|later| &later.problems);
        later.filter(|finding| !self.early.contains(finding))
    }

    /// What meanings depend on.
    pub(crate) fn cx(&self) -> Cx<'_> {
        self.analysis.cx(&NoFiles)
    }

    /// The number of the source of a path.
    pub(crate) fn source_of(&self, path: &Path) -> Option<u32> {
        self.sources.get(path).copied()
    }

    /// The number of the source of a file.
    pub(crate) fn source_of_file(&self, file: FileId) -> Option<u32> {
        let sources = &self.analysis.project.sources;
        let at = sources.iter().position(|source| source.file == file)?;
        u32::try_from(at).ok()
    }

    /// The tree of a source.
    pub(crate) fn tree(&self, source: u32) -> &Tree {
        &self.analysis.project.source(source).tree
    }

    /// The unit of a source.
    pub(crate) fn unit(&self, source: u32) -> UnitId {
        self.analysis.project.source(source).unit
    }

    /// The path of a file; `None` for those of the standard library.
    pub(crate) fn path_of(&self, file: FileId) -> Option<PathBuf> {
        let ours = file.0 as usize >= stdlib::n_files() && (file.0 as usize) < self.analysis.files.len();
        ours.then(|| normal(&self.analysis.root.join(self.analysis.files.get(file).path())))
    }

    /// The text of a file.
    pub(crate) fn text_of(&self, file: FileId) -> &Text {
        static EMPTY: OnceLock<Text> = OnceLock::new();
        match self.texts.get(file.0 as usize) {
            Some(text) => text.get_or_init(|| Text::new(self.analysis.files.get(file).shared_text())),
            None => EMPTY.get_or_init(|| Text::new("")),
        }
    }

    /// Whether a change of a file can change anything here.
    pub(crate) fn depends_on(&self, path: &Path) -> bool {
        if path.starts_with(&self.analysis.root) || self.names_file(path) {
            return true;
        }
        // A new file of a library lies beside or below one that there is.
        let mut dirs = self.sources.keys().filter_map(|source| source.parent());
        dirs.any(|dir| path.starts_with(dir))
    }

    /// Whether a file was read, as a source or because a declaration names it.
    pub(crate) fn names_file(&self, path: &Path) -> bool {
        let ids = (0..u32::try_from(self.analysis.files.len()).unwrap_or(0)).map(FileId);
        self.sources.contains_key(path) || ids.filter_map(|id| self.path_of(id)).any(|own| own == path)
    }

    /// The node of a name.
    pub(crate) fn at(&self, id: NodeAt) -> At<'_> {
        At { source: id.source, node: self.analysis.project.node(id) }
    }

    /// The item of a number.
    pub(crate) fn item(&self, id: ItemId) -> &Item {
        self.analysis.expanded.items.get(id)
    }

    /// The declaration that a node belongs to, and what names mean in it.
    pub(crate) fn owner(&self, at: At<'_>) -> Option<(ItemId, ScopeId)> {
        let chain = std::iter::once(at.node).chain(at.node.ancestors());
        chain
            .filter_map(|node| self.owners.get(&NodeAt { source: at.source, node: node.id() }))
            .next()
            .copied()
    }

    /// What an expression in a node sees.
    pub(crate) fn seen(&self, at: At<'_>) -> Seen {
        match self.owner(at) {
            Some((owner, scope)) => Seen { scope, owner: Some(owner), fields: None },
            None => Seen { scope: ScopeId(self.unit(at.source).0), owner: None, fields: None },
        }
    }

    /// An evaluator over everything that was checked.
    pub(crate) fn evaluator(&self) -> Evaluator<'_> {
        let ports: &CallPorts = &self.analysis.given.ports;
        Evaluator::new(self.cx(), &self.analysis.checked, &self.analysis.sites, ports)
    }

    /// The places of a declaration, each with what `cluster` and the like are there; one without a name if
    /// it has none.
    pub(crate) fn places(&self, id: ItemId, eval: &Evaluator<'_>) -> Vec<(Option<ItemId>, Place)> {
        let kind = self.analysis.types.kind(self.item(id).kind).and_then(|kind| kind.places);
        let place =
            |at: Option<ItemId>| platc_sema::relate::place_of(self.cx(), &self.analysis.sites, eval, id, at);
        match kind {
            Some(_) => {
                let places = self.analysis.sites.places_of(id, kind);
                places.iter().map(|&at| (Some(at), place(Some(at)))).collect()
            }
            None => vec![(None, place(None))],
        }
    }

    /// Everything that has a name in the platform, in the order of sources and text.
    pub(crate) fn occurrences(&self) -> &[Occurrence] {
        self.occurrences.get_or_init(|| crate::symbol::all_occurrences(self))
    }

    /// Everything that has a name in a source.
    pub(crate) fn occurrences_of(&self, source: u32) -> Vec<Occurrence> {
        crate::symbol::occurrences_of(self, source)
    }

    /// What has a name at an offset.
    pub(crate) fn occurrence_at(&self, source: u32, offset: u32) -> Option<Occurrence> {
        let all = match self.occurrences.get() {
            Some(all) => all.clone(),
            None => self.occurrences_of(source),
        };
        let file = self.analysis.project.source(source).file;
        let touching = all.into_iter().filter(|one| one.span.file == file && one.span.touches(offset));
        // Between two that touch, the shorter one: a field within a call.
        touching.min_by_key(|one| (one.span.len(), std::cmp::Reverse(one.span.start)))
    }

    /// The text of a span.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.analysis.files.text(span)
    }
}
