//! [`Shortage`]: a broken bound in words of the platform: services, hosts, CPUs.
//!
//! Start with [`shortages`].

use platc_diag::Span;
use platc_model::generated::{By, Cluster};
use platc_model::scalar::{Bytes, Cpu};
use platc_model::{Id, Text};
use platc_plan::Workload;

use crate::pack::Bound;
use crate::room::{Room, service};

/// Why pods find no place.
#[derive(Clone, PartialEq, Debug)]
pub struct Shortage {
    /// At which cluster.
    pub cluster: Id<Cluster>,
    /// What is short.
    pub kind: Kind,
    /// Services that show it: the smallest set.
    pub services: Vec<Party>,
}

/// A service that has a part in a shortage.
#[derive(Clone, PartialEq, Debug)]
pub struct Party {
    /// Its name.
    pub name: Text,
    /// Where its replicas are written.
    pub span: Span,
    /// So many pods.
    pub pods: u64,
    /// What they ask for together: CPU in millicores, memory in bytes, pods.
    pub asks: [u64; 3],
}

/// What is short.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// All together ask for more than there is.
    Sum {
        /// Of what.
        what: What,
        /// Asked for.
        demand: u64,
        /// There is.
        free: u64,
    },
    /// Pods that must be apart are more than what they must not share.
    Apart {
        /// What they must not share.
        by: By,
        /// So many pods,
        pods: u64,
        /// and so many hosts, racks or datacenters.
        places: u64,
    },
    /// Not one pod fits onto any host.
    Alone,
    /// So many large pods are more than the hosts hold.
    Large {
        /// Of what.
        what: What,
        /// Each asks for at least so much.
        size: u64,
        /// So many pods,
        pods: u64,
        /// and room for so many.
        room: u64,
    },
    /// Every arrangement was tried.
    Search,
}

/// What hosts have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// CPU, in millicores.
    Cpu,
    /// Memory, in bytes.
    Memory,
    /// Pods.
    Pods,
}

impl What {
    fn of(dim: usize) -> Self {
        match dim {
            0 => Self::Cpu,
            1 => Self::Memory,
            _ => Self::Pods,
        }
    }

    /// Its place in a vector.
    pub fn dim(self) -> usize {
        match self {
            Self::Cpu => 0,
            Self::Memory => 1,
            Self::Pods => 2,
        }
    }

    /// So much of it: `70600m of CPU`.
    pub fn amount(self, amount: u64) -> String {
        match self {
            Self::Cpu | Self::Memory => format!("{} of {}", self.figure(amount), self.word()),
            Self::Pods => format!("{amount} pods"),
        }
    }

    /// So much: `70600m`.
    pub fn figure(self, amount: u64) -> String {
        match self {
            Self::Cpu => Cpu::milli(amount).to_string(),
            Self::Memory => Bytes::new(amount).to_string(),
            Self::Pods => amount.to_string(),
        }
    }

    /// `CPU`, `memory`, `pods`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::Pods => "pods",
        }
    }
}

/// Bounds in words of the platform.
pub fn shortages(room: &Room<'_>, bounds: &[Bound]) -> Vec<Shortage> {
    bounds.iter().map(|bound| shortage(room, bound)).collect()
}

fn shortage(room: &Room<'_>, bound: &Bound) -> Shortage {
    let kind = match bound {
        Bound::Sum { dim, demand, free, .. } => {
            Kind::Sum { what: What::of(*dim), demand: *demand, free: *free }
        }
        Bound::Apart { class, items, domains, .. } => {
            let by = room.apart.get(*class).and_then(|workload| service(workload));
            let by = by.map_or(By::Host, |service| service.anti_affinity_by.value);
            Kind::Apart { by, pods: *items, places: *domains }
        }
        Bound::Alone { .. } => Kind::Alone,
        Bound::Large { dim, size, items, room, .. } => {
            Kind::Large { what: What::of(*dim), size: *size, pods: *items, room: *room }
        }
        Bound::Search { .. } => Kind::Search,
    };
    let services = room.services(bound.groups()).into_iter().map(|workload| party(room, workload));
    Shortage { cluster: room.cluster, kind, services: services.collect() }
}

fn party(room: &Room<'_>, workload: &Workload) -> Party {
    let own = room.pods.iter().zip(&room.instance.groups);
    let own = own.filter(|(pods, _)| std::ptr::eq(pods.workload, workload)).map(|(_, group)| group);
    let (mut pods, mut asks) = (0_u64, [0_u64; 3]);
    for group in own {
        pods += u64::from(group.count);
        for (sum, each) in asks.iter_mut().zip(group.demand) {
            *sum = sum.saturating_add(each.saturating_mul(u64::from(group.count)));
        }
    }
    let replicas = service(workload).and_then(|service| service.replicas.origin.span());
    Party { name: Text::clone(&workload.name), span: replicas.unwrap_or(workload.span), pods, asks }
}
