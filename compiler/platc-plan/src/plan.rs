//! [`Plan`]: a platform with everything decided. If two targets must agree on a number, it is here.
//!
//! Not here: how anything is decided (a module each) and how it is written down (`platc-emit`).
//!
//! Start with [`Plan`], then [`HostPlan`] and [`Workload`].

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use platc_diag::{Origin, Sourced, Span};
use platc_model::generated::{
    ApiBalancer, By, Cluster, Concurrency, Datacenter, Egress, Host, Init, NetConfig, Priority, Protocol,
    Resolver, Rootfs, Routing, Runtime, Security, ServiceProxy, Stateful, Strictness,
};
use platc_model::scalar::{Bytes, Cidr, Cpu, Cron, Duration, HostPort, Image, Mac, Version};
use platc_model::{Id, Items, Lock, Model, SecretKey, Text, Value};

use crate::cpus::CpuSet;
use crate::ledger::Ledger;

pub use crate::traffic::plan::{
    BalancerPlan, BalancerRoutePlan, CallPlan, EjectionPlan, HealthCheck, HealthPlan, ListenPlan, ProxyPlan,
    RoutePlan, ServerPlan, SidecarPlan, TargetPlan, TracingPlan, UpstreamPlan, VirtualHostPlan,
};

/// Images by tag: as written, and as they are pulled.
pub type Tags = BTreeMap<Text, Sourced<Image>>;

/// A platform with everything decided.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is the plan of.
    pub model: Arc<Model>,
    /// Its name.
    pub platform: Sourced<Text>,
    /// Where images without a registry come from, and the secret to pull them with.
    pub registry: Option<RegistryPlan>,
    /// Where Envoys send traces.
    pub tracing: Option<TracingPlan>,
    /// Clusters, as in the model.
    pub clusters: Items<Cluster, ClusterPlan>,
    /// Hosts, as in the model.
    pub hosts: Items<Host, HostPlan>,
    /// Namespaces with something in them, by cluster and name.
    pub namespaces: Vec<NamespacePlan>,
    /// Everything that becomes pods, by cluster, namespace and name.
    pub workloads: Vec<Workload>,
    /// Balancers on machines outside.
    pub balancers: Vec<BalancerPlan>,
    /// What was given out, old and new.
    pub lock: Lock,
    /// Images that the author writes by tag: as written, and as they are pulled. The lock says what the tags mean.
    pub tags: Tags,
    /// What everything needs and what is left.
    pub ledger: Ledger,
}

/// An amount of CPU and memory.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Amount {
    /// CPU.
    pub cpu: Cpu,
    /// Memory.
    pub memory: Bytes,
}

/// Where images come from.
#[derive(Clone, PartialEq, Debug)]
pub struct RegistryPlan {
    /// Its name.
    pub host: Sourced<Text>,
    /// The secret that each pod pulls with.
    pub pull_secret: Option<Sourced<Text>>,
}

/// A cluster with everything decided.
#[derive(Clone, Debug)]
pub struct ClusterPlan {
    /// Its name.
    pub name: Text,
    /// Where that is written.
    pub span: Span,
    /// Kubernetes, with patch.
    pub version: Sourced<Version>,
    /// containerd on its hosts.
    pub containerd: Sourced<Version>,
    /// Envoy of sidecars and proxies.
    pub envoy: Sourced<Version>,
    /// Where it is.
    pub datacenters: Vec<Id<Datacenter>>,
    /// Its nodes, by name.
    pub nodes: Vec<Id<Host>>,
    /// Those that run the control plane, by name. The first one initialises the cluster.
    pub control_plane: Vec<Id<Host>>,
    /// Addresses of pods.
    pub pods: Sourced<Cidr>,
    /// Prefix length of a host's share of them.
    pub per_host: u8,
    /// Addresses of Services.
    pub services: Sourced<Cidr>,
    /// Address of the Service `kubernetes`: the first.
    pub service_ip: IpAddr,
    /// Where the API server is found.
    pub api: ApiPlan,
    /// How packets between pods find their host.
    pub routing: Sourced<Routing>,
    /// Who makes virtual addresses work.
    pub service_proxy: Sourced<ServiceProxy>,
    /// DNS.
    pub dns: DnsPlan,
    /// Pods on one host, at most.
    pub max_pods: Sourced<i64>,
    /// The etcd outside of the control plane; without one, each control-plane host runs a member.
    pub etcd: Option<EtcdPlan>,
    /// Requests of the control plane's static pods.
    pub control_plane_requests: Vec<StaticPodPlan>,
    /// Those of the plan's workloads, by number, that belong on certain hosts of it: see [`Workload::hosts`].
    pub on_hosts: Vec<usize>,
    /// The longest that a pod here may take to go, in seconds, static pods aside.
    pub grace_s: Option<Sourced<u64>>,
    /// Images that platc itself puts to work.
    pub images: SystemImages,
}

