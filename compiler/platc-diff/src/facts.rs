//! [`Facts`]: what was decided of a platform, as data that outlives the compiler that decided it:
//! `plan.json` beside a build.
//!
//! Files say what is delivered; these say what it means: which daemon lives on a host, which range a
//! cluster has, who answers a path. Names and numbers only, all sorted as in the platform, so that two of
//! them can be laid side by side. Not here: how they are found in a plan (`platc-driver`).
//!
//! Start with [`Facts`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The form of `plan.json`.
pub const FORMAT: &str = "platc-plan-1";

/// What was decided of a platform.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// [`FORMAT`].
    pub format: String,
    /// The platform's name.
    pub platform: String,
    /// Clusters.
    pub clusters: Vec<Cluster>,
    /// Machines, in clusters and outside.
    pub hosts: Vec<Host>,
    /// Daemons outside Kubernetes.
    pub statefuls: Vec<Stateful>,
    /// What becomes pods.
    pub workloads: Vec<Workload>,
    /// Paths of proxies and balancers, and who answers them.
    pub routes: Vec<Route>,
    /// Policies that judge the platform.
    pub policies: Vec<Policy>,
    /// Findings that are waived, and why.
    pub waivers: Vec<Waiver>,
}

/// A cluster.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// Name.
    pub name: String,
    /// Kubernetes, with patch.
    pub version: String,
    /// Addresses of pods.
    pub pods: String,
    /// Addresses of Services.
    pub services: String,
    /// Where its API is found.
    pub endpoint: String,
    /// Nodes, by name.
    pub nodes: Vec<String>,
    /// Those with the control plane.
    pub control_plane: Vec<String>,
    /// Members of its etcd, if that is elsewhere: where they answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub etcd: Vec<String>,
}

/// A machine.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Host {
    /// Name.
    pub name: String,
    /// Datacenter.
    pub datacenter: String,
    /// The cluster that it is a node of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The address by which others reach it.
    pub address: String,
    /// Its share of the cluster's pod addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<String>,
    /// Memory that pods may use, in bytes.
    pub memory: u64,
    /// CPU that pods may use, in thousandths.
    pub cpu_milli: u64,
    /// Static routes: `10.244.1.0/24 via 10.1.0.11 dev eth1`.
    pub routes: Vec<String>,
}

/// A daemon outside Kubernetes.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Stateful {
    /// Name.
    pub name: String,
    /// Unit or service on its hosts.
    pub unit: String,
    /// Members.
    pub members: Vec<Member>,
    /// Members that must be alive, by datacenter.
    pub min_alive: BTreeMap<String, u64>,
}

/// A member of a daemon outside Kubernetes.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its host.
    pub host: String,
    /// Its datacenter.
    pub datacenter: String,
    /// Its part, where members differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// CPUs that are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Memory above which it is killed, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Directory of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// What becomes pods at a cluster.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// Cluster.
    pub cluster: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// `service`, `daemon`, `proxy`, `job`, `cron`.
    pub kind: String,
    /// Pods, of all its variants together.
    pub pods: u64,
    /// Volumes of each pod.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// Where it is declared: `services/web.kdl:3`.
    pub place: String,
}

/// A volume of each pod.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Volume {
    /// Name.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// A path that a proxy or a balancer answers.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Route {
    /// Who: `proxy edge at prod-a`, `balancer public`.
    pub at: String,
    /// Domain and path: `ingest.example.com/v1/`; `*/` for any domain.
    pub path: String,
    /// Who answers.
    pub to: String,
    /// How long that may take.
    pub timeout: String,
}

/// A policy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Where it is from, with the settings that are said.
    pub settings: String,
}

/// Findings that are waived.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub struct Waiver {
    /// The finding's name.
    pub finding: String,
    /// Where, why and until when.
    pub about: String,
}

impl Facts {
    /// Reads `plan.json`; nothing where it is of another form, which another version of platc wrote.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let facts: Self = serde_json::from_slice(bytes).ok()?;
        (facts.format == FORMAT).then_some(facts)
    }

    /// The bytes of `plan.json`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .unwrap_or_else(|_| unreachable!("names and numbers are always JSON"));
        bytes.push(b'\n');
        bytes
    }

    /// A cluster by name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    /// A machine by name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.name == name)
    }

    /// A daemon outside Kubernetes by name.
    pub fn stateful(&self, name: &str) -> Option<&Stateful> {
        self.statefuls.iter().find(|stateful| stateful.name == name)
    }

    /// Daemons outside Kubernetes that have a member on a host.
    pub fn statefuls_on<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a Stateful> {
        self.statefuls.iter().filter(move |own| own.members.iter().any(|member| member.host == host))
    }
}

impl Stateful {
    /// Members at a datacenter.
    pub fn members_at<'a>(&'a self, datacenter: &'a str) -> impl Iterator<Item = &'a Member> {
        self.members.iter().filter(move |member| member.datacenter == datacenter)
    }
}
