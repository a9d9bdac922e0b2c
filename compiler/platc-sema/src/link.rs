//! Phase *link*: who is where. The outlines of all files become one [`Index`] of the names that are not
//! declarations of a kind: templates, lets, parameters, types, defaults, amendments, tests.
//!
//! Not here: declarations of kinds. Templates and loops make more of them, so `expand` lists those.
//!
//! Start with [`link`], then [`Index::find`] for who sees what.

use std::borrow::Cow;
use std::collections::BTreeMap;

use platc_diag::Problems;
use platc_model::Text;
use platc_syntax::Node;

use crate::errors;
use crate::outline::{Outline, Word};
use crate::project::{NodeAt, Project, UnitId};
use crate::words;

/// Where things of one sort are declared, by name.
pub type Names = BTreeMap<Text, Vec<(UnitId, NodeAt)>>;

/// Who is where.
#[derive(Clone, Default, Debug)]
pub struct Index {
    /// `let`.
    pub lets: Names,
    /// `template`.
    pub templates: Names,
    /// `type`.
    pub types: Names,
    /// `param` of libraries, by unit.
    pub params: BTreeMap<UnitId, Vec<NodeAt>>,
    /// `defaults`.
    pub defaults: Vec<Defaults>,
    /// `amend`.
    pub amends: Vec<NodeAt>,
    /// `test`.
    pub tests: Vec<NodeAt>,
    /// Declarations, loops and uses of templates.
    pub declarations: Vec<(Word, NodeAt)>,
    /// The units that each unit sees: itself first, then what it imports.
    pub sees: Vec<Vec<UnitId>>,
}

/// `defaults KIND { … }`.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// Its node.
    pub node: NodeAt,
    /// The kind that it speaks to; `None` for all workloads.
    pub kind: Option<&'static str>,
    /// Whose declarations.
    pub unit: UnitId,
    /// From which directory down.
    pub dir: Text,
}

/// What looking a name up gives.
#[derive(Clone, Debug)]
pub enum Found<T> {
    /// This.
    One(T),
    /// Several, of libraries: which of them is not said.
    Several(Vec<T>),
    /// None.
    None,
}

/// Puts the outlines of all files together; they are in the order of the project's sources.
pub fn link(project: &Project, outlines: &[Outline], problems: &mut Problems) -> Index {
    let mut index = Index { sees: visibility(project), ..Index::default() };
    for (number, (source, outline)) in (0_u32..).zip(project.sources.iter().zip(outlines)) {
        for statement in &outline.statements {
            let at = NodeAt { source: number, node: statement.node };
            let node = project.node(at);
            match statement.word {
                Word::Let => name(&mut index.lets, "let", source.unit, at, node, problems),
                Word::Template => name(&mut index.templates, "template", source.unit, at, node, problems),
                Word::Type => name(&mut index.types, "type", source.unit, at, node, problems),
                Word::Param if source.unit == UnitId::PLATFORM => {
                    problems.push(errors::param_in_platform(node.name_span()));
                }
                Word::Param => index.params.entry(source.unit).or_default().push(at),
                Word::Defaults => {
                    index.defaults.extend(defaults(at, node, source.unit, &source.dir, problems));
                }
                Word::Amend => index.amends.push(at),
                Word::Test => index.tests.push(at),
                Word::Import => {
                    if node.arg(0).and_then(platc_syntax::Value::text).is_none() && !node.is_broken() {
                        problems.push(errors::name_missing(node.name_span(), "import"));
                    }
                }
                Word::Kind(_) | Word::For | Word::Other => index.declarations.push((statement.word, at)),
            }
        }
    }
    duplicates(project, &index, problems);
    index
}

fn name(names: &mut Names, what: &str, unit: UnitId, at: NodeAt, node: Node<'_>, problems: &mut Problems) {
    match node.arg(0).and_then(platc_syntax::Value::text) {
        Some(name) => names.entry(name.as_ref().into()).or_default().push((unit, at)),
        None if node.is_broken() => {}
        None => problems.push(errors::name_missing(node.name_span(), what)),
    }
}

fn defaults(
    at: NodeAt,
    node: Node<'_>,
    unit: UnitId,
    dir: &Text,
    problems: &mut Problems,
) -> Option<Defaults> {
    let Some(arg) = node.arg(0) else {
        problems.push(errors::name_missing(node.name_span(), "defaults"));
        return None;
    };
    let text = arg.text().unwrap_or_default();
    let kind = if text == words::WORKLOAD {
        None
    } else if let Some(kind) = words::kind(&text) {
        Some(kind)
    } else {
        problems.push(errors::unknown_kind(arg.span(), &text));
        return None;
    };
    Some(Defaults { node: at, kind, unit, dir: Text::clone(dir) })
}

fn duplicates(project: &Project, index: &Index, problems: &mut Problems) {
    for (what, names) in [("let", &index.lets), ("template", &index.templates), ("type", &index.types)] {
        for (name, places) in names {
            for (at, (unit, node)) in places.iter().enumerate() {
                let first = places.iter().take(at).find(|(other, _)| other == unit);
                if let Some((_, first)) = first {
                    let place = |at: NodeAt| project.node(at).arg(0).map(platc_syntax::Value::span);
                    if let (Some(second), Some(first)) = (place(*node), place(*first)) {
                        problems.push(errors::declared_twice(second, what, name, first));
                    }
                }
            }
        }
    }
}

fn visibility(project: &Project) -> Vec<Vec<UnitId>> {
    let units = || (0_u32..).map(UnitId).zip(&project.units);
    let imported_by = |user: UnitId| {
        units()
            .filter(move |(id, unit)| {
                *id != user && unit.imports.iter().any(|at| project.source(at.source).unit == user)
            })
            .map(|(id, _)| id)
    };
    units().map(|(user, _)| std::iter::once(user).chain(imported_by(user)).collect()).collect()
}

/// Who declares a name, and what it is there.
pub type Owners<'n, T> = Cow<'n, [(UnitId, T)]>;

impl Index {
    /// What `from` sees under a name: its own first, then its libraries'. `common.api` names a library's.
    pub fn find<'n, T: Copy>(
        &self,
        project: &Project,
        places: &dyn Fn(&str) -> Owners<'n, T>,
        name: &str,
        from: UnitId,
    ) -> Found<T> {
        let seen = self.sees.get(from.0 as usize).map_or(&[][..], Vec::as_slice);
        let all = places(name);
        if let Some((_, own)) = all.iter().find(|(unit, _)| *unit == from) {
            return Found::One(*own);
        }
        let mut visible: Vec<T> =
            all.iter().filter(|(unit, _)| seen.contains(unit)).map(|(_, at)| *at).collect();
        if visible.len() == 1 {
            return visible.pop().map_or(Found::None, Found::One);
        }
        if !visible.is_empty() {
            return Found::Several(visible);
        }
        let Some((library, inner)) = name.split_once('.') else { return Found::None };
        let unit = seen.iter().find(|unit| &*project.unit(**unit).name == library && unit.0 != 0);
        let own = unit.and_then(|unit| places(inner).iter().find(|(owner, _)| owner == unit).copied());
        own.map_or(Found::None, |(_, at)| Found::One(at))
    }

    /// [`Index::find`] in one of the tables.
    pub fn find_in(&self, project: &Project, names: &Names, name: &str, from: UnitId) -> Found<NodeAt> {
        let places = |name: &str| names.get(name).map_or(Cow::Borrowed(&[][..]), Cow::from);
        self.find(project, &places, name, from)
    }
}
