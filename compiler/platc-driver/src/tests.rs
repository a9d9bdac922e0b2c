//! `test "…" { … }`: what an author wants to stay true of a platform. A test may `amend` things and `lose`
//! hosts, racks or datacenters; `expect` says what follows, and an error that it does not expect fails it.
//!
//! Each test works the platform out again with its own amendments; nothing of it reaches a build.
//!
//! Not here: golden files ([`crate::golden`]), and what is said on a terminal.
//!
//! Start with [`run`].

use platc_diag::{Diagnostic, Problems, Span};
use platc_model::generated::Host;
use platc_model::{Id, Value};
use platc_plan::{HostPlan, Plan};
use platc_proof::Case;
use platc_proof::pack::Limits;
use platc_sema::cx::Cx;
use platc_sema::expr::{Asker, Evaluator, Facts, Infer, Place, Seen, Val};
use platc_sema::item::{ItemId, ScopeId};
use platc_sema::project::NodeAt;
use platc_syntax::Node;
use platc_syntax::expr::{BinaryOp, Expr, ExprKind, parse_expr};

use crate::analysis::{Analysis, AnalysisOptions, Basis, Solved, solve};
use crate::assets::AssetFiles;
use crate::errors;
use crate::golden::{self, Golden};
use crate::waivers::{self, Judged};
use crate::world::World;

/// What came of a test.
#[derive(Debug)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub span: Span,
    /// Why it failed; empty if it did not. Places are in the files of [`Report::files`].
    pub failures: Problems,
    /// The files that failures point into.
    pub files: platc_diag::Files,
    /// How many expectations it has.
    pub n_expectations: usize,
    /// Golden files that are not as they should be; each is a failure, too, until it is blessed.
    pub golden: Vec<Golden>,
}

impl Report {
    /// Whether all of it holds.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Runs all tests of a platform, in the order of their files. A platform with errors has none: what follows
/// from it says nothing.
pub fn run(world: &dyn World, analysis: &Analysis, options: AnalysisOptions) -> Vec<Report> {
    if analysis.problems.iter().any(Diagnostic::is_error) {
        return Vec::new();
    }
    let shared = golden::shared_directories(analysis);
    let each = analysis.index.tests.iter().map(|at| {
        let mut report = one(world, analysis, options, *at);
        if let Some(other) = shared.get(&report.span) {
            report.failures.push(errors::golden_shared(report.span, *other));
        }
        report
    });
    each.chain(whole(world, analysis)).collect()
}

/// What is wrong with golden files that are no test's; nothing, if there are none.
fn whole(world: &dyn World, analysis: &Analysis) -> Option<Report> {
    let (failures, golden) = golden::left_over(world, analysis);
    let (name, span) = ("golden files".to_owned(), analysis.platform_span());
    let files = analysis.files.clone();
    (!failures.is_empty()).then_some(Report { name, span, failures, files, n_expectations: 0, golden })
}

/// A test, read.
struct Test<'t> {
    amends: Vec<NodeAt>,
    lost: Vec<platc_syntax::Value<'t>>,
    expectations: Vec<Node<'t>>,
    golden: Vec<platc_syntax::Value<'t>>,
}

fn one(world: &dyn World, analysis: &Analysis, options: AnalysisOptions, at: NodeAt) -> Report {
    let node = analysis.project.node(at);
    let mut failures = Problems::new();
    let test = read(node, at, &mut failures);
    let mut files = analysis.files.clone();
    let amends: Vec<NodeAt> = analysis.index.amends.iter().chain(&test.amends).copied().collect();
    let basis = Basis {
        world,
        root: &analysis.root,
        project: &analysis.project,
        index: &analysis.index,
        types: &analysis.types,
        user: &analysis.user,
        lock: &analysis.lock,
        amends: &amends,
    };
    let mut problems = Problems::new();
    let solved = solve(&basis, &mut files, &mut problems);
    if !problems.iter().any(Diagnostic::is_error) {
        problems.extend(losses(&solved.plan, &test.lost, &mut failures));
    }
    let problems = waivers::apply(&solved.model.allows, problems, options.today, Judged::No);
    let mut trial = Trial { solved: &solved, analysis, problems, failures };
    trial.expect_findings(&test);
    trial.expect_values(&basis, &files, &test, at);
    let Trial { mut failures, .. } = trial;
    let name = golden::name(node);
    // A plan of something broken says nothing of files.
    let golden = match failures.iter().any(Diagnostic::is_error) {
        true => Vec::new(),
        false => golden::compare(world, &analysis.root, &name, &test.golden, &solved.plan, &mut failures),
    };
    let n_expectations = test.expectations.len() + test.golden.len();
    Report { name, span: node.header_span(), failures, files, n_expectations, golden }
}

