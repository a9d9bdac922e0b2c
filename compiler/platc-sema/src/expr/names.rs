//! What a name in an expression is. One order of looking, for types and values alike: names of the
//! expression itself, fields of the record, loops, the words of the language, lets, declarations, kinds
//! and libraries.

use crate::cx::Cx;
use crate::item::{ItemId, ScopeId};
use crate::link::Found;
use crate::project::{NodeAt, UnitId};
use crate::words;

/// What a name that is no local one is.
#[derive(Clone, PartialEq, Debug)]
pub enum Root {
    /// The name of a `for`, in that scope.
    Variable(ScopeId),
    /// `param`.
    Params,
    /// `self`.
    Own,
    /// `platform`.
    Platform,
    /// `cluster`.
    Cluster,
    /// `dc`.
    Datacenter,
    /// `host`.
    Host,
    /// `secret`.
    Secrets,
    /// `calls`.
    Calls,
    /// `hosts`, `clusters`, …: all declarations of a kind.
    All(&'static str),
    /// A `let`.
    Let(NodeAt),
    /// A declaration.
    Item(ItemId),
    /// The name of a kind.
    Kind(&'static str),
    /// The name of a library.
    Unit(UnitId),
    /// `cidr`.
    CidrFunctions,
    /// Several declarations: which of them is not said.
    Several(Vec<ItemId>),
    /// Nothing.
    None,
}

/// Plurals that stand for all declarations of a kind.
const PLURALS: &[(&str, &str)] = &[
    ("datacenters", "datacenter"),
    ("racks", "rack"),
    ("hosts", "host"),
    ("clusters", "cluster"),
    ("statefuls", "stateful"),
    ("services", "service"),
    ("daemons", "daemon"),
    ("proxies", "proxy"),
    ("namespaces", "namespace"),
];

/// Words of the language, for completion and for *did you mean*.
pub const WORDS: &[&str] = &[
    "platform",
    "cluster",
    "dc",
    "host",
    "param",
    "secret",
    "calls",
    "self",
    "datacenters",
    "clusters",
    "hosts",
];

/// What `name` is in `scope`.
pub fn root(cx: &Cx<'_>, scope: ScopeId, name: &str) -> Root {
    for (id, around) in cx.scopes.chain(scope) {
        if around.variables.iter().any(|(variable, _)| **variable == *name) {
            return Root::Variable(id);
        }
    }
    let unit = cx.scopes.get(scope).unit;
    let word = match name {
        "param" => Some(Root::Params),
        "self" => Some(Root::Own),
        "platform" => Some(Root::Platform),
        "cluster" => Some(Root::Cluster),
        "dc" => Some(Root::Datacenter),
        "host" => Some(Root::Host),
        "secret" => Some(Root::Secrets),
        "calls" => Some(Root::Calls),
        "cidr" => Some(Root::CidrFunctions),
        _ => PLURALS.iter().find(|(plural, _)| *plural == name).map(|(_, kind)| Root::All(kind)),
    };
    if let Some(word) = word {
        return word;
    }
    if let Found::One(at) = cx.binding(name, unit) {
        return Root::Let(at);
    }
    match cx.any_declaration(name, unit) {
        Found::One(id) => return Root::Item(id),
        Found::Several(ids) => return Root::Several(ids),
        Found::None => {}
    }
    if let Some(kind) = words::kind(name) {
        return Root::Kind(kind);
    }
    let seen = cx.index.sees.get(unit.0 as usize);
    let library = seen.into_iter().flatten().find(|id| id.0 != 0 && *cx.project.unit(**id).name == *name);
    library.map_or(Root::None, |id| Root::Unit(*id))
}

/// Names that could have been meant.
pub fn visible<'a>(cx: &Cx<'a>, scope: ScopeId) -> Vec<&'a str> {
    let mut names: Vec<&str> = WORDS.to_vec();
    names.extend(cx.index.lets.keys().map(|name| &**name));
    names.extend(cx.names.all());
    names.extend(cx.scopes.chain(scope).flat_map(|(_, scope)| &scope.variables).map(|(name, _)| &**name));
    names
}
