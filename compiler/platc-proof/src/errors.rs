//! Findings of the proofs: one named constructor for each thing that can be wrong.

use platc_diag::{Diagnostic, Span, codes};
use platc_model::Text;
use platc_model::generated::By;
use platc_plan::{ClusterPlan, ServiceShape, Workload};

use crate::claims::Claim;
use crate::shortage::{Kind, Party, Shortage};

/// Services that are named in a note, at most.
const NAMED: usize = 5;
/// Further cases that are named in a note, at most.
const NAMED_CASES: usize = 8;

/// When it is so: always, or after a loss.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When<'a> {
    /// Place to point at where a service has none of its own, and what it is.
    pub(crate) span: Span,
    /// What is lost, and where that is written.
    pub(crate) loss: Option<(&'a str, Option<Span>)>,
}

impl When<'_> {
    fn words(&self) -> String {
        self.loss.map_or_else(String::new, |(what, _)| format!("after the loss of {what}, "))
    }

    /// Shows what is lost, and the claim where the finding points elsewhere.
    fn shown(&self, problem: Diagnostic, at: Span) -> Diagnostic {
        let Some((what, span)) = self.loss else { return problem };
        let problem = span.into_iter().fold(problem, |problem, span| problem.related(span, what.to_owned()));
        if at == self.span { problem } else { problem.related(self.span, "claimed here") }
    }
}

/// `a`, or `a and b`, in backticks.
pub(crate) fn quoted(name: &str) -> String {
    name.split(" and ").map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}

/// Pods find no place.
pub(crate) fn shortage(when: When<'_>, cluster: &str, shortage: &Shortage) -> Diagnostic {
    let first = shortage.services.first();
    let words = when.words();
    match &shortage.kind {
        Kind::Sum { what, demand, free } => {
            let (demand, free) = (what.amount(*demand), what.figure(*free));
            let message = format!("{words}the services of `{cluster}` ask for {demand}, and {free} is free");
            let problem = Diagnostic::new(codes::E0508, when.span, message)
                .help("add a host, or ask for less; `platc capacity` shows who asks for how much")
                .note(asked(&shortage.services, what.dim(), *what))
                .about(cluster);
            when.shown(problem, when.span)
        }
        Kind::Apart { by, pods, places } => {
            let (name, span) = first.map_or((cluster, when.span), |party| (&*party.name, party.span));
            let (one, many) = (by_word(*by), counted(*places, by_word(*by)));
            let verb = if *places == 1 { "is" } else { "are" };
            let message = format!(
                "{words}`{name}` has {pods} pods that share no {one}, and there {verb} {many} for them"
            );
            let help = if when.loss.is_some() {
                "use `anti-affinity preferred`, fewer replicas or one more host; with `rollout unavailable=1` \
                 one pod fewer is enough after a loss"
            } else {
                "use `anti-affinity preferred`, or fewer replicas"
            };
            when.shown(Diagnostic::new(codes::E0514, span, message).help(help).about(name), span)
        }
        Kind::Alone => {
            let (name, span) = first.map_or((cluster, when.span), |party| (&*party.name, party.span));
            let message = format!("{words}not one pod of `{name}` fits onto any host of `{cluster}`");
            let problem = Diagnostic::new(codes::E0540, span, message).help(
                "ask for less, or take a larger host: what is on each host before any service counts, too",
            );
            when.shown(problem.about(name), span)
        }
        Kind::Large { what, size, pods, room } => {
            let size = what.amount(*size);
            let message = format!(
                "{words}`{cluster}` has {pods} pods of {size} and more, and its hosts hold {room} of that size"
            );
            let problem = Diagnostic::new(codes::E0540, when.span, message)
                .help("what is left on each host is too little for one more of them: cut them smaller, or add a host")
                .note(asked(&shortage.services, what.dim(), *what))
                .about(cluster);
            when.shown(problem, when.span)
        }
        Kind::Search => {
            let names = named(&shortage.services);
            let message =
                format!("{words}the pods of {names} do not fit onto the hosts of `{cluster}` together");
            let problem = Diagnostic::new(codes::E0540, when.span, message)
                .help("the sums would do, but every arrangement was tried: cut pods smaller, or add a host")
                .about(cluster);
            when.shown(problem, when.span)
        }
    }
}