/// Where an API server is found.
#[derive(Clone, Debug)]
pub struct ApiPlan {
    /// Name or address, and port, that everybody uses.
    pub endpoint: Sourced<HostPort>,
    /// What balances it.
    pub balancer: Sourced<ApiBalancer>,
    /// The virtual address that moves, with keepalived.
    pub vip: Option<IpAddr>,
    /// Its VRRP router id.
    pub vrid: Option<u8>,
}

/// Port on which an API server listens on its own host.
pub const APISERVER_PORT: u16 = 6443;
/// Port on which the balancer before the API servers answers for itself.
pub const API_BALANCER_HEALTH_PORT: u16 = 7444;
/// What the static pod is called that spreads the API's connections, on each node.
pub const API_BALANCER_NAME: &str = "kube-api-lb";

/// An etcd outside of the control plane.
#[derive(Clone, PartialEq, Debug)]
pub struct EtcdPlan {
    /// Where it is written.
    pub origin: Origin,
    /// Its members: one, three or five.
    pub members: Vec<EtcdMember>,
    /// Path of its authority's certificate on control-plane hosts.
    pub ca: Sourced<Text>,
    /// Path of the certificate that API servers show.
    pub certificate: Sourced<Text>,
    /// Path of its key.
    pub key: Sourced<Text>,
}

/// A member of it.
#[derive(Clone, PartialEq, Debug)]
pub struct EtcdMember {
    /// The host, if it is one of this platform.
    pub host: Option<Id<Host>>,
    /// Where it answers clients.
    pub at: Sourced<HostPort>,
}

/// DNS of a cluster.
#[derive(Clone, Debug)]
pub struct DnsPlan {
    /// Hosts that run CoreDNS, by name.
    pub hosts: Vec<Id<Host>>,
    /// Their addresses. Three at most.
    pub addresses: Vec<IpAddr>,
    /// What kubelets tell pods to ask, and what their Envoys ask: the cache of the own node, if there is
    /// one, and those addresses. Three at most.
    pub resolvers: Vec<IpAddr>,
    /// Domain of the cluster.
    pub domain: Sourced<Text>,
    /// Who answers for the rest of the world.
    pub upstream: Vec<Sourced<IpAddr>>,
    /// The cache that each host keeps.
    pub node_local: Option<NodeCachePlan>,
    /// How long an answer may be kept.
    pub ttl: Duration,
}

/// A DNS cache on each node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NodeCachePlan {
    /// Where it listens: the same on all nodes, and never leaves one.
    pub address: Sourced<IpAddr>,
}

/// Ports of the DNS cache besides 53.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NodeCachePorts {
    /// At its own address: whether it is well.
    pub health: u16,
    /// At the host's address: what it answers.
    pub metrics: u16,
    /// At the host's address: what it failed to set up.
    pub setup_metrics: u16,
}

/// The ports of before, but that of health: 8080, its default, is liked by others.
pub const NODE_CACHE_PORTS: NodeCachePorts =
    NodeCachePorts { health: 8182, metrics: 9253, setup_metrics: 9353 };