fn read<'t>(node: Node<'t>, at: NodeAt, failures: &mut Problems) -> Test<'t> {
    let mut test =
        Test { amends: Vec::new(), lost: Vec::new(), expectations: Vec::new(), golden: Vec::new() };
    for child in node.children() {
        match child.name().as_ref() {
            "amend" => test.amends.push(NodeAt { source: at.source, node: child.id() }),
            "lose" => test.lost.extend(child.args()),
            "expect" => test.expectations.push(child),
            "golden" if child.arg(0).is_none() => {
                failures.push(errors::golden_without_pattern(child.name_span()));
            }
            "golden" => test.golden.extend(child.args()),
            other => failures.push(errors::not_in_a_test(child.name_span(), other)),
        }
    }
    test
}

/// What follows when hosts, racks and datacenters are gone at once.
fn losses(plan: &Plan, lost: &[platc_syntax::Value<'_>], failures: &mut Problems) -> Problems {
    let Some(first) = lost.first() else { return Problems::new() };
    let mut hosts: Vec<Id<Host>> = Vec::new();
    for written in lost {
        let name = written.text().unwrap_or_default();
        let found = hosts_of(plan, &name);
        if found.is_empty() {
            failures.push(errors::nothing_to_lose(written.span(), &name, &names_to_lose(plan)));
        }
        hosts.extend(found.into_iter().filter(|host| !hosts.contains(host)).collect::<Vec<_>>());
    }
    hosts.sort_unstable();
    let names: Vec<String> = lost.iter().filter_map(|lost| Some(lost.text()?.into_owned())).collect();
    let case = Case { name: names.join(" and "), hosts, alike: Vec::new() };
    platc_proof::lose(plan, &case, first.span(), Limits::default()).2
}

/// The hosts under a name: the host, those of the rack, those of the datacenter.
fn hosts_of(plan: &Plan, name: &str) -> Vec<Id<Host>> {
    let model = &plan.model;
    let belongs = |id: Id<Host>, host: &HostPlan| {
        let site = model.sites.at(id);
        let rack = site.rack.is_some_and(|rack| *model.racks.at(rack).head.name == *name);
        let datacenter = model.datacenters.get(site.datacenter);
        *host.name == *name || rack || datacenter.is_some_and(|datacenter| *datacenter.head.name == *name)
    };
    plan.hosts.iter().filter(|(id, host)| belongs(*id, host)).map(|(id, _)| id).collect()
}

fn names_to_lose(plan: &Plan) -> Vec<String> {
    let model = &plan.model;
    let hosts = model.hosts.values().map(|host| host.head.name.to_string());
    let racks = model.racks.values().map(|rack| rack.head.name.to_string());
    let datacenters = model.datacenters.values().map(|datacenter| datacenter.head.name.to_string());
    hosts.chain(racks).chain(datacenters).collect()
}

struct Trial<'a> {
    solved: &'a Solved,
    analysis: &'a Analysis,
    /// What is wrong with the amended platform, and not expected yet.
    problems: Problems,
    failures: Problems,
}