fn by_word(by: By) -> &'static str {
    match by {
        By::Host => "host",
        By::Rack => "rack",
        By::Datacenter => "datacenter",
    }
}

fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn named(parties: &[Party]) -> String {
    let names: Vec<String> = parties.iter().take(NAMED).map(|party| format!("`{}`", party.name)).collect();
    let more = parties.len().saturating_sub(NAMED);
    match (names.split_last(), more) {
        (None, _) => "nobody".to_owned(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
        (Some(_), more) => format!("{} and {more} more", names.join(", ")),
    }
}

fn asked(parties: &[Party], dim: usize, what: crate::shortage::What) -> String {
    let each = parties.iter().take(NAMED).map(|party| {
        let asks = party.asks.get(dim).copied().unwrap_or(0);
        format!("`{}` {}", party.name, what.figure(asks))
    });
    let each: Vec<String> = each.collect();
    let more = parties.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the largest, which alone are too many: {}{rest}", each.join(", "))
}

/// The same holds of other cases.
pub(crate) fn also(problem: Diagnostic, cases: &[&str]) -> Diagnostic {
    the_same(problem, "the same after the loss of", cases)
}

/// The same holds of others; `how` begins the note.
pub(crate) fn the_same(problem: Diagnostic, how: &str, others: &[&str]) -> Diagnostic {
    if others.is_empty() {
        return problem;
    }
    let names: Vec<String> = others.iter().take(NAMED_CASES).map(|name| quoted(name)).collect();
    let more = others.len().saturating_sub(NAMED_CASES);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    problem.note(format!("{how} {}{rest}", names.join(", ")))
}

/// A drain stops at a disruption budget and waits for room that there is not.
pub(crate) fn drain_never_ends(
    cluster: &ClusterPlan,
    (host, span): (&str, Span),
    reasons: &[Shortage],
) -> Diagnostic {
    let name = &cluster.name;
    let message =
        format!("a drain of `{host}` never ends: its pods find no room on the other hosts of `{name}`");
    let problem = Diagnostic::new(codes::E0546, cluster.span, message)
        .related(span, format!("`{host}`"))
        .help(
            "an upgrade drains each host once: leave the room of one host, or let more pods be away with \
             `max-unavailable`",
        )
        .about(Text::clone(name));
    reasons.iter().filter_map(reason).fold(problem, Diagnostic::note)
}

pub(crate) fn placement_unknown(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0541,
        span,
        format!("whether the pods of `{cluster}` find a place was not shown within the limits"),
    )
    .at_level(platc_diag::Level::Warning)
    .help("the sums do fit, but neither a placement nor a reason against one was found: leave more room")
    .about(cluster)
}

pub(crate) fn claim_unknown(claim: &Claim, case: Option<&str>) -> Diagnostic {
    let loss = claim.loss.word();
    let message = match case {
        Some(case) => format!(
            "whether `{}` survives the loss of {} was not shown within the limits",
            claim.who,
            quoted(case)
        ),
        None => format!("`survives {loss}` of `{}` has more cases than are tried", claim.who),
    };
    Diagnostic::new(codes::E0541, claim.span, message)
        .help("what is not shown is not passed: leave more room, or claim less")
        .about(Text::clone(&claim.who))
}

