//! What cannot be taken back by going back to the build before: data that does not move with its daemon,
//! addresses that other machines know, what is deleted.
//!
//! Start with [`of_plans`].

use serde::Serialize;

use crate::facts::{Cluster, Facts, Host, Stateful};

/// Something that cannot be taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Irreversible {
    /// What sort of loss it is.
    pub loss: Loss,
    /// What it is about: `stateful kafka`, `cluster prod-a`.
    pub subject: String,
    /// What happens, and why there is no way back.
    pub text: String,
}

/// Sorts of loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// A member of a daemon with data is elsewhere.
    Moved,
    /// There is less room for what is there.
    Shrunk,
    /// Addresses are others.
    Renumbered,
    /// It must be deleted and made anew.
    MadeAnew,
    /// It is gone.
    Deleted,
    /// A version that has no way back.
    Upgraded,
}

impl Irreversible {
    pub(crate) fn new(loss: Loss, subject: &str, text: String) -> Self {
        Self { loss, subject: subject.to_owned(), text }
    }
}

/// What cannot be taken back of a change of plans.
pub(crate) fn of_plans(before: &Facts, after: &Facts) -> Vec<Irreversible> {
    let mut found = Vec::new();
    for old in &before.clusters {
        match after.cluster(&old.name) {
            Some(new) => cluster(old, new, &mut found),
            None => found.push(Irreversible::new(
                Loss::Deleted,
                &format!("cluster {}", old.name),
                format!("it is not delivered any more; its {} nodes stay as they are", old.nodes.len()),
            )),
        }
    }
    for old in &before.hosts {
        if let Some(new) = after.host(&old.name) {
            // Where the whole cluster has other addresses, each of its nodes has.
            let pods = |facts: &Facts, host: &Host| {
                host.cluster.as_ref().and_then(|name| facts.cluster(name)).map(|own| own.pods.clone())
            };
            host(old, new, pods(before, old) == pods(after, new), &mut found);
        }
    }
    for old in &before.statefuls {
        match after.stateful(&old.name) {
            Some(new) => stateful(old, new, &mut found),
            None => found.push(Irreversible::new(
                Loss::Deleted,
                &format!("stateful {}", old.name),
                "no pod is told of it any more; its daemons and their data stay on their hosts".to_owned(),
            )),
        }
    }
    volumes(before, after, &mut found);
    found
}

fn cluster(old: &Cluster, new: &Cluster, found: &mut Vec<Irreversible>) {
    let subject = format!("cluster {}", old.name);
    for (what, old, new, why) in [
        (
            "pods have other addresses",
            &old.pods,
            &new.pods,
            "a node keeps its range for life, so each of them must leave the cluster and join it again",
        ),
        (
            "Services have other addresses",
            &old.services,
            &new.services,
            "the API server's certificate has the first one; kubeadm offers no way to change the range of a running cluster",
        ),
        (
            "the API is found elsewhere",
            &old.endpoint,
            &new.endpoint,
            "the certificates and every node's kubeconfig have the old name until they are made anew",
        ),
    ] {
        if old != new {
            let text = format!("{what}, {old} → {new}; {why}");
            found.push(Irreversible::new(Loss::Renumbered, &subject, text));
        }
    }
    let minor =
        |version: &str| version.split('.').take(2).map(|part| part.parse::<u64>().ok()).collect::<Vec<_>>();
    let (from, to) = (minor(&old.version), minor(&new.version));
    if from < to {
        let text = format!(
            "Kubernetes {} → {}: kubeadm upgrades it, and each of its {} nodes is drained in turn; it cannot go back a \
             minor, so take a snapshot of etcd before",
            old.version,
            new.version,
            new.nodes.len()
        );
        found.push(Irreversible::new(Loss::Upgraded, &subject, text));
    } else if to < from {
        let text = format!("Kubernetes {} → {}: kubeadm cannot go back a minor", old.version, new.version);
        found.push(Irreversible::new(Loss::Upgraded, &subject, text));
    }
}