/// A static pod of the control plane.
#[derive(Clone, PartialEq, Debug)]
pub struct StaticPodPlan {
    /// Its name, as kubeadm has it.
    pub name: &'static str,
    /// CPU request; kubeadm's if none is said.
    pub cpu: Sourced<Cpu>,
    /// Memory request; kubeadm gives none but to etcd.
    pub memory: Option<Sourced<Bytes>>,
    /// Whether something was said, so that kubeadm must be told.
    pub patched: bool,
}

/// Images that platc itself puts to work.
#[derive(Clone, Debug)]
pub struct SystemImages {
    /// Cluster DNS.
    pub coredns: Sourced<Image>,
    /// Pod sandbox.
    pub pause: Sourced<Image>,
    /// Pod network.
    pub flannel: Sourced<Image>,
    /// Its CNI plugin.
    pub flannel_cni: Sourced<Image>,
    /// Balancer before the API servers.
    pub haproxy: Sourced<Image>,
    /// Sidecars: without a shell.
    pub envoy_sidecar: Sourced<Image>,
    /// Proxies: with a shell, for their preStop.
    pub envoy_proxy: Sourced<Image>,
    /// DNS cache on each host.
    pub node_cache: Sourced<Image>,
}

/// A host with everything decided.
#[derive(Clone, Debug)]
pub struct HostPlan {
    /// Its name.
    pub name: Text,
    /// Where that is written.
    pub span: Span,
    /// Where it stands.
    pub datacenter: Id<Datacenter>,
    /// Name of that: its zone.
    pub zone: Text,
    /// Region of that.
    pub region: Option<Text>,
    /// Name of its rack.
    pub rack: Option<Text>,
    /// The cluster that it is a node of.
    pub cluster: Option<Id<Cluster>>,
    /// Whether it runs the control plane.
    pub control_plane: bool,
    /// Whether it runs pods other than the control plane's.
    pub worker: bool,
    /// The address by which others reach it.
    pub address: Sourced<IpAddr>,
    /// The interface that has it.
    pub interface: Text,
    /// Router of that network.
    pub gateway: Option<IpAddr>,
    /// All its cards.
    pub nics: Vec<NicPlan>,
    /// Resolvers.
    pub nameservers: Vec<Sourced<IpAddr>>,
    /// Its pod range.
    pub pods: Option<Sourced<Cidr>>,
    /// Which part of the cluster's range that is.
    pub pod_index: Option<u32>,
    /// What it has.
    pub capacity: Amount,
    /// Who its CPUs and memory belong to.
    pub reservation: Reservation,
    /// What pods may use of it.
    pub allocatable: Amount,
    /// Daemons outside Kubernetes that have cores of their own.
    pub carve_outs: Vec<CarveOut>,
    /// Its static routes, in order.
    pub routes: Vec<Route>,
    /// Rules that lead to tables of their own.
    pub rules: Vec<RouteRule>,
    /// Virtual addresses that it may hold.
    pub vips: Vec<VipPlan>,
    /// Ports that are listened on, by whom.
    pub ports: Vec<PortClaim>,
    /// Init system.
    pub init: Sourced<Init>,
    /// What routes are written for.
    pub net_config: Sourced<NetConfig>,
    /// Who answers for `/etc/resolv.conf`.
    pub resolver: Sourced<Resolver>,
    /// File system of the root.
    pub rootfs: Sourced<Rootfs>,
}

/// A card of a host.
#[derive(Clone, PartialEq, Debug)]
pub struct NicPlan {
    /// Interface.
    pub name: Text,
    /// Hardware address, if the name is pinned by it.
    pub mac: Option<Sourced<Mac>>,
    /// Address on it.
    pub address: Sourced<IpAddr>,
    /// The network that it is in.
    pub network: Text,
    /// Range of that.
    pub range: Cidr,
    /// Router of that.
    pub gateway: Option<IpAddr>,
    /// Largest packet.
    pub mtu: i64,
}