impl Trial<'_> {
    /// `expect finding=NAME on=THING`: takes those out, and fails for each thing without one. What is left and
    /// an error fails the test, too.
    fn expect_findings(&mut self, test: &Test<'_>) {
        let mut expected = vec![false; self.problems.len()];
        for node in &test.expectations {
            let Some(wanted) = node.prop("finding") else { continue };
            let name = wanted.value().text().unwrap_or_default();
            if !name.contains('/') && platc_diag::Code::find(&name).is_none() {
                self.failures.push(errors::expects_unknown_finding(wanted.value().span(), &name));
                continue;
            }
            let things = things(*node);
            let mut missing: Vec<&(String, Span)> = things.iter().collect();
            let mut any = false;
            for (problem, expected) in self.problems.iter().zip(&mut expected) {
                let code = problem.code();
                let named = *name == *code.name() || name.eq_ignore_ascii_case(code.id());
                let about = |thing: &(String, Span)| problem.subject() == Some(thing.0.as_str());
                if named && (things.is_empty() || things.iter().any(about)) {
                    *expected = true;
                    any = true;
                    missing.retain(|thing| !about(thing));
                }
            }
            for (thing, span) in &missing {
                self.failures.push(errors::finding_missing(*span, &name, Some(thing)));
            }
            if things.is_empty() && !any {
                self.failures.push(errors::finding_missing(wanted.value().span(), &name, None));
            }
        }
        let rest = std::mem::take(&mut self.problems).into_iter().zip(expected);
        let unexpected = rest.filter(|(problem, expected)| problem.is_error() && !expected);
        self.failures.extend(unexpected.map(|(problem, _)| problem));
    }

    /// `expect "expression"`.
    fn expect_values(&mut self, basis: &Basis<'_>, files: &platc_diag::Files, test: &Test<'_>, at: NodeAt) {
        let assets = AssetFiles::new(basis.world, basis.root, files);
        let (analysis, solved) = (self.analysis, self.solved);
        let cx = basis.cx(&solved.expanded, &solved.names, &assets);
        let facts = PlanFacts { cx, solved };
        let eval =
            Evaluator::new(cx, &solved.checked, &solved.sites, &solved.plan.lock.ports).with_facts(&facts);
        let scope = ScopeId(analysis.project.source(at.source).unit.0);
        for node in &test.expectations {
            let Some(written) = node.arg(0) else {
                if node.prop("finding").is_none() {
                    self.failures.push(errors::expects_nothing(node.header_span()));
                }
                continue;
            };
            let Some(parsed) = written.text().map(|text| parse_expr(&text, &written.source_map())) else {
                self.failures.push(errors::expects_nothing(written.span()));
                continue;
            };
            let mut found = parsed.problems;
            Infer::new(cx, Seen { scope, owner: None, fields: None }, &mut found).expression(&parsed.expr);
            if found.is_empty() {
                found.extend(untrue(&eval, &parsed.expr, scope));
            }
            self.failures.extend(found);
        }
    }
}

/// The things that an expectation is about, with their places: `on=ingest`, or a child `on ingest query`.
fn things(node: Node<'_>) -> Vec<(String, Span)> {
    let property = node.prop("on").map(platc_syntax::Entry::value);
    let children = node.children().filter(|child| child.name() == "on");
    let values = property.into_iter().chain(children.flat_map(|child| child.args().collect::<Vec<_>>()));
    values.filter_map(|value| Some((value.text()?.into_owned(), value.span()))).collect()
}

/// Why an expectation does not hold, with what both sides are where it compares.
fn untrue(eval: &Evaluator<'_>, expr: &Expr, scope: ScopeId) -> Option<Diagnostic> {
    let asker = Asker { scope, owner: None, place: Place::default(), locals: Vec::new() };
    eval.restart();
    match eval.truth(expr, &asker) {
        Ok(true) => None,
        Err(problem) => Some(problem),
        Ok(false) => {
            let sides = match &expr.kind {
                ExprKind::Binary { op, left, right, .. } if compares(*op) => {
                    let side =
                        |expr: &Expr| eval.expression(expr, &asker).ok().map(|value| shown(eval, &value));
                    side(left).zip(side(right))
                }
                _ => None,
            };
            Some(errors::expectation_failed(expr.span, sides))
        }
    }
}

fn compares(op: BinaryOp) -> bool {
    use BinaryOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    matches!(op, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
}

fn shown(eval: &Evaluator<'_>, value: &Val) -> String {
    match value {
        Val::Item(id, _) => eval.cx().item(*id).name.to_string(),
        Val::List(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(eval, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Val::Value(Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|item| item.value.to_string()).collect();
            format!("[{}]", items.join(", "))
        }
        Val::Value(value) => value.to_string(),
        _ => "something without a value".to_owned(),
    }
}

/// What the plan of the amended platform has decided.
struct PlanFacts<'a> {
    cx: Cx<'a>,
    solved: &'a Solved,
}

impl Facts for PlanFacts<'_> {
    fn fact(&self, item: ItemId, place: &Place, name: &str) -> Option<Value> {
        let kind = self.cx.item(item).kind;
        // What runs at one place only is meant there.
        let only = || match self.solved.sites.places_of(item, Some("cluster")) {
            [one] => Some(*one),
            _ => None,
        };
        let cluster = place.cluster.or_else(only).map(|cluster| self.cx.items.index_in_kind(cluster));
        platc_plan::facts::fact(&self.solved.plan, kind, self.cx.items.index_in_kind(item), cluster, name)
    }
}