pub(crate) fn quorum(
    when: When<'_>,
    cluster: &ClusterPlan,
    members: usize,
    alive: usize,
    needed: usize,
) -> Diagnostic {
    let words = when.words();
    let name = &cluster.name;
    let spread = if cluster.etcd.is_some() { "its members" } else { "the control plane" };
    let problem = Diagnostic::new(
        codes::E0542,
        when.span,
        format!("{words}etcd of `{name}` has {alive} of {members} members, and {needed} must agree"),
    )
    .help(format!("spread {spread}: three hosts survive one loss, five survive two, in as many places"))
    .note("what runs goes on running, but nothing is rescheduled and no change is taken")
    .about(Text::clone(name));
    when.shown(problem, when.span)
}

pub(crate) fn members(
    when: When<'_>,
    (stateful, span): (&str, Span),
    datacenter: &str,
    (members, alive, needed): (usize, usize, usize),
) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0543,
        when.span,
        format!("{words}`{stateful}` has {alive} of {members} members in `{datacenter}`, and {needed} must be alive"),
    )
    .related(span, format!("`{stateful}`"))
    .help("add a member on another host, or say with `min-alive` that fewer are enough")
    .about(stateful);
    when.shown(problem, when.span)
}

pub(crate) fn bound(
    when: When<'_>,
    (service, span): (&str, Span),
    cluster: &str,
    (pods, alive, needed): (u32, u32, u32),
) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0543,
        when.span,
        format!("{words}`{service}` may have {alive} of its {pods} pods in `{cluster}`, and {needed} must be alive"),
    )
    .related(span, format!("`{service}`"))
    .help("`anti-affinity required` puts one pod on a host at most, and `max-unavailable` says how many may be away")
    .note("its volumes are `local`: a pod whose host is gone waits for it")
    .about(service);
    when.shown(problem, when.span)
}

pub(crate) fn unserved(when: When<'_>, (stateful, span): (&str, Span), datacenter: &str) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0544,
        when.span,
        format!("{words}no member of `{stateful}` is left that serves `{datacenter}`"),
    )
    .related(span, format!("`{stateful}`"))
    .help("add a member there, or let one elsewhere serve it")
    .about(stateful);
    when.shown(problem, when.span)
}

pub(crate) fn nobody(when: When<'_>, caller: &str, cluster: &str, target: &str, at: &str) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0544,
        when.span,
        format!("{words}nobody is left to answer the calls of `{caller}` in `{cluster}` to `{target}`"),
    )
    .help(format!("`{target}` answers in `{at}` only, which is gone: call the one of the same cluster"))
    .about(caller);
    when.shown(problem, when.span)
}

pub(crate) fn api(when: When<'_>, cluster: &str) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0544,
        when.span,
        format!("{words}no API server of `{cluster}` is left"),
    )
    .help("give another host the role `control-plane`: with etcd elsewhere, two are enough for one loss")
    .about(cluster);
    when.shown(problem, when.span)
}

pub(crate) fn dns(when: When<'_>, cluster: &str) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0544,
        when.span,
        format!("{words}nobody is left to answer for the names of `{cluster}`"),
    )
    .help("put DNS on more hosts with `dns on=…`: Envoys keep the last answer, and learn of no new pod")
    .about(cluster);
    when.shown(problem, when.span)
}

pub(crate) fn edge(when: When<'_>, (name, span): (&str, Span)) -> Diagnostic {
    let words = when.words();
    let problem =
        Diagnostic::new(codes::E0544, when.span, format!("{words}no host is left for `{name}`, a way in"))
            .related(span, format!("`{name}`"))
            .help("put it on more hosts, in as many places as may be lost and one more")
            .about(name);
    when.shown(problem, when.span)
}

pub(crate) fn gone(when: When<'_>, (service, span): (&str, Span), cluster: &str) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0544,
        when.span,
        format!("{words}nothing of `{service}` is left: it is in `{cluster}` only"),
    )
    .related(span, format!("`{service}`"))
    .help("put it `in` a second cluster, or claim less")
    .about(service);
    when.shown(problem, when.span)
}