/// Who CPUs and memory of a host belong to, pods aside.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Reservation {
    /// CPUs of the system, the kubelet and the container runtime.
    pub system_cpus: CpuSet,
    /// CPUs that no pod gets: the system's and all carve-outs'. Empty where nothing is pinned.
    pub reserved_cpus: CpuSet,
    /// Whether CPUs are pinned at all: only where something was carved out.
    pub pinned: bool,
    /// CPU of the system.
    pub system_cpu: Cpu,
    /// CPU of kubelet and container runtime.
    pub kube_cpu: Cpu,
    /// Memory of the system, without carve-outs.
    pub system_memory: Bytes,
    /// Memory of all carve-outs.
    pub carved_memory: Bytes,
    /// Memory of kubelet and container runtime.
    pub kube_memory: Bytes,
    /// Memory at which pods are evicted.
    pub eviction: Bytes,
}

/// A daemon outside Kubernetes that has cores and memory of its own on a host.
#[derive(Clone, PartialEq, Debug)]
pub struct CarveOut {
    /// Which stateful.
    pub stateful: Id<Stateful>,
    /// Its name.
    pub name: Text,
    /// Unit or service name.
    pub unit: Text,
    /// Its CPUs.
    pub cpus: CpuSet,
    /// The NUMA node that they are in, if it is one of several.
    pub numa_node: Option<u16>,
    /// Above this it is killed.
    pub memory_max: Sourced<Bytes>,
    /// Above this it is slowed down.
    pub memory_high: Bytes,
    /// Below this nothing is taken from it.
    pub memory_low: Bytes,
    /// Directory of its data.
    pub data: Option<Sourced<Text>>,
    /// Where its reserve is written.
    pub origin: Origin,
}

/// A static route.
#[derive(Clone, PartialEq, Debug)]
pub struct Route {
    /// Where to.
    pub to: RouteTarget,
    /// Which way.
    pub via: Hop,
    /// Routing table; `None` for the main one.
    pub table: Option<Table>,
    /// Why it is there.
    pub origin: Origin,
}

/// Where a route leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RouteTarget {
    /// Everything else.
    Default,
    /// A range.
    Range(Cidr),
}

/// Which way a route leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hop {
    /// To a neighbour, over an interface.
    Gateway(IpAddr, Text),
    /// Straight onto the wire.
    Link(Text),
    /// Nowhere: what is not routed more closely fails at once, instead of going round in circles.
    Unreachable,
}

/// A routing table with a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Number, 1 to 252.
    pub id: u8,
    /// Name.
    pub name: Text,
}

/// A rule that leads to a table.
#[derive(Clone, PartialEq, Debug)]
pub struct RouteRule {
    /// Packets from there.
    pub from: Cidr,
    /// Go by this table.
    pub table: Table,
    /// In this order.
    pub priority: u32,
    /// Why it is there.
    pub origin: Origin,
}

/// Metric of routes that lead nowhere: any other route to the same range wins.
pub const UNREACHABLE_METRIC: u32 = 32_000;

/// A virtual address that a host may hold.
#[derive(Clone, PartialEq, Debug)]
pub struct VipPlan {
    /// The address.
    pub address: Sourced<IpAddr>,
    /// Prefix length of its network.
    pub prefix: u8,
    /// Interface that it is put on.
    pub interface: Text,
    /// VRRP router id.
    pub vrid: u8,
    /// VRRP priority here; the highest of all hosts holds it.
    pub priority: u8,
    /// Addresses of the other hosts that may hold it.
    pub peers: Vec<IpAddr>,
    /// What it is for: `api` or the name of a proxy or balancer.
    pub owner: Text,
    /// What is watched: when it fails here, the address moves.
    pub check: VipCheck,
}

/// What decides whether a host is fit to hold a virtual address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VipCheck {
    /// The API server answers.
    ApiServer,
    /// A proxy answers on this port.
    Proxy(u16),
    /// A balancer listens on this port.
    Listens(u16),
}

/// Somebody listens on a port of a host.
#[derive(Clone, PartialEq, Debug)]
pub struct PortClaim {
    /// Port.
    pub port: u16,
    /// TCP or UDP.
    pub udp: bool,
    /// At which address; `None` for all.
    pub address: Option<IpAddr>,
    /// Who.
    pub owner: Text,
    /// Where that is written, if anywhere.
    pub origin: Origin,
}

