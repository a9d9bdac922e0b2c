//! Which ways packets and requests go that they did not go before: static routes of hosts, paths of
//! proxies and balancers. And who judges the platform: policies and waivers.
//!
//! Start with [`routes`].

use serde::Serialize;

use crate::facts::{Facts, Route};

/// Ways that came and went.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Routes {
    /// Static routes.
    pub hosts: Vec<HostRoutes>,
    /// Paths of proxies and balancers.
    pub paths: Vec<PathChange>,
}

/// Static routes of some hosts that came and went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct HostRoutes {
    /// The hosts: all for which this is the same.
    pub hosts: Vec<String>,
    /// New ones.
    pub added: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
}

/// A path that is answered otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PathChange {
    /// Who answers for it.
    pub at: String,
    /// Domain and path.
    pub path: String,
    /// Who answered and how long that could take: `ingest within 5s`; `None` for a new path.
    pub before: Option<String>,
    /// Who answers now; `None` for a path that is gone.
    pub after: Option<String>,
}

/// What came, went or changed of who judges.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Judging {
    /// `policy pin-images`, `waiver of rollout-n1`.
    pub subject: String,
    /// As it was.
    pub before: Option<String>,
    /// As it is.
    pub after: Option<String>,
}

impl Routes {
    /// Whether all go as before.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.paths.is_empty()
    }
}

/// Ways that came and went.
pub(crate) fn routes(before: &Facts, after: &Facts) -> Routes {
    Routes { hosts: of_hosts(before, after), paths: of_paths(before, after) }
}

fn of_hosts(before: &Facts, after: &Facts) -> Vec<HostRoutes> {
    let mut found: Vec<HostRoutes> = Vec::new();
    let mut names: Vec<&str> = before.hosts.iter().chain(&after.hosts).map(|host| &*host.name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        // All routes of a host that comes or goes do, too, and its files say so.
        let (Some(old), Some(new)) = (before.host(name), after.host(name)) else { continue };
        let lacking = |from: &[String], of: &[String]| -> Vec<String> {
            of.iter().filter(|route| !from.contains(route)).cloned().collect()
        };
        let (added, removed) = (lacking(&old.routes, &new.routes), lacking(&new.routes, &old.routes));
        if added.is_empty() && removed.is_empty() {
            continue;
        }
        match found.iter_mut().find(|own| own.added == added && own.removed == removed) {
            Some(same) => same.hosts.push(name.to_owned()),
            None => found.push(HostRoutes { hosts: vec![name.to_owned()], added, removed }),
        }
    }
    found
}

fn of_paths(before: &Facts, after: &Facts) -> Vec<PathChange> {
    let words = |route: &Route| format!("{} within {}", route.to, route.timeout);
    let find = |facts: &Facts, route: &Route| {
        facts.routes.iter().find(|own| own.at == route.at && own.path == route.path).map(words)
    };
    let mut found = Vec::new();
    for route in &before.routes {
        let (old, new) = (Some(words(route)), find(after, route));
        if old != new {
            let (at, path) = (route.at.clone(), route.path.clone());
            found.push(PathChange { at, path, before: old, after: new });
        }
    }
    for route in after.routes.iter().filter(|route| find(before, route).is_none()) {
        let (at, path) = (route.at.clone(), route.path.clone());
        found.push(PathChange { at, path, before: None, after: Some(words(route)) });
    }
    found
}

/// Policies and waivers that came, went or changed.
pub(crate) fn judging(before: &Facts, after: &Facts) -> Vec<Judging> {
    let policies = |facts: &Facts| -> Vec<(String, String)> {
        facts.policies.iter().map(|own| (format!("policy {}", own.name), own.settings.clone())).collect()
    };
    let waivers = |facts: &Facts| -> Vec<(String, String)> {
        facts.waivers.iter().map(|own| (format!("waiver of {}", own.finding), own.about.clone())).collect()
    };
    let mut found = Vec::new();
    for (old, new) in [(policies(before), policies(after)), (waivers(before), waivers(after))] {
        let gone: Vec<_> = old.iter().filter(|own| !new.contains(own)).collect();
        let mut come: Vec<_> = new.iter().filter(|own| !old.contains(own)).collect();
        for (subject, text) in gone {
            let at = come.iter().position(|(other, _)| other == subject);
            let after = at.map(|at| come.remove(at).1.clone());
            found.push(Judging { subject: subject.clone(), before: Some(text.clone()), after });
        }
        found.extend(come.into_iter().map(|(subject, text)| Judging {
            subject: subject.clone(),
            before: None,
            after: Some(text.clone()),
        }));
    }
    found
}