/// A whole cluster is lost, and what it carried is not carried elsewhere.
pub(crate) fn dc_loss(when: When<'_>, cluster: &str, reasons: Vec<String>) -> Diagnostic {
    let words = when.words();
    let problem = Diagnostic::new(
        codes::E0515,
        when.span,
        format!("{words}what `{cluster}` carries is not carried elsewhere"),
    )
    .help("claim it of the services that must go on, with `survives datacenter=1` on each");
    let problem = reasons.into_iter().fold(problem, Diagnostic::note);
    when.shown(problem.about(cluster), when.span)
}

pub(crate) fn nothing_to_lose(claim: &Claim) -> Diagnostic {
    Diagnostic::new(
        codes::E0545,
        claim.span,
        format!("`{}` claims to survive a rack, and no host of it stands in one", claim.who),
    )
    .help("put its hosts into `rack` nodes, or claim what can be lost")
    .about(Text::clone(&claim.who))
}

// Rollouts.

fn replicas(workload: &Workload, shape: &ServiceShape) -> Span {
    shape.replicas.origin.span().unwrap_or(workload.span)
}

pub(crate) fn rollout_deadlock(workload: &Workload, shape: &ServiceShape, places: u64) -> Diagnostic {
    let (name, pods) = (&workload.name, shape.replicas.value);
    let places = counted(places, by_word(shape.anti_affinity_by.value));
    let message = format!(
        "`{name}` cannot roll: {pods} pods that must be apart, and one more meanwhile, and there are {places}"
    );
    Diagnostic::new(codes::E0513, replicas(workload, shape), message)
        .help("let it roll with `rollout surge=0 unavailable=1`, use `anti-affinity preferred`, or fewer replicas")
        .about(Text::clone(name))
}

pub(crate) fn rollout_without_room(
    cluster: &str,
    workload: &Workload,
    shape: &ServiceShape,
    reasons: &[Shortage],
) -> Diagnostic {
    let name = &workload.name;
    let message = format!(
        "`{name}` cannot roll: `{cluster}` has no place for {} of each of its Deployments",
        if shape.surge.value == 1 {
            "one more pod".to_owned()
        } else {
            format!("{} more pods", shape.surge.value)
        }
    );
    let problem = Diagnostic::new(codes::E0513, replicas(workload, shape), message)
        .help("let it roll with `rollout surge=0 unavailable=1`, or leave room for the pods of a rollout")
        .about(Text::clone(name));
    reasons.iter().filter_map(reason).fold(problem, Diagnostic::note)
}

/// A shortage as half a sentence.
pub(crate) fn reason(shortage: &Shortage) -> Option<String> {
    let first = shortage.services.first().map(|party| &party.name);
    match &shortage.kind {
        Kind::Sum { what, demand, free } => {
            Some(format!("{} are asked for, and {} is free", what.amount(*demand), what.figure(*free)))
        }
        Kind::Apart { by, pods, places } => {
            let (one, many) = (by_word(*by), counted(*places, by_word(*by)));
            first.map(|name| format!("{pods} pods of `{name}` share no {one}, and there are {many} for them"))
        }
        Kind::Alone => first.map(|name| format!("not one pod of `{name}` fits onto any host")),
        Kind::Large { what, size, pods, room } => {
            Some(format!("there are {pods} pods of {} and more, and room for {room}", what.amount(*size)))
        }
        Kind::Search => Some(format!("{} do not fit together", named(&shortage.services))),
    }
}

pub(crate) fn rollout_after_a_loss(
    workload: &Workload,
    shape: &ServiceShape,
    left: u64,
    claim: Span,
) -> Diagnostic {
    let (name, pods) = (&workload.name, shape.replicas.value);
    let message = format!(
        "`{name}` cannot roll while a host is away: {pods} pods that share no host, and one more meanwhile, \
         and there are {left} hosts then"
    );
    Diagnostic::new(codes::E0512, replicas(workload, shape), message)
        .related(claim, "a host may be lost")
        .help("deploy only while all hosts are there, or let it roll with `rollout surge=0 unavailable=1`")
        .about(Text::clone(name))
}