/// Something that becomes pods at a cluster.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name, and that of its objects.
    pub name: Text,
    /// Where that is written.
    pub span: Span,
    /// What it becomes.
    pub shape: Shape,
    /// Where.
    pub cluster: Id<Cluster>,
    /// In which namespace.
    pub namespace: Sourced<Text>,
    /// Its priority.
    pub priority: Sourced<Priority>,
    /// Main container.
    pub app: Container,
    /// Programs that run before it, in order.
    pub inits: Vec<InitPlan>,
    /// Deployments that it is made of: one, or several with limits apart.
    pub variants: Vec<VariantPlan>,
    /// Envoy beside each pod.
    pub sidecar: Option<SidecarPlan>,
    /// How a pod goes.
    pub shutdown: ShutdownPlan,
    /// Volumes of each pod.
    pub volumes: Vec<VolumePlan>,
    /// Files put into each pod.
    pub files: Vec<FilePlan>,
    /// Whether it may talk to the internet.
    pub egress: Sourced<Egress>,
    /// Labels that the author gives it.
    pub labels: Vec<(Text, Sourced<Text>)>,
}

/// What a workload becomes.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Pods that are all alike: Deployments, or a StatefulSet where pods have volumes.
    Service(ServiceShape),
    /// One pod on each host: a DaemonSet, or a static pod.
    Daemon(DaemonShape),
    /// A task: a Job.
    Job(TaskShape),
    /// A task again and again: a CronJob.
    Cron(CronShape),
    /// The way in: a DaemonSet of Envoys.
    Proxy(ProxyPlan),
}

/// What only a service has.
#[derive(Clone, Debug)]
pub struct ServiceShape {
    /// All its pods; where load decides, the most: whatever is proven is proven of them.
    pub replicas: Sourced<u32>,
    /// How load decides of their number, if it does.
    pub scale: Option<ScalePlan>,
    /// Whether pods may share a host, rack or datacenter.
    pub anti_affinity: Sourced<Strictness>,
    /// Of what.
    pub anti_affinity_by: Sourced<By>,
    /// Pods more than wanted during a roll.
    pub surge: Sourced<u32>,
    /// Pods fewer than wanted during a roll.
    pub unavailable: Sourced<u32>,
    /// Pods that drains may take at once.
    pub max_unavailable: Sourced<u32>,
}

/// How load decides of the number of pods.
#[derive(Clone, PartialEq, Debug)]
pub struct ScalePlan {
    /// The fewest.
    pub least: Sourced<u32>,
    /// Percent of its CPU request that a program should use, on average.
    pub cpu: Option<Sourced<u32>>,
    /// Percent of its memory request, likewise.
    pub memory: Option<Sourced<u32>>,
    /// How fast pods are added.
    pub up: SpeedPlan,
    /// How fast pods are taken away.
    pub down: SpeedPlan,
}

/// How fast a number of pods follows what is wanted.
#[derive(Clone, PartialEq, Debug)]
pub struct SpeedPlan {
    /// Seconds that it looks back.
    pub after_s: Sourced<u64>,
    /// So many pods in a period.
    pub pods: Option<Sourced<u32>>,
    /// Such a percentage of the pods in a period.
    pub share: Option<Sourced<u32>>,
    /// Seconds of a period.
    pub every_s: Sourced<u64>,
}

/// What only a daemon has.
#[derive(Clone, Debug)]
pub struct DaemonShape {
    /// Its hosts, by name.
    pub hosts: Vec<Id<Host>>,
    /// Whether that is all nodes of the cluster.
    pub everywhere: bool,
    /// Whether the kubelets start it from a file, as a static pod, and there is no DaemonSet.
    pub static_pod: Sourced<bool>,
    /// Whether it is on the network of its host.
    pub host_network: Sourced<bool>,
}

/// What only tasks have.
#[derive(Clone, Debug)]
pub struct TaskShape {
    /// When it is given up.
    pub deadline: Sourced<Duration>,
    /// Tries after the first.
    pub retries: Sourced<i64>,
    /// How long it is kept after its end.
    pub keep: Sourced<Duration>,
    /// Services that are rolled after it.
    pub before: Vec<Sourced<Text>>,
}