fn host(old: &Host, new: &Host, alone: bool, found: &mut Vec<Irreversible>) {
    let subject = format!("host {}", old.name);
    if old.address != new.address {
        let text = format!(
            "its address is another one, {} → {}: certificates, routes of its neighbours and etcd's list of members \
             have the old one",
            old.address, new.address
        );
        found.push(Irreversible::new(Loss::Renumbered, &subject, text));
    }
    if let (Some(from), Some(to)) = (&old.pods, &new.pods)
        && from != to
        && alone
    {
        let text =
            format!("its pods have other addresses, {from} → {to}: it must leave the cluster and join again");
        found.push(Irreversible::new(Loss::Renumbered, &subject, text));
    }
    if let (Some(from), Some(to)) = (&old.cluster, &new.cluster)
        && from != to
    {
        let text = format!("it leaves {from} and joins {to}");
        found.push(Irreversible::new(Loss::Moved, &subject, text));
    }
}

fn stateful(old: &Stateful, new: &Stateful, found: &mut Vec<Irreversible>) {
    let subject = format!("stateful {}", old.name);
    let is_in = |own: &Stateful, host: &str| own.members.iter().any(|member| member.host == host);
    let gone: Vec<_> = old.members.iter().filter(|member| !is_in(new, &member.host)).collect();
    let mut come = new.members.iter().filter(|member| !is_in(old, &member.host));
    for member in gone {
        // One of the same place first: the rest of them stand for moves between places.
        let text = match come.next() {
            Some(to) => format!(
                "the member on {} goes to {}; its data does not go with it, and must be there before the old one stops",
                member.host, to.host
            ),
            None => format!("the member on {} goes, and its share of the data with it", member.host),
        };
        found.push(Irreversible::new(Loss::Moved, &subject, text));
    }
    for member in &new.members {
        let Some(was) = old.members.iter().find(|was| was.host == member.host) else { continue };
        if let (Some(from), Some(to)) = (was.memory, member.memory)
            && to < from
        {
            let text = format!(
                "on {} it has {} instead of {}: it is killed if it needs more",
                member.host,
                bytes(to),
                bytes(from)
            );
            found.push(Irreversible::new(Loss::Shrunk, &subject, text));
        }
        if was.data != member.data && was.data.is_some() {
            let name =
                |data: &Option<String>| data.clone().unwrap_or_else(|| "nowhere that is said".to_owned());
            let text = format!(
                "on {} its data is at {} instead of {}, and does not move by itself",
                member.host,
                name(&member.data),
                name(&was.data)
            );
            found.push(Irreversible::new(Loss::Moved, &subject, text));
        }
        if was.role != member.role {
            let name = |role: &Option<String>| role.clone().unwrap_or_else(|| "no role".to_owned());
            let text =
                format!("on {} it is {} instead of {}", member.host, name(&member.role), name(&was.role));
            found.push(Irreversible::new(Loss::Moved, &subject, text));
        }
    }
}

fn volumes(before: &Facts, after: &Facts, found: &mut Vec<Irreversible>) {
    for old in before.workloads.iter().filter(|own| !own.volumes.is_empty()) {
        let is_it = |own: &&crate::facts::Workload| {
            (&own.cluster, &own.namespace, &own.name) == (&old.cluster, &old.namespace, &old.name)
        };
        let subject = format!("{} of {}/{}", old.name, old.cluster, old.namespace);
        let Some(new) = after.workloads.iter().find(is_it) else { continue };
        for volume in &old.volumes {
            let text = match new.volumes.iter().find(|own| own.name == volume.name) {
                None => {
                    format!("the volume {} is not used any more; its data stays in the claims", volume.name)
                }
                Some(own) if own.size < volume.size => format!(
                    "the volume {} shrinks, {} → {}; Kubernetes refuses that: each claim must be made anew, empty",
                    volume.name,
                    bytes(volume.size),
                    bytes(own.size)
                ),
                Some(_) => continue,
            };
            found.push(Irreversible::new(Loss::Shrunk, &subject, text));
        }
        if new.pods < old.pods {
            let text = format!(
                "{} pods instead of {}: what the last of them keep in their volumes is not read any more",
                new.pods, old.pods
            );
            found.push(Irreversible::new(Loss::Shrunk, &subject, text));
        }
    }
}

/// An amount of memory as people write it.
pub(crate) fn bytes(amount: u64) -> String {
    for (unit, factor) in [("TiB", 1_u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if amount >= factor && amount.is_multiple_of(factor) {
            return format!("{} {unit}", amount / factor);
        }
    }
    format!("{amount} bytes")
}