/// What only repeated tasks have.
#[derive(Clone, Debug)]
pub struct CronShape {
    /// Each run.
    pub task: TaskShape,
    /// When.
    pub schedule: Sourced<Arc<Cron>>,
    /// In which time zone.
    pub zone: Sourced<Text>,
    /// How late a run may start.
    pub start_within: Sourced<Duration>,
    /// What happens when the last run is not done.
    pub concurrency: Sourced<Concurrency>,
    /// Ended runs that are kept.
    pub history: Sourced<i64>,
    /// Whether it rests.
    pub suspend: Sourced<bool>,
}

/// The main container of a pod.
#[derive(Clone, Debug)]
pub struct Container {
    /// Image, from its registry, with its digest if that is known.
    pub image: Sourced<Image>,
    /// Command instead of the image's.
    pub command: Option<Vec<Sourced<Text>>>,
    /// Language runtime.
    pub runtime: Sourced<Runtime>,
    /// CPU request.
    pub cpu_request: Sourced<Cpu>,
    /// CPU limit.
    pub cpu_limit: Option<Sourced<Cpu>>,
    /// Ports that it listens on.
    pub ports: Vec<PortPlan>,
    /// Environment, in order; the config comes last.
    pub env: Vec<EnvPlan>,
    /// Config, and the variable that it is in.
    pub config: Option<ConfigPlan>,
    /// Whether it can take traffic.
    pub readiness: Option<ProbePlan>,
    /// Whether it must be restarted.
    pub liveness: Option<ProbePlan>,
    /// Whether it has come up.
    pub startup: Option<ProbePlan>,
}

/// A program that runs to its end before the main one starts. Its memory is that of a variant.
#[derive(Clone, Debug)]
pub struct InitPlan {
    /// Name of its container.
    pub name: Sourced<Text>,
    /// Image, as that of the main container.
    pub image: Sourced<Image>,
    /// Command instead of the image's.
    pub command: Option<Vec<Sourced<Text>>>,
    /// CPU request.
    pub cpu_request: Sourced<Cpu>,
    /// CPU limit.
    pub cpu_limit: Option<Sourced<Cpu>>,
    /// Environment, in order; the config comes last.
    pub env: Vec<EnvPlan>,
    /// Whether it gets the main program's config.
    pub config: Sourced<bool>,
    /// Where it is written.
    pub origin: Origin,
}

/// Memory of a program before the main one, which may be as much as the main one has.
#[derive(Clone, Debug)]
pub struct InitMemoryPlan {
    /// Request.
    pub request: Sourced<Bytes>,
    /// Limit.
    pub limit: Sourced<Bytes>,
    /// Environment that depends on the limit.
    pub env: Vec<EnvPlan>,
}

/// A port of a container.
#[derive(Clone, PartialEq, Debug)]
pub struct PortPlan {
    /// Name.
    pub name: Sourced<Text>,
    /// Number.
    pub number: Sourced<u16>,
    /// What is spoken.
    pub protocol: Sourced<Protocol>,
}

/// An environment variable.
#[derive(Clone, Debug)]
pub struct EnvPlan {
    /// Name.
    pub name: Text,
    /// Value.
    pub value: EnvValue,
    /// Where it comes from.
    pub origin: Origin,
}

/// What an environment variable holds.
#[derive(Clone, PartialEq, Debug)]
pub enum EnvValue {
    /// A text.
    Text(Text),
    /// A key of a secret.
    Secret(Arc<SecretKey>),
    /// A field of the pod: `status.podIP`.
    Field(&'static str),
}

/// Config of a program.
#[derive(Clone, Debug)]
pub struct ConfigPlan {
    /// The variable that it is in.
    pub env: Sourced<Text>,
    /// The values.
    pub value: Sourced<Value>,
}

/// A probe with all its numbers.
#[derive(Clone, Debug)]
pub struct ProbePlan {
    /// What is done.
    pub check: ProbeCheck,
    /// Seconds between two.
    pub period_s: Sourced<u64>,
    /// Seconds for one.
    pub timeout_s: Sourced<u64>,
    /// Failures in a row until it counts.
    pub failures: Sourced<i64>,
    /// Where it is written.
    pub origin: Origin,
}

/// What a probe does.
#[derive(Clone, PartialEq, Debug)]
pub enum ProbeCheck {
    /// GETs a path.
    Http {
        /// Path.
        path: Sourced<Text>,
        /// Name of the port.
        port: Text,
    },
    /// Asks the gRPC health service.
    Grpc {
        /// Service name; empty for the whole server.
        service: Sourced<Text>,
        /// Port.
        port: u16,
    },
    /// Connects.
    Tcp {
        /// Name of the port.
        port: Sourced<Text>,
    },
    /// Runs a command.
    Exec(Vec<Sourced<Text>>),
}

/// One of the Deployments of a service.
#[derive(Clone, Debug)]
pub struct VariantPlan {
    /// Name of the Deployment: that of the service, with `-a`, `-b`, … where there are several.
    pub name: Text,
    /// `a`, `b`, …; `None` where there is one.
    pub letter: Option<char>,
    /// Its pods; where load decides, the most.
    pub replicas: u32,
    /// Its pods, at least.
    pub least: u32,
    /// Memory request of the main container.
    pub memory_request: Sourced<Bytes>,
    /// Memory limit of the main container.
    pub memory_limit: Sourced<Bytes>,
    /// Environment that depends on the limit, before that of all variants.
    pub env: Vec<EnvPlan>,
    /// Memory of the programs before the main one, in their order.
    pub inits: Vec<InitMemoryPlan>,
}

impl VariantPlan {
    /// How many pods it is, in words: `3`, or `2 to 10`.
    pub fn pods(&self) -> String {
        if self.least == self.replicas {
            return self.replicas.to_string();
        }
        format!("{} to {}", self.least, self.replicas)
    }
}

/// How a pod goes.
#[derive(Clone, PartialEq, Debug)]
pub struct ShutdownPlan {
    /// Seconds that it goes on serving after it was taken out of DNS.
    pub pre_stop_s: Sourced<u64>,
    /// Seconds that the program needs after it was told to stop.
    pub drain_s: Sourced<u64>,
    /// Seconds after which it is killed, from the start.
    pub grace_s: Sourced<u64>,
}

/// A volume of each pod.
#[derive(Clone, PartialEq, Debug)]
pub struct VolumePlan {
    /// Name.
    pub name: Text,
    /// Size.
    pub size: Sourced<Bytes>,
    /// Where it is mounted.
    pub path: Sourced<Text>,
    /// Storage class.
    pub class: Option<Sourced<Text>>,
    /// Whether it lies on one host and keeps its pod there.
    pub local: Sourced<bool>,
}

/// A file put into each pod.
#[derive(Clone, PartialEq, Debug)]
pub struct FilePlan {
    /// Path in the container.
    pub path: Sourced<Text>,
    /// Where its contents come from.
    pub from: FileSource,
}

/// Where a file's contents come from.
#[derive(Clone, PartialEq, Debug)]
pub enum FileSource {
    /// A file beside the platform: its path, and its text.
    Path(Sourced<Text>, Arc<str>),
    /// A key of a secret.
    Secret(Arc<SecretKey>),
}

/// A namespace in a cluster.
#[derive(Clone, Debug)]
pub struct NamespacePlan {
    /// Its name.
    pub name: Text,
    /// The cluster.
    pub cluster: Id<Cluster>,
    /// Where it is written.
    pub origin: Origin,
    /// Security level that is enforced.
    pub security: Sourced<Security>,
    /// What all its pods together may ask for.
    pub quota: Option<Sourced<platc_model::generated::Quota>>,
    /// Groups that may deploy into it.
    pub deployers: Vec<Sourced<Text>>,
    /// Labels that the author gives it.
    pub labels: Vec<(Text, Sourced<Text>)>,
}

impl Workload {
    /// The hosts that it belongs on, where no scheduler chooses them.
    pub fn hosts(&self) -> Option<&[Id<Host>]> {
        match &self.shape {
            Shape::Daemon(daemon) => Some(&daemon.hosts),
            Shape::Proxy(proxy) => Some(&proxy.hosts),
            Shape::Service(_) | Shape::Job(_) | Shape::Cron(_) => None,
        }
    }

    /// What Kubernetes calls the objects that its pods come from.
    pub fn kind(&self) -> &'static str {
        match &self.shape {
            Shape::Service(_) if self.volumes.is_empty() => "Deployment",
            Shape::Service(_) => "StatefulSet",
            Shape::Daemon(daemon) if daemon.static_pod.value => "Pod",
            Shape::Daemon(_) | Shape::Proxy(_) => "DaemonSet",
            Shape::Job(_) => "Job",
            Shape::Cron(_) => "CronJob",
        }
    }

    /// Whether a pod that has once found a host stays there, because a volume of it does.
    pub fn is_bound(&self) -> bool {
        self.volumes.iter().any(|volume| volume.local.value)
    }

    /// Whether the kubelets of its hosts start it from a file, so that it refers to no objects of the cluster.
    pub fn is_static_pod(&self) -> bool {
        matches!(&self.shape, Shape::Daemon(daemon) if daemon.static_pod.value)
    }
}

impl ClusterPlan {
    /// Those of a plan's workloads that belong on certain hosts of the cluster, this one among them.
    pub(crate) fn workloads_on<'w>(
        &self,
        id: Id<Host>,
        workloads: &'w [Workload],
    ) -> impl Iterator<Item = &'w Workload> {
        let all = self.on_hosts.iter().filter_map(|number| workloads.get(*number));
        all.filter(move |workload| workload.hosts().is_some_and(|hosts| hosts.contains(&id)))
    }

    /// Whether a member of its etcd, inside or outside of the control plane, is on that host.
    pub fn has_etcd_on(&self, host: Id<Host>) -> bool {
        match &self.etcd {
            Some(etcd) => etcd.members.iter().any(|member| member.host == Some(host)),
            None => self.control_plane.contains(&host),
        }
    }
}

impl Plan {
    /// The cluster that a host is a node of, with its plan.
    pub fn cluster_of(&self, host: &HostPlan) -> Option<&ClusterPlan> {
        host.cluster.map(|cluster| self.clusters.at(cluster))
    }

    /// Everything that becomes pods at a cluster, by namespace and name.
    pub fn workloads_at(&self, cluster: Id<Cluster>) -> impl Iterator<Item = &Workload> {
        let first = self.workloads.partition_point(|workload| workload.cluster < cluster);
        let all = self.workloads.get(first..).unwrap_or_default();
        all.iter().take_while(move |workload| workload.cluster == cluster)
    }

    /// Those of them that belong on certain hosts, this one among them.
    pub fn workloads_on(&self, id: Id<Host>) -> impl Iterator<Item = &Workload> {
        let cluster = self.cluster_of(self.hosts.at(id));
        cluster.into_iter().flat_map(move |cluster| cluster.workloads_on(id, &self.workloads))
    }
}

impl Amount {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cpu: Cpu::milli(self.cpu.as_milli().saturating_add(other.cpu.as_milli())),
            memory: Bytes::new(self.memory.get().saturating_add(other.memory.get())),
        }
    }

    /// The larger of both, of CPU and of memory.
    #[must_use]
    pub fn or_more(self, other: Self) -> Self {
        Self { cpu: self.cpu.max(other.cpu), memory: self.memory.max(other.memory) }
    }

    /// So many times.
    #[must_use]
    pub fn times(self, n: u64) -> Self {
        Self {
            cpu: Cpu::milli(self.cpu.as_milli().saturating_mul(n)),
            memory: Bytes::new(self.memory.get().saturating_mul(n)),
        }
    }

    /// What is left of it; nothing is less than nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            cpu: Cpu::milli(self.cpu.as_milli().saturating_sub(other.cpu.as_milli())),
            memory: Bytes::new(self.memory.get().saturating_sub(other.memory.get())),
        }
    }

    /// Whether this much fits into `room`.
    pub fn fits(self, room: Self) -> bool {
        self.cpu <= room.cpu && self.memory <= room.memory
    }
}
