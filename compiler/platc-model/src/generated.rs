//! Structs for the kinds and record types of `stdlib/kinds`, made by `cargo xtask codegen`.
//! Do not edit: edit the kinds and run it again.
//!
//! Start with [`Declarations`].

use std::net::IpAddr;
use std::sync::Arc;

use platc_diag::Sourced;

use crate::declared::{AtPlaces, Declared, Records};
use crate::ids::{Id, Items, Kind};
use crate::read::{Fields, FromRecord, FromValue};
use crate::scalar::{self, Bytes, Cidr, Cpu, Date, Duration, HostPort, Image, Mac, Percent, Version};
use crate::value::{Text, Value};

/// All declarations of a platform, by kind.
#[derive(Clone, Default, Debug)]
pub struct Declarations {
    /// A Kubernetes cluster, made of the hosts of its datacenters.
    pub clusters: Items<Cluster, Declared<Cluster>>,
    /// The whole: what all its clusters share.
    pub platforms: Items<Platform, Declared<Platform>>,
    /// The line between two datacenters.
    pub links: Items<Link, Declared<Link>>,
    /// A place with its networks and hosts.
    pub datacenters: Items<Datacenter, Declared<Datacenter>>,
    /// Hosts that share power or a switch, and so can be lost together.
    pub racks: Items<Rack, Declared<Rack>>,
    /// A machine.
    pub hosts: Items<Host, Declared<Host>>,
    /// A stateful daemon that stays outside Kubernetes.
    pub statefuls: Items<Stateful, AtPlaces<Stateful, Datacenter>>,
    /// A namespace, the same in each cluster that has something in it.
    pub namespaces: Items<Namespace, AtPlaces<Namespace, Cluster>>,
    /// A secret by name and keys.
    pub secrets: Items<Secret, Declared<Secret>>,
    /// A policy of your own: a WebAssembly component.
    pub plugins: Items<Plugin, Declared<Plugin>>,
    /// Puts a policy to work: one that is declared with `plugin`, or one of the library.
    pub uses: Items<Use, Declared<Use>>,
    /// Waives a finding on a thing.
    pub allows: Items<Allow, Declared<Allow>>,
    /// Agrees to a change that cannot be taken back: `move`, `shrink`, `remove` or `renumber`.
    pub consents: Items<Consent, Declared<Consent>>,
    /// Kubernetes objects that the language has no word for.
    pub raws: Items<Raw, AtPlaces<Raw, Cluster>>,
    /// The way in: an Envoy on the network of certain hosts, as a DaemonSet.
    pub proxies: Items<Proxy, AtPlaces<Proxy, Cluster>>,
    /// Balancers on machines that are in no cluster: files for the software that runs there.
    pub balancers: Items<Balancer, Declared<Balancer>>,
    /// Something that is not ours: a name and a port on the internet or in the house.
    pub externals: Items<External, Declared<External>>,
    /// A program that answers on its ports: pods that are all alike, behind one name.
    pub services: Items<Service, AtPlaces<Service, Cluster>>,
    /// A program with one pod on each host.
    pub daemons: Items<Daemon, AtPlaces<Daemon, Cluster>>,
    /// A task that is done once for each revision of it.
    pub jobs: Items<Job, AtPlaces<Job, Cluster>>,
    /// A task that is done again and again.
    pub crons: Items<Cron, AtPlaces<Cron, Cluster>>,
}

impl Declarations {
    /// Reads all of them.
    pub fn read(from: &impl Records) -> Self {
        Self {
            clusters: from.declared(),
            platforms: from.declared(),
            links: from.declared(),
            datacenters: from.declared(),
            racks: from.declared(),
            hosts: from.declared(),
            statefuls: from.at_places(),
            namespaces: from.at_places(),
            secrets: from.declared(),
            plugins: from.declared(),
            uses: from.declared(),
            allows: from.declared(),
            consents: from.declared(),
            raws: from.at_places(),
            proxies: from.at_places(),
            balancers: from.declared(),
            externals: from.declared(),
            services: from.at_places(),
            daemons: from.at_places(),
            jobs: from.at_places(),
            crons: from.at_places(),
        }
    }
}

/// A Kubernetes cluster, made of the hosts of its datacenters.
#[derive(Clone, PartialEq, Debug)]
pub struct Cluster {
    /// Where its hosts are. May be left out while there is one datacenter.
    pub in_: Vec<Sourced<Id<Datacenter>>>,
    /// Network by which its nodes talk. May be left out while its datacenters have one with hosts on it.
    pub network: Option<Sourced<Text>>,
    /// Addresses of its pods.
    pub pods: Sourced<PodRange>,
    /// Addresses of its Services. Needed even where nothing routes them: the API server has the first.
    pub services: Sourced<Cidr>,
    /// Where its API server is found, and what balances it.
    pub api: Sourced<Api>,
    /// How packets between pods find their host.
    pub routing: Sourced<Routing>,
    /// Who makes virtual Service addresses work; `none` means headless Services and Envoy. By default
    /// `none`, and `cilium` with Cilium.
    pub service_proxy: Option<Sourced<ServiceProxy>>,
    /// Its DNS.
    pub dns: Sourced<Dns>,
    /// Pods on one host, at most.
    pub max_pods: Sourced<i64>,
    /// What its control plane reserves on each control-plane host.
    pub control_plane: Sourced<ControlPlane>,
    /// An etcd of its own, outside of the control plane. By default each control-plane host runs a member.
    pub etcd: Option<Sourced<Etcd>>,
    /// Its version, if it is not the platform's.
    pub kubernetes: Option<Sourced<Version>>,
    /// What it must live through.
    pub survives: Option<Sourced<Survives>>,
}

impl FromRecord for Cluster {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            in_: fields.list(),
            network: fields.optional(),
            pods: fields.record(),
            services: fields.required(),
            api: fields.record(),
            routing: fields.required(),
            service_proxy: fields.optional(),
            dns: fields.record(),
            max_pods: fields.required(),
            control_plane: fields.record(),
            etcd: fields.maybe_record(),
            kubernetes: fields.optional(),
            survives: fields.maybe_record(),
        }
    }
}

impl Kind for Cluster {
    const NAME: &'static str = "cluster";
}

/// Addresses for pods.
#[derive(Clone, PartialEq, Debug)]
pub struct PodRange {
    /// The range of the cluster.
    pub range: Sourced<Cidr>,
    /// Prefix length of a host's share. 24 gives 253 addresses.
    pub per_host: Sourced<i64>,
}

impl FromRecord for PodRange {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { range: fields.required(), per_host: fields.required() }
    }
}

/// Where an API server is found.
#[derive(Clone, PartialEq, Debug)]
pub struct Api {
    /// Name or address, and port; by default `api.NAME.internal:7443`.
    pub endpoint: Option<Sourced<HostPort>>,
    /// What stands before the API servers: a static pod on each host, a service of the init system on each
    /// host, or a virtual address that moves.
    pub balancer: Sourced<ApiBalancer>,
}

impl FromRecord for Api {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { endpoint: fields.optional(), balancer: fields.required() }
    }
}

/// Cluster DNS.
#[derive(Clone, PartialEq, Debug)]
pub struct Dns {
    /// Hosts that run CoreDNS; their addresses are its addresses.
    pub on: Vec<Sourced<On>>,
    /// Domain of the cluster.
    pub domain: Sourced<Text>,
    /// Whether each host keeps a cache of its own, at 169.254.20.10. Pods ask it first, and CoreDNS where it
    /// does not answer.
    pub node_local: Sourced<bool>,
}

impl FromRecord for Dns {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { on: fields.list(), domain: fields.required(), node_local: fields.required() }
    }
}

/// Requests of the control plane's static pods, on each control-plane host.
#[derive(Clone, PartialEq, Debug)]
pub struct ControlPlane {
    /// kube-apiserver.
    pub apiserver: Sourced<Component>,
    /// kube-controller-manager.
    pub controller_manager: Sourced<Component>,
    /// kube-scheduler.
    pub scheduler: Sourced<Component>,
    /// etcd.
    pub etcd: Sourced<Component>,
}

impl FromRecord for ControlPlane {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            apiserver: fields.record(),
            controller_manager: fields.record(),
            scheduler: fields.record(),
            etcd: fields.record(),
        }
    }
}

/// An etcd that runs elsewhere, with one, three or five members. Who runs it sets it up; the files that are named
/// here lie on the first control-plane host before the cluster begins, and kubeadm hands them on to the others.
#[derive(Clone, PartialEq, Debug)]
pub struct Etcd {
    /// Hosts of its members.
    pub on: Option<Vec<Sourced<Id<Host>>>>,
    /// Port of members on hosts.
    pub port: Sourced<u16>,
    /// Members that are no hosts of this platform: names or addresses, and ports.
    pub endpoints: Option<Vec<Sourced<HostPort>>>,
    /// Certificate of the authority that members are known by.
    pub ca: Sourced<Text>,
    /// Certificate that API servers show.
    pub certificate: Sourced<Text>,
    /// Its key.
    pub key: Sourced<Text>,
}

impl FromRecord for Etcd {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            on: fields.maybe_list(),
            port: fields.required(),
            endpoints: fields.maybe_list(),
            ca: fields.required(),
            certificate: fields.required(),
            key: fields.required(),
        }
    }
}

/// Requests of one control-plane component; what is left out is kubeadm's default.
#[derive(Clone, PartialEq, Debug)]
pub struct Component {
    /// CPU.
    pub cpu: Option<Sourced<Cpu>>,
    /// Memory.
    pub memory: Option<Sourced<Bytes>>,
}

impl FromRecord for Component {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { cpu: fields.optional(), memory: fields.optional() }
    }
}

/// The whole: what all its clusters share. There is one, in `platform.kdl`, and the directory of that
/// file is the platform.
#[derive(Clone, PartialEq, Debug)]
pub struct Platform {
    /// Kubernetes version of each cluster that does not name its own, with the patch number.
    pub kubernetes: Sourced<Version>,
    /// Envoy version of sidecars and proxies.
    pub envoy: Sourced<Version>,
    /// containerd version on the hosts; by default the newest line that the Kubernetes minor supports.
    pub containerd: Option<Sourced<Version>>,
    /// Where images without a registry of their own come from.
    pub registry: Option<Sourced<Registry>>,
    /// Where traces of requests are sent.
    pub tracing: Option<Sourced<Tracing>>,
    /// What each cluster of it must live through.
    pub survives: Option<Sourced<Survives>>,
}

impl FromRecord for Platform {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            kubernetes: fields.required(),
            envoy: fields.required(),
            containerd: fields.optional(),
            registry: fields.maybe_record(),
            tracing: fields.maybe_record(),
            survives: fields.maybe_record(),
        }
    }
}

impl Kind for Platform {
    const NAME: &'static str = "platform";
}

/// A registry, and the secret with which images are pulled from it.
#[derive(Clone, PartialEq, Debug)]
pub struct Registry {
    /// Name, with a port if it is not 443.
    pub host: Sourced<Text>,
    /// Secret of kind `docker-registry` that each pod gets.
    pub pull_secret: Option<Sourced<Id<Secret>>>,
}

impl FromRecord for Registry {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { host: fields.required(), pull_secret: fields.optional() }
    }
}

/// Traces: Envoys report what each request took and where, and pass the `traceparent` of W3C on.
#[derive(Clone, PartialEq, Debug)]
pub struct Tracing {
    /// Collector that speaks OTLP over gRPC.
    pub collector: Sourced<HostPort>,
    /// Share of the requests without a decision of their own that are reported.
    pub sample: Sourced<Percent>,
}

impl FromRecord for Tracing {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { collector: fields.required(), sample: fields.required() }
    }
}

/// What may be lost at once while everything still fits and each quorum stands. Proved at each build.
#[derive(Clone, PartialEq, Debug)]
pub struct Survives {
    /// Any so many hosts.
    pub host: Sourced<i64>,
    /// Any so many racks.
    pub rack: Sourced<i64>,
    /// Any so many datacenters.
    pub datacenter: Sourced<i64>,
}

impl FromRecord for Survives {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { host: fields.required(), rack: fields.required(), datacenter: fields.required() }
    }
}

/// The line between two datacenters. Their control planes and replicas feel its length.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    /// The two ends.
    pub between: Vec<Sourced<Id<Datacenter>>>,
    /// Round-trip time.
    pub rtt: Sourced<Duration>,
}

impl FromRecord for Link {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { between: fields.list(), rtt: fields.required() }
    }
}

impl Kind for Link {
    const NAME: &'static str = "link";
}

/// A place with its networks and hosts. Its name becomes the zone of its hosts.
#[derive(Clone, PartialEq, Debug)]
pub struct Datacenter {
    /// Region that the hosts are labelled with; datacenters of one region share it.
    pub region: Option<Sourced<Text>>,
    /// Networks of the place. One without a host's address on it is for virtual addresses.
    pub network: Vec<Sourced<Network>>,
    /// Resolvers of the hosts: two at most, because pods need the third place in `resolv.conf`.
    pub nameservers: Vec<Sourced<IpAddr>>,
    /// What the border router does. It is not ours to configure, but programs depend on it.
    pub border: Option<Sourced<Border>>,
}

impl FromRecord for Datacenter {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            region: fields.optional(),
            network: fields.records(),
            nameservers: fields.list(),
            border: fields.maybe_record(),
        }
    }
}

impl Kind for Datacenter {
    const NAME: &'static str = "datacenter";
}

/// An address range on a wire.
#[derive(Clone, PartialEq, Debug)]
pub struct Network {
    /// Name, for `cluster { network … }` and for messages.
    pub name: Sourced<Text>,
    /// Its range.
    pub cidr: Sourced<Cidr>,
    /// Router towards everything else.
    pub gateway: Option<Sourced<IpAddr>>,
    /// Interface that carries it, on each host of the place that does not say otherwise.
    pub interface: Sourced<Text>,
    /// Largest packet, in bytes.
    pub mtu: Sourced<i64>,
}

impl FromRecord for Network {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.required(),
            cidr: fields.required(),
            gateway: fields.optional(),
            interface: fields.required(),
            mtu: fields.required(),
        }
    }
}

/// What the router between the place and the world is set up to do.
#[derive(Clone, PartialEq, Debug)]
pub struct Border {
    /// Source ranges whose packets to the internet leave under a public address.
    pub nat: Vec<Sourced<Cidr>>,
}

impl FromRecord for Border {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { nat: fields.list() }
    }
}

/// Hosts that share power or a switch, and so can be lost together.
#[derive(Clone, PartialEq, Debug)]
pub struct Rack {}

impl FromRecord for Rack {
    fn read(_: &mut Fields<'_>) -> Self {
        Self {}
    }
}

impl Kind for Rack {
    const NAME: &'static str = "rack";
}

/// A machine. With the roles `control-plane` or `worker` it is a node of the cluster of its
/// datacenter; with `outside` it is in no cluster, but pods reach it and it reaches pods.
#[derive(Clone, PartialEq, Debug)]
pub struct Host {
    /// Its address, if it has one network card.
    pub address: Option<Sourced<IpAddr>>,
    /// Its network cards, if it has several.
    pub nic: Vec<Sourced<Nic>>,
    /// What it is for.
    pub roles: Vec<Sourced<Role>>,
    /// Logical CPUs as the kernel counts them. Needed in a cluster.
    pub cpu: Option<Sourced<i64>>,
    /// Memory as `MemTotal` of `/proc/meminfo` has it, not what the modules say. Needed in a cluster.
    pub memory: Option<Sourced<Bytes>>,
    /// Whether each core runs two threads, with the siblings of the first half in the second half of the
    /// numbers. Say `topology` when the machine counts otherwise.
    pub smt: Sourced<bool>,
    /// File with the output of `lscpu -p=CPU,CORE,SOCKET,NODE`, so that whole cores are reserved.
    pub topology: Option<Sourced<Text>>,
    /// Its cluster, where several clusters share the datacenter.
    pub cluster: Option<Sourced<Id<Cluster>>>,
    /// Its pod range; by default the next free one of the cluster, kept in `platc.lock`.
    pub pods: Option<Sourced<Cidr>>,
    /// Init system.
    pub init: Sourced<Init>,
    /// What its routes are written for; by default `networkd`, `openrc` under OpenRC.
    pub net_config: Option<Sourced<NetConfig>>,
    /// Who answers for `/etc/resolv.conf`; by default `resolved` with networkd and netplan.
    pub resolver: Option<Sourced<Resolver>>,
    /// File system of the root.
    pub rootfs: Sourced<Rootfs>,
}

impl FromRecord for Host {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            address: fields.optional(),
            nic: fields.records(),
            roles: fields.list(),
            cpu: fields.optional(),
            memory: fields.optional(),
            smt: fields.required(),
            topology: fields.optional(),
            cluster: fields.optional(),
            pods: fields.optional(),
            init: fields.required(),
            net_config: fields.optional(),
            resolver: fields.optional(),
            rootfs: fields.required(),
        }
    }
}

impl Kind for Host {
    const NAME: &'static str = "host";
}

/// A network card.
#[derive(Clone, PartialEq, Debug)]
pub struct Nic {
    /// Name of the interface.
    pub name: Sourced<Text>,
    /// Hardware address, by which the name is pinned.
    pub mac: Option<Sourced<Mac>>,
    /// Address on it, inside one network of the datacenter.
    pub address: Sourced<IpAddr>,
}

impl FromRecord for Nic {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { name: fields.required(), mac: fields.optional(), address: fields.required() }
    }
}

/// An amount of CPU and memory.
#[derive(Clone, PartialEq, Debug)]
pub struct Amount {
    /// CPUs.
    pub cpu: Sourced<Cpu>,
    /// Memory.
    pub memory: Sourced<Bytes>,
}

impl FromRecord for Amount {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { cpu: fields.required(), memory: fields.required() }
    }
}

/// A stateful daemon that stays outside Kubernetes. On a cluster host it has cores and memory of its
/// own, and the kubelet is told that it has them not.
#[derive(Clone, PartialEq, Debug)]
pub struct Stateful {
    /// Hosts that it lives on.
    pub on: Vec<Sourced<Member>>,
    /// Ports that it listens on.
    pub port: Vec<Sourced<StatefulPort>>,
    /// Unit or service name that the init system knows it by; by default its name.
    pub unit: Option<Sourced<Text>>,
    /// What it gets on each host that does not say otherwise. Needed on cluster hosts.
    pub reserve: Option<Sourced<Reserve>>,
    /// Members that must be alive at each place; by default the majority, and one where there are roles.
    pub min_alive: Option<Sourced<i64>>,
    /// Directory of its data.
    pub data: Option<Sourced<Text>>,
}

impl FromRecord for Stateful {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            on: fields.records(),
            port: fields.records(),
            unit: fields.optional(),
            reserve: fields.maybe_record(),
            min_alive: fields.optional(),
            data: fields.optional(),
        }
    }
}

impl Kind for Stateful {
    const NAME: &'static str = "stateful";
}

/// A host that a stateful daemon lives on.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// The hosts; each is a member.
    pub host: Sourced<Id<Host>>,
    /// Its part, where members differ.
    pub role: Option<Sourced<MemberRole>>,
    /// What it gets on this host, if not what all get.
    pub reserve: Option<Sourced<Reserve>>,
    /// Datacenters whose pods it answers; by default its own, which is always one of them.
    pub serves: Option<Vec<Sourced<Id<Datacenter>>>>,
}

impl FromRecord for Member {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            host: fields.required(),
            role: fields.optional(),
            reserve: fields.maybe_record(),
            serves: fields.maybe_list(),
        }
    }
}

/// A port by name.
#[derive(Clone, PartialEq, Debug)]
pub struct StatefulPort {
    /// Name, by which configs ask for it.
    pub name: Sourced<Text>,
    /// Number.
    pub port: Sourced<u16>,
}

impl FromRecord for StatefulPort {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { name: fields.required(), port: fields.required() }
    }
}

/// Cores and memory that belong to a daemon.
#[derive(Clone, PartialEq, Debug)]
pub struct Reserve {
    /// Whole CPUs.
    pub cpu: Sourced<i64>,
    /// Memory, page cache included: the hard limit of its slice.
    pub memory: Sourced<Bytes>,
    /// Its heap, if it has one; more than 70 % of the memory starves its page cache.
    pub heap: Option<Sourced<Bytes>>,
    /// The CPUs by number, if they must be certain ones.
    pub cpus: Option<Sourced<Text>>,
}

impl FromRecord for Reserve {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            cpu: fields.required(),
            memory: fields.required(),
            heap: fields.optional(),
            cpus: fields.optional(),
        }
    }
}

/// A namespace, the same in each cluster that has something in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Namespace {
    /// What all its pods together may ask for.
    pub quota: Option<Sourced<Quota>>,
    /// Pod security level that is enforced.
    pub security: Sourced<Security>,
    /// Groups that may deploy into it.
    pub deployers: Option<Vec<Sourced<Text>>>,
    /// Labels of the namespace, beside those that platc needs for itself.
    pub labels: Vec<(Text, Sourced<Text>)>,
}

impl FromRecord for Namespace {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            quota: fields.maybe_record(),
            security: fields.required(),
            deployers: fields.maybe_list(),
            labels: fields.map(),
        }
    }
}

impl Kind for Namespace {
    const NAME: &'static str = "namespace";
}

/// What all pods of a namespace together may ask for.
#[derive(Clone, PartialEq, Debug)]
pub struct Quota {
    /// CPU requests.
    pub cpu: Option<Sourced<Cpu>>,
    /// Memory requests.
    pub memory: Option<Sourced<Bytes>>,
    /// Memory limits.
    pub memory_limit: Option<Sourced<Bytes>>,
    /// Pods.
    pub pods: Option<Sourced<i64>>,
    /// Deployments.
    pub deployments: Option<Sourced<i64>>,
    /// Jobs.
    pub jobs: Option<Sourced<i64>>,
}

impl FromRecord for Quota {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            cpu: fields.optional(),
            memory: fields.optional(),
            memory_limit: fields.optional(),
            pods: fields.optional(),
            deployments: fields.optional(),
            jobs: fields.optional(),
        }
    }
}

/// A secret by name and keys. Platc never sees its values: delivery fills them in.
#[derive(Clone, PartialEq, Debug)]
pub struct Secret {
    /// Keys; `docker-registry` and `tls` have theirs by definition.
    pub keys: Option<Vec<Sourced<Text>>>,
    /// What Kubernetes calls its type.
    pub kind: Sourced<SecretKind>,
    /// Whether somebody else puts it into the cluster.
    pub existing: Sourced<bool>,
}

impl FromRecord for Secret {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { keys: fields.maybe_list(), kind: fields.required(), existing: fields.required() }
    }
}

impl Kind for Secret {
    const NAME: &'static str = "secret";
}

/// A policy of your own: a WebAssembly component.
#[derive(Clone, PartialEq, Debug)]
pub struct Plugin {
    /// A file below the platform, or `oci://…@sha256:…`.
    pub from: Sourced<Text>,
}

impl FromRecord for Plugin {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { from: fields.required() }
    }
}

impl Kind for Plugin {
    const NAME: &'static str = "plugin";
}

/// Puts a policy to work: one that is declared with `plugin`, or one of the library.
#[derive(Clone, PartialEq, Debug)]
pub struct Use {
    /// How serious its findings are; by default as each rule says.
    pub level: Option<Sourced<Level>>,
    /// Settings, checked against the policy's schema.
    pub settings: Sourced<Value>,
}

impl FromRecord for Use {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { level: fields.optional(), settings: fields.required() }
    }
}

impl Kind for Use {
    const NAME: &'static str = "use";
}

/// Waives a finding on a thing. An error needs an end date; a warning that is by design only a reason.
#[derive(Clone, PartialEq, Debug)]
pub struct Allow {
    /// What it is about; in a declaration, the declaration.
    pub on: Option<Vec<Sourced<Text>>>,
    /// Why.
    pub reason: Sourced<Text>,
    /// First day on which it holds no more.
    pub until: Option<Sourced<Date>>,
}

impl FromRecord for Allow {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { on: fields.maybe_list(), reason: fields.required(), until: fields.optional() }
    }
}

impl Kind for Allow {
    const NAME: &'static str = "allow";
}

/// Agrees to a change that cannot be taken back: `move`, `shrink`, `remove` or `renumber`.
#[derive(Clone, PartialEq, Debug)]
pub struct Consent {
    /// What it is about.
    pub on: Sourced<Text>,
    /// What is given up.
    pub from: Option<Sourced<Text>>,
    /// What it becomes.
    pub to: Option<Sourced<Text>>,
    /// Why.
    pub reason: Sourced<Text>,
}

impl FromRecord for Consent {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            on: fields.required(),
            from: fields.optional(),
            to: fields.optional(),
            reason: fields.required(),
        }
    }
}

impl Kind for Consent {
    const NAME: &'static str = "consent";
}

/// Kubernetes objects that the language has no word for. They pass as they are, without interpolation,
/// and are checked against the cluster's version, counted, labelled and pruned like the rest.
#[derive(Clone, PartialEq, Debug)]
pub struct Raw {
    /// Clusters that they go to. May be left out while there is one.
    pub in_: Vec<Sourced<Id<Cluster>>>,
    /// A YAML file with objects.
    pub from: Option<Sourced<Text>>,
    /// An object.
    pub object: Vec<Sourced<RawObject>>,
}

impl FromRecord for Raw {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { in_: fields.list(), from: fields.optional(), object: fields.records() }
    }
}

impl Kind for Raw {
    const NAME: &'static str = "raw";
}

/// A Kubernetes object.
#[derive(Clone, PartialEq, Debug)]
pub struct RawObject {
    /// Its fields.
    pub value: Sourced<Value>,
}

impl FromRecord for RawObject {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { value: fields.required() }
    }
}

/// The way in: an Envoy on the network of certain hosts, as a DaemonSet.
#[derive(Clone, PartialEq, Debug)]
pub struct Proxy {
    /// Fields of [`Placed`].
    pub placed: Placed,
    /// Hosts, by role or name.
    pub on: Vec<Sourced<On>>,
    /// Ports that it listens on, on the hosts' addresses.
    pub listen: Vec<Sourced<Listen>>,
    /// Names that it answers for.
    pub domain: Vec<Sourced<Domain>>,
    /// Paths that it answers for under any name.
    pub route: Vec<Sourced<Route>>,
    /// Virtual addresses that its hosts hold; each lives on one of them and moves when that one dies.
    pub vips: Option<Vec<Sourced<IpAddr>>>,
    /// Connections on one host, at most.
    pub max_connections: Sourced<i64>,
}

impl FromRecord for Proxy {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            placed: Placed::read(fields),
            on: fields.list(),
            listen: fields.records(),
            domain: fields.records(),
            route: fields.records(),
            vips: fields.maybe_list(),
            max_connections: fields.required(),
        }
    }
}

impl Kind for Proxy {
    const NAME: &'static str = "proxy";
}

/// A port of a proxy.
#[derive(Clone, PartialEq, Debug)]
pub struct Listen {
    /// Number.
    pub port: Sourced<u16>,
    /// Port of its admin interface, on loopback; by default one from 9911 on.
    pub admin: Option<Sourced<u16>>,
    /// Secret of kind `tls` whose certificate it shows.
    pub tls: Option<Sourced<Id<Secret>>>,
}

impl FromRecord for Listen {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { port: fields.required(), admin: fields.optional(), tls: fields.optional() }
    }
}

/// A name that a proxy answers for.
#[derive(Clone, PartialEq, Debug)]
pub struct Domain {
    /// The name.
    pub name: Sourced<Text>,
    /// What is answered by whom, by the longest path that fits; nothing fits: 404.
    pub route: Vec<Sourced<Route>>,
}

impl FromRecord for Domain {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { name: fields.required(), route: fields.records() }
    }
}

/// A path, and who answers.
#[derive(Clone, PartialEq, Debug)]
pub struct Route {
    /// Beginning of the path.
    pub path: Sourced<Text>,
    /// Who answers.
    pub to: Sourced<Id<Service>>,
    /// How long an answer may take, retries included.
    pub timeout: Sourced<Duration>,
    /// Tries after the first.
    pub retries: Sourced<i64>,
    /// How bad it must be to try again.
    pub retry_on: Sourced<RetryOn>,
    /// How long one try may take. By default the whole timeout, and with `retry-on=gateway` its share of it:
    /// only there a try that took too long is made again.
    pub per_try: Option<Sourced<Duration>>,
    /// Requests under way at once from one host, at most: what is more fails at once instead of piling up. By
    /// default the proxy's `max-connections`.
    pub concurrency: Option<Sourced<i64>>,
    /// Port of the service; may be left out while it has one.
    pub port: Option<Sourced<Text>>,
    /// Cluster that answers, if not the proxy's own.
    pub in_: Option<Sourced<Id<Cluster>>>,
}

impl FromRecord for Route {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            path: fields.required(),
            to: fields.required(),
            timeout: fields.required(),
            retries: fields.required(),
            retry_on: fields.required(),
            per_try: fields.optional(),
            concurrency: fields.optional(),
            port: fields.optional(),
            in_: fields.optional(),
        }
    }
}

/// Balancers on machines that are in no cluster: files for the software that runs there.
#[derive(Clone, PartialEq, Debug)]
pub struct Balancer {
    /// Machines.
    pub on: Vec<Sourced<Id<Host>>>,
    /// What runs there.
    pub software: Sourced<Software>,
    /// Port that it listens on.
    pub listen: Sourced<u16>,
    /// Virtual addresses that the machines hold between them.
    pub vips: Option<Vec<Sourced<IpAddr>>>,
    /// What is sent where.
    pub route: Vec<Sourced<BalancerRoute>>,
}

impl FromRecord for Balancer {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            on: fields.list(),
            software: fields.required(),
            listen: fields.required(),
            vips: fields.maybe_list(),
            route: fields.records(),
        }
    }
}

impl Kind for Balancer {
    const NAME: &'static str = "balancer";
}

/// A path, and the proxy that it is sent to.
#[derive(Clone, PartialEq, Debug)]
pub struct BalancerRoute {
    /// Beginning of the path.
    pub path: Sourced<Text>,
    /// The proxy.
    pub to: Sourced<Id<Proxy>>,
    /// How long an answer may take. More than the proxy's own routes may take below that path.
    pub timeout: Sourced<Duration>,
    /// Other proxies that are tried when one does not accept.
    pub retries: Sourced<i64>,
    /// Cluster whose proxies answer when none of the own place does.
    pub backup: Option<Sourced<Id<Cluster>>>,
}

impl FromRecord for BalancerRoute {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            path: fields.required(),
            to: fields.required(),
            timeout: fields.required(),
            retries: fields.required(),
            backup: fields.optional(),
        }
    }
}

/// Something that is not ours: a name and a port on the internet or in the house.
#[derive(Clone, PartialEq, Debug)]
pub struct External {
    /// Where it is.
    pub address: Sourced<HostPort>,
    /// Whether the way there leads over the internet, and so needs `egress internet`.
    pub internet: Sourced<bool>,
}

impl FromRecord for External {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { address: fields.required(), internet: fields.required() }
    }
}

impl Kind for External {
    const NAME: &'static str = "external";
}

/// What becomes pods at a place.
#[derive(Clone, PartialEq, Debug)]
pub struct Placed {
    /// Clusters that it runs in. May be left out while there is one.
    pub in_: Vec<Sourced<Id<Cluster>>>,
    /// Namespace of its objects. May be left out while there is one; with none declared it is the platform's name.
    pub namespace: Option<Sourced<Id<Namespace>>>,
    /// CPU of its main container: one value for request and limit, or each by name.
    pub cpu: Sourced<CpuAmount>,
    /// Memory of its main container: one value for request and limit, or each by name.
    pub memory: Sourced<MemoryAmount>,
    /// Who goes first when there is not enough for all.
    pub priority: Sourced<Priority>,
    /// Labels of its objects and pods, beside those that platc needs for itself.
    pub labels: Vec<(Text, Sourced<Text>)>,
}

impl FromRecord for Placed {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            in_: fields.list(),
            namespace: fields.optional(),
            cpu: fields.record(),
            memory: fields.record(),
            priority: fields.required(),
            labels: fields.map(),
        }
    }
}

/// CPU of a container.
#[derive(Clone, PartialEq, Debug)]
pub struct CpuAmount {
    /// Request and limit at once.
    pub both: Option<Sourced<Cpu>>,
    /// What it is sure to get.
    pub request: Option<Sourced<Cpu>>,
    /// What it can never have more than.
    pub limit: Option<Sourced<Cpu>>,
}

impl FromRecord for CpuAmount {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { both: fields.optional(), request: fields.optional(), limit: fields.optional() }
    }
}

/// Memory of a container.
#[derive(Clone, PartialEq, Debug)]
pub struct MemoryAmount {
    /// Request and limit at once.
    pub both: Option<Sourced<Bytes>>,
    /// What it is sure to get.
    pub request: Option<Sourced<Bytes>>,
    /// What it is killed above. By default the request.
    pub limit: Option<Sourced<Bytes>>,
    /// So many Deployments with limits apart, so that a leak never kills all pods at once.
    pub variants: Sourced<i64>,
    /// How far the limits of neighbours are apart.
    pub spread: Sourced<Percent>,
}

impl FromRecord for MemoryAmount {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            both: fields.optional(),
            request: fields.optional(),
            limit: fields.optional(),
            variants: fields.required(),
            spread: fields.required(),
        }
    }
}

/// What runs a program of ours.
#[derive(Clone, PartialEq, Debug)]
pub struct Workload {
    /// Image; one without a registry comes from the platform's. A tag is resolved by `platc.lock`.
    pub image: Sourced<Arc<Image>>,
    /// Command with its arguments, instead of the image's.
    pub command: Option<Vec<Sourced<Text>>>,
    /// Language runtime, for what it must be told of its limits.
    pub runtime: Sourced<Runtime>,
    /// Environment variables; a secret's key is written `"${secret.NAME.KEY}"`.
    pub env: Vec<(Text, Sourced<Value>)>,
    /// Files put into the pod; contents from a file beside the platform or from a secret.
    pub file: Vec<Sourced<PodFile>>,
    /// Configuration, as YAML in one environment variable.
    pub config: Option<Sourced<Config>>,
    /// Services that it calls, through its sidecar.
    pub calls: Vec<Sourced<Call>>,
    /// Whether it may talk to the internet.
    pub egress: Sourced<Egress>,
    /// Its Envoy, there if it calls something or if this is said.
    pub sidecar: Option<Sourced<Sidecar>>,
    /// Programs that run before it, each to its end, in this order; then it starts.
    pub init: Vec<Sourced<InitProgram>>,
}

impl FromRecord for Workload {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            image: fields.required(),
            command: fields.maybe_list(),
            runtime: fields.required(),
            env: fields.map(),
            file: fields.records(),
            config: fields.maybe_record(),
            calls: fields.records(),
            egress: fields.required(),
            sidecar: fields.maybe_record(),
            init: fields.records(),
        }
    }
}

/// A program that runs to its end before the main one starts. It has the volumes and files of the main one at
/// the same paths, may call what that calls, and is as restricted.
#[derive(Clone, PartialEq, Debug)]
pub struct InitProgram {
    /// Name of its container.
    pub name: Sourced<Text>,
    /// Image; by default the main program's.
    pub image: Option<Sourced<Arc<Image>>>,
    /// Command with its arguments, instead of the image's.
    pub command: Option<Vec<Sourced<Text>>>,
    /// CPU: one value for request and limit, or each by name. By default as much as the main program has,
    /// which costs no room: the two never run at once.
    pub cpu: Option<Sourced<CpuAmount>>,
    /// Memory, likewise.
    pub memory: Option<Sourced<InitMemory>>,
    /// Environment variables; a secret's key is written `"${secret.NAME.KEY}"`. Those of the main program are
    /// not its own.
    pub env: Vec<(Text, Sourced<Value>)>,
    /// Whether it gets the main program's config, in the same variable.
    pub config: Sourced<bool>,
}

impl FromRecord for InitProgram {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.required(),
            image: fields.optional(),
            command: fields.maybe_list(),
            cpu: fields.maybe_record(),
            memory: fields.maybe_record(),
            env: fields.map(),
            config: fields.required(),
        }
    }
}

/// Memory of a container that has no variants.
#[derive(Clone, PartialEq, Debug)]
pub struct InitMemory {
    /// Request and limit at once.
    pub both: Option<Sourced<Bytes>>,
    /// What it is sure to get.
    pub request: Option<Sourced<Bytes>>,
    /// What it is killed above. By default the request.
    pub limit: Option<Sourced<Bytes>>,
}

impl FromRecord for InitMemory {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { both: fields.optional(), request: fields.optional(), limit: fields.optional() }
    }
}

/// A file in a pod.
#[derive(Clone, PartialEq, Debug)]
pub struct PodFile {
    /// Path in the container.
    pub path: Sourced<Text>,
    /// A file below the platform, or a secret's key as `"${secret.NAME.KEY}"`.
    pub from: Sourced<Value>,
}

impl FromRecord for PodFile {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { path: fields.required(), from: fields.required() }
    }
}

/// Configuration of a program.
#[derive(Clone, PartialEq, Debug)]
pub struct Config {
    /// A `type` that it is checked against.
    pub type_: Option<Sourced<Text>>,
    /// Environment variable that it is in.
    pub env: Sourced<Text>,
    /// A YAML file that it is taken from, interpolated.
    pub from: Option<Sourced<Text>>,
    /// A JSON Schema file that it is checked against.
    pub schema: Option<Sourced<Text>>,
    /// The values.
    pub value: Sourced<Value>,
}

impl FromRecord for Config {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            type_: fields.optional(),
            env: fields.required(),
            from: fields.optional(),
            schema: fields.optional(),
            value: fields.required(),
        }
    }
}

/// A call from one program to another, through the caller's sidecar.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// Who is called.
    pub to: Sourced<Id<Service>>,
    /// How long the whole call may take, retries included. On a port of protocol tcp: how long nothing may
    /// move on a connection.
    pub timeout: Sourced<Duration>,
    /// Tries after the first.
    pub retries: Sourced<i64>,
    /// How bad it must be to try again; each includes those before it. The last two say that a repeat does
    /// no harm.
    pub retry_on: Sourced<RetryOn>,
    /// How long one try may take. By default the whole timeout, and with `retry-on=gateway` its share of it:
    /// only there a try that took too long is made again.
    pub per_try: Option<Sourced<Duration>>,
    /// Calls under way at once from one pod, at most: what is more fails at once instead of piling up.
    pub concurrency: Sourced<i64>,
    /// Port of the callee; may be left out while it has one.
    pub port: Option<Sourced<Text>>,
    /// Cluster that is called, if not the caller's own.
    pub in_: Option<Sourced<Id<Cluster>>>,
    /// Name in `calls.NAME`, if not the callee's. Two calls of one service, to two of its ports or clusters,
    /// are told apart by it.
    pub as_: Option<Sourced<Text>>,
}

impl FromRecord for Call {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            to: fields.required(),
            timeout: fields.required(),
            retries: fields.required(),
            retry_on: fields.required(),
            per_try: fields.optional(),
            concurrency: fields.required(),
            port: fields.optional(),
            in_: fields.optional(),
            as_: fields.optional(),
        }
    }
}

/// Resources of the Envoy beside a pod.
#[derive(Clone, PartialEq, Debug)]
pub struct Sidecar {
    /// CPU, request and limit.
    pub cpu: Sourced<Cpu>,
    /// Memory, request and limit.
    pub memory: Sourced<Bytes>,
}

impl FromRecord for Sidecar {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { cpu: fields.required(), memory: fields.required() }
    }
}

/// A port by name.
#[derive(Clone, PartialEq, Debug)]
pub struct Port {
    /// Name.
    pub name: Sourced<Text>,
    /// Number, in the container and outside: a headless Service maps nothing.
    pub port: Sourced<u16>,
    /// What is spoken on it.
    pub protocol: Sourced<Protocol>,
}

impl FromRecord for Port {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { name: fields.required(), port: fields.required(), protocol: fields.required() }
    }
}

/// How the kubelet learns of a pod's state.
#[derive(Clone, PartialEq, Debug)]
pub struct Probes {
    /// Whether it can take traffic.
    pub readiness: Option<Sourced<Probe>>,
    /// Whether it must be restarted.
    pub liveness: Option<Sourced<Probe>>,
    /// Whether it has come up.
    pub startup: Option<Sourced<Probe>>,
}

impl FromRecord for Probes {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            readiness: fields.maybe_record(),
            liveness: fields.maybe_record(),
            startup: fields.maybe_record(),
        }
    }
}

/// One probe. It says one of `http`, `grpc`, `tcp` and `exec`.
#[derive(Clone, PartialEq, Debug)]
pub struct Probe {
    /// Path of a GET that gives 200 to 399.
    pub http: Option<Sourced<Text>>,
    /// Service name of a gRPC health check; `""` for the whole server.
    pub grpc: Option<Sourced<Text>>,
    /// Port that must accept.
    pub tcp: Option<Sourced<Text>>,
    /// Command that must give 0.
    pub exec: Option<Vec<Sourced<Text>>>,
    /// Port, if the program has several.
    pub port: Option<Sourced<Text>>,
    /// Time between two.
    pub period: Option<Sourced<Duration>>,
    /// Time for one.
    pub timeout: Sourced<Duration>,
    /// Failures in a row until it counts.
    pub failures: Option<Sourced<i64>>,
}

impl FromRecord for Probe {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            http: fields.optional(),
            grpc: fields.optional(),
            tcp: fields.optional(),
            exec: fields.maybe_list(),
            port: fields.optional(),
            period: fields.optional(),
            timeout: fields.required(),
            failures: fields.optional(),
        }
    }
}

/// A program that answers on its ports: pods that are all alike, behind one name.
#[derive(Clone, PartialEq, Debug)]
pub struct Service {
    /// Fields of [`Placed`].
    pub placed: Placed,
    /// Fields of [`Workload`].
    pub workload: Workload,
    /// Pods at each cluster; with `scale` the fewest.
    pub replicas: Sourced<i64>,
    /// More pods while there is more to do. Needs the metrics API (metrics-server) in the cluster. Where the service runs
    /// already, `kubectl scale deployment NAME --replicas=N` with the number that it has, before this is delivered:
    /// otherwise it falls to one pod until the autoscaler acts, because the Deployment no longer says a number.
    pub scale: Option<Sourced<Scale>>,
    /// Ports.
    pub port: Vec<Sourced<Port>>,
    /// Probes.
    pub probes: Sourced<Probes>,
    /// Whether two of its pods may share a host.
    pub anti_affinity: Sourced<AntiAffinity>,
    /// How a new revision replaces the old one.
    pub rollout: Sourced<Rollout>,
    /// Pods that may be away by intent at once: drains and evictions respect it.
    pub max_unavailable: Sourced<i64>,
    /// How a pod goes; what is left out is derived from the calls into it and the DNS lag.
    pub shutdown: Sourced<Shutdown>,
    /// A volume for each pod, kept when the pod moves; a `local` one keeps the pod where it is. It makes a StatefulSet of the service.
    pub volume: Vec<Sourced<Volume>>,
    /// What it must live through.
    pub survives: Option<Sourced<Survives>>,
}

impl FromRecord for Service {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            placed: Placed::read(fields),
            workload: Workload::read(fields),
            replicas: fields.required(),
            scale: fields.maybe_record(),
            port: fields.records(),
            probes: fields.record(),
            anti_affinity: fields.record(),
            rollout: fields.record(),
            max_unavailable: fields.required(),
            shutdown: fields.record(),
            volume: fields.records(),
            survives: fields.maybe_record(),
        }
    }
}

impl Kind for Service {
    const NAME: &'static str = "service";
}

/// One of several Deployments with limits apart.
#[derive(Clone, PartialEq, Debug)]
pub struct Variant {
    /// `a`, `b`, …
    pub name: Sourced<Text>,
    /// Pods.
    pub replicas: Sourced<i64>,
    /// Memory limit.
    pub memory: Sourced<Bytes>,
}

impl FromRecord for Variant {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { name: fields.required(), replicas: fields.required(), memory: fields.required() }
    }
}

/// Whether pods of one service may be lost together.
#[derive(Clone, PartialEq, Debug)]
pub struct AntiAffinity {
    /// How strict.
    pub strictness: Sourced<Strictness>,
    /// What they must not share.
    pub by: Sourced<By>,
}

impl FromRecord for AntiAffinity {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { strictness: fields.required(), by: fields.required() }
    }
}

/// How a new revision replaces the old one.
#[derive(Clone, PartialEq, Debug)]
pub struct Rollout {
    /// Pods more than wanted, meanwhile.
    pub surge: Sourced<i64>,
    /// Pods fewer than wanted, meanwhile.
    pub unavailable: Sourced<i64>,
}

impl FromRecord for Rollout {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { surge: fields.required(), unavailable: fields.required() }
    }
}

/// How a pod goes.
#[derive(Clone, PartialEq, Debug)]
pub struct Shutdown {
    /// What the program needs after it was told to stop.
    pub drain: Option<Sourced<Duration>>,
    /// How long it goes on serving after it was taken out of DNS.
    pub pre_stop: Option<Sourced<Duration>>,
    /// When it is killed, counted from the start.
    pub grace: Option<Sourced<Duration>>,
}

impl FromRecord for Shutdown {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self { drain: fields.optional(), pre_stop: fields.optional(), grace: fields.optional() }
    }
}

/// How many pods there are, by what they use: never fewer than `replicas`, never more than `max`. What is proven
/// of room, losses, quotas and rolls is proven of `max` pods.
#[derive(Clone, PartialEq, Debug)]
pub struct Scale {
    /// Pods at each cluster, at most.
    pub max: Sourced<i64>,
    /// How much of its CPU request a program should use, on average over all pods.
    pub cpu: Option<Sourced<Percent>>,
    /// How much of its memory request a program should use, likewise.
    pub memory: Option<Sourced<Percent>>,
    /// How fast pods are added. By default as Kubernetes does it: at once, 4 pods or as many as there are in 15 s.
    pub up: Sourced<ScaleSpeed>,
    /// How fast pods are taken away. By default as Kubernetes does it: as far as was too much for all of 5 min.
    pub down: Sourced<ScaleSpeed>,
}

impl FromRecord for Scale {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            max: fields.required(),
            cpu: fields.optional(),
            memory: fields.optional(),
            up: fields.record(),
            down: fields.record(),
        }
    }
}

/// How fast the number of pods follows what is wanted.
#[derive(Clone, PartialEq, Debug)]
pub struct ScaleSpeed {
    /// For how long it looks back: the most cautious number that was wanted in this time counts.
    pub after: Option<Sourced<Duration>>,
    /// So many pods in a period, at most. With `share` too, the larger of both.
    pub pods: Option<Sourced<i64>>,
    /// Such a share of the pods in a period, at most.
    pub share: Option<Sourced<Percent>>,
    /// The period.
    pub every: Option<Sourced<Duration>>,
}

impl FromRecord for ScaleSpeed {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            after: fields.optional(),
            pods: fields.optional(),
            share: fields.optional(),
            every: fields.optional(),
        }
    }
}

/// A volume of one pod.
#[derive(Clone, PartialEq, Debug)]
pub struct Volume {
    /// Name.
    pub name: Sourced<Text>,
    /// Size.
    pub size: Sourced<Bytes>,
    /// Where it is mounted.
    pub path: Sourced<Text>,
    /// Storage class; by default the cluster's.
    pub class: Option<Sourced<Text>>,
    /// Whether it lies on one host, as those of local-path and local persistent volumes do: where it is made, its pod
    /// stays. While that host is away, so is the pod, and proofs of losses and drains know it.
    pub local: Sourced<bool>,
}

impl FromRecord for Volume {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.required(),
            size: fields.required(),
            path: fields.required(),
            class: fields.optional(),
            local: fields.required(),
        }
    }
}

/// A program with one pod on each host.
#[derive(Clone, PartialEq, Debug)]
pub struct Daemon {
    /// Fields of [`Placed`].
    pub placed: Placed,
    /// Fields of [`Workload`].
    pub workload: Workload,
    /// Hosts, by role or name; by default all of the cluster.
    pub on: Option<Vec<Sourced<On>>>,
    /// Whether the kubelet of each host starts it by itself, from a manifest among the files of the host, and not
    /// because of a DaemonSet: it then comes up and goes on without an API server. Such a pod refers to no objects:
    /// no secrets, no files, no pull secret; its config is in its environment all the same. It is always critical,
    /// because no kubelet evicts one. A new manifest replaces it on each host as soon as that has the file.
    pub static_pod: Sourced<bool>,
    /// Whether it is on the network of its host.
    pub host_network: Sourced<bool>,
    /// Ports.
    pub port: Vec<Sourced<Port>>,
    /// Probes.
    pub probes: Sourced<Probes>,
    /// How a pod goes.
    pub shutdown: Sourced<Shutdown>,
}

impl FromRecord for Daemon {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            placed: Placed::read(fields),
            workload: Workload::read(fields),
            on: fields.maybe_list(),
            static_pod: fields.required(),
            host_network: fields.required(),
            port: fields.records(),
            probes: fields.record(),
            shutdown: fields.record(),
        }
    }
}

impl Kind for Daemon {
    const NAME: &'static str = "daemon";
}

/// A task that is done once for each revision of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// Fields of [`Placed`].
    pub placed: Placed,
    /// Fields of [`Workload`].
    pub workload: Workload,
    /// When it is given up.
    pub deadline: Sourced<Duration>,
    /// Tries after the first.
    pub retries: Sourced<i64>,
    /// How long it is kept after its end, for its logs.
    pub keep: Sourced<Duration>,
    /// Services that are rolled only after it is done.
    pub before: Option<Vec<Sourced<Id<Service>>>>,
}

impl FromRecord for Job {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            placed: Placed::read(fields),
            workload: Workload::read(fields),
            deadline: fields.required(),
            retries: fields.required(),
            keep: fields.required(),
            before: fields.maybe_list(),
        }
    }
}

impl Kind for Job {
    const NAME: &'static str = "job";
}

/// A task that is done again and again.
#[derive(Clone, PartialEq, Debug)]
pub struct Cron {
    /// Fields of [`Placed`].
    pub placed: Placed,
    /// Fields of [`Workload`].
    pub workload: Workload,
    /// When, as five fields of crontab(5).
    pub schedule: Sourced<Arc<scalar::Cron>>,
    /// Time zone of the schedule.
    pub zone: Sourced<Text>,
    /// That two runs at once, or none, do no harm. The controller promises neither.
    pub idempotent: Sourced<bool>,
    /// When a run is given up.
    pub deadline: Sourced<Duration>,
    /// Tries after the first.
    pub retries: Sourced<i64>,
    /// How long a run is kept after its end, for its logs.
    pub keep: Sourced<Duration>,
    /// How late a run may start, before it is left out.
    pub start_within: Sourced<Duration>,
    /// What happens when the last run is not done.
    pub concurrency: Sourced<Concurrency>,
    /// Ended runs that are kept.
    pub history: Sourced<i64>,
    /// Whether it rests.
    pub suspend: Sourced<bool>,
}

impl FromRecord for Cron {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            placed: Placed::read(fields),
            workload: Workload::read(fields),
            schedule: fields.required(),
            zone: fields.required(),
            idempotent: fields.required(),
            deadline: fields.required(),
            retries: fields.required(),
            keep: fields.required(),
            start_within: fields.required(),
            concurrency: fields.required(),
            history: fields.required(),
            suspend: fields.required(),
        }
    }
}

impl Kind for Cron {
    const NAME: &'static str = "cron";
}

/// `flannel-host-gw`, `flannel-vxlan`, `static`, `cilium`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Routing {
    /// `flannel-host-gw`.
    FlannelHostGw,
    /// `flannel-vxlan`.
    FlannelVxlan,
    /// `static`.
    Static,
    /// `cilium`.
    Cilium,
}

impl FromValue for Routing {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "flannel-host-gw" => Some(Self::FlannelHostGw),
                "flannel-vxlan" => Some(Self::FlannelVxlan),
                "static" => Some(Self::Static),
                "cilium" => Some(Self::Cilium),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::FlannelHostGw
    }
}

impl Routing {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::FlannelHostGw => "flannel-host-gw",
            Self::FlannelVxlan => "flannel-vxlan",
            Self::Static => "static",
            Self::Cilium => "cilium",
        }
    }
}

/// `none`, `kube-proxy`, `cilium`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ServiceProxy {
    /// `none`.
    None,
    /// `kube-proxy`.
    KubeProxy,
    /// `cilium`.
    Cilium,
}

impl FromValue for ServiceProxy {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "none" => Some(Self::None),
                "kube-proxy" => Some(Self::KubeProxy),
                "cilium" => Some(Self::Cilium),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::None
    }
}

impl ServiceProxy {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::KubeProxy => "kube-proxy",
            Self::Cilium => "cilium",
        }
    }
}

/// `static-pod`, `host-service`, `keepalived`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ApiBalancer {
    /// `static-pod`.
    StaticPod,
    /// `host-service`.
    HostService,
    /// `keepalived`.
    Keepalived,
}

impl FromValue for ApiBalancer {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "static-pod" => Some(Self::StaticPod),
                "host-service" => Some(Self::HostService),
                "keepalived" => Some(Self::Keepalived),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::StaticPod
    }
}

impl ApiBalancer {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::StaticPod => "static-pod",
            Self::HostService => "host-service",
            Self::Keepalived => "keepalived",
        }
    }
}

/// `control-plane`, `worker`, a host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum On {
    /// `control-plane`.
    ControlPlane,
    /// `worker`.
    Worker,
    /// A host.
    Host(Id<Host>),
}

impl FromValue for On {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "control-plane" => Some(Self::ControlPlane),
                "worker" => Some(Self::Worker),
                _ => None,
            },
            Value::Ref(_) => Id::from_value(value).map(Self::Host),
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::ControlPlane
    }
}

/// `control-plane`, `worker`, `outside`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// `control-plane`.
    ControlPlane,
    /// `worker`.
    Worker,
    /// `outside`.
    Outside,
}

impl FromValue for Role {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "control-plane" => Some(Self::ControlPlane),
                "worker" => Some(Self::Worker),
                "outside" => Some(Self::Outside),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::ControlPlane
    }
}

impl Role {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Worker => "worker",
            Self::Outside => "outside",
        }
    }
}

/// `systemd`, `openrc`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Init {
    /// `systemd`.
    Systemd,
    /// `openrc`.
    Openrc,
}

impl FromValue for Init {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "systemd" => Some(Self::Systemd),
                "openrc" => Some(Self::Openrc),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Systemd
    }
}

impl Init {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Openrc => "openrc",
        }
    }
}

/// `networkd`, `netplan`, `ifupdown`, `openrc`, `script`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NetConfig {
    /// `networkd`.
    Networkd,
    /// `netplan`.
    Netplan,
    /// `ifupdown`.
    Ifupdown,
    /// `openrc`.
    Openrc,
    /// `script`.
    Script,
}

impl FromValue for NetConfig {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "networkd" => Some(Self::Networkd),
                "netplan" => Some(Self::Netplan),
                "ifupdown" => Some(Self::Ifupdown),
                "openrc" => Some(Self::Openrc),
                "script" => Some(Self::Script),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Networkd
    }
}

impl NetConfig {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Networkd => "networkd",
            Self::Netplan => "netplan",
            Self::Ifupdown => "ifupdown",
            Self::Openrc => "openrc",
            Self::Script => "script",
        }
    }
}

/// `file`, `resolved`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Resolver {
    /// `file`.
    File,
    /// `resolved`.
    Resolved,
}

impl FromValue for Resolver {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "file" => Some(Self::File),
                "resolved" => Some(Self::Resolved),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::File
    }
}

impl Resolver {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Resolved => "resolved",
        }
    }
}

/// `ext4`, `xfs`, `btrfs`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rootfs {
    /// `ext4`.
    Ext4,
    /// `xfs`.
    Xfs,
    /// `btrfs`.
    Btrfs,
}

impl FromValue for Rootfs {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "ext4" => Some(Self::Ext4),
                "xfs" => Some(Self::Xfs),
                "btrfs" => Some(Self::Btrfs),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Ext4
    }
}

impl Rootfs {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
            Self::Btrfs => "btrfs",
        }
    }
}

/// `primary`, `replica`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MemberRole {
    /// `primary`.
    Primary,
    /// `replica`.
    Replica,
}

impl FromValue for MemberRole {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "primary" => Some(Self::Primary),
                "replica" => Some(Self::Replica),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Primary
    }
}

impl MemberRole {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
        }
    }
}

/// `baseline`, `restricted`, `privileged`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Security {
    /// `baseline`.
    Baseline,
    /// `restricted`.
    Restricted,
    /// `privileged`.
    Privileged,
}

impl FromValue for Security {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "baseline" => Some(Self::Baseline),
                "restricted" => Some(Self::Restricted),
                "privileged" => Some(Self::Privileged),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Baseline
    }
}

impl Security {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
            Self::Privileged => "privileged",
        }
    }
}

/// `opaque`, `docker-registry`, `tls`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretKind {
    /// `opaque`.
    Opaque,
    /// `docker-registry`.
    DockerRegistry,
    /// `tls`.
    Tls,
}

impl FromValue for SecretKind {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "opaque" => Some(Self::Opaque),
                "docker-registry" => Some(Self::DockerRegistry),
                "tls" => Some(Self::Tls),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Opaque
    }
}

impl SecretKind {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::DockerRegistry => "docker-registry",
            Self::Tls => "tls",
        }
    }
}

/// `error`, `warning`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// `error`.
    Error,
    /// `warning`.
    Warning,
}

impl FromValue for Level {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "error" => Some(Self::Error),
                "warning" => Some(Self::Warning),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Error
    }
}

impl Level {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// `connect`, `reset`, `unavailable`, `gateway`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RetryOn {
    /// `connect`.
    Connect,
    /// `reset`.
    Reset,
    /// `unavailable`.
    Unavailable,
    /// `gateway`.
    Gateway,
}

impl FromValue for RetryOn {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "connect" => Some(Self::Connect),
                "reset" => Some(Self::Reset),
                "unavailable" => Some(Self::Unavailable),
                "gateway" => Some(Self::Gateway),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Connect
    }
}

impl RetryOn {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reset => "reset",
            Self::Unavailable => "unavailable",
            Self::Gateway => "gateway",
        }
    }
}

/// `haproxy`, `nginx`, `envoy`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Software {
    /// `haproxy`.
    Haproxy,
    /// `nginx`.
    Nginx,
    /// `envoy`.
    Envoy,
}

impl FromValue for Software {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "haproxy" => Some(Self::Haproxy),
                "nginx" => Some(Self::Nginx),
                "envoy" => Some(Self::Envoy),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Haproxy
    }
}

impl Software {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
            Self::Envoy => "envoy",
        }
    }
}

/// `normal`, `critical`, `batch`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Priority {
    /// `normal`.
    Normal,
    /// `critical`.
    Critical,
    /// `batch`.
    Batch,
}

impl FromValue for Priority {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "normal" => Some(Self::Normal),
                "critical" => Some(Self::Critical),
                "batch" => Some(Self::Batch),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Normal
    }
}

impl Priority {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Critical => "critical",
            Self::Batch => "batch",
        }
    }
}

/// `other`, `go`, `python`, `java`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Runtime {
    /// `other`.
    Other,
    /// `go`.
    Go,
    /// `python`.
    Python,
    /// `java`.
    Java,
}

impl FromValue for Runtime {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "other" => Some(Self::Other),
                "go" => Some(Self::Go),
                "python" => Some(Self::Python),
                "java" => Some(Self::Java),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Other
    }
}

impl Runtime {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Go => "go",
            Self::Python => "python",
            Self::Java => "java",
        }
    }
}

/// `none`, `internet`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Egress {
    /// `none`.
    None,
    /// `internet`.
    Internet,
}

impl FromValue for Egress {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "none" => Some(Self::None),
                "internet" => Some(Self::Internet),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::None
    }
}

impl Egress {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Internet => "internet",
        }
    }
}

/// `http`, `grpc`, `tcp`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// `http`.
    Http,
    /// `grpc`.
    Grpc,
    /// `tcp`.
    Tcp,
}

impl FromValue for Protocol {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "http" => Some(Self::Http),
                "grpc" => Some(Self::Grpc),
                "tcp" => Some(Self::Tcp),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Http
    }
}

impl Protocol {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
            Self::Tcp => "tcp",
        }
    }
}

/// `preferred`, `required`, `none`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Strictness {
    /// `preferred`.
    Preferred,
    /// `required`.
    Required,
    /// `none`.
    None,
}

impl FromValue for Strictness {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "preferred" => Some(Self::Preferred),
                "required" => Some(Self::Required),
                "none" => Some(Self::None),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Preferred
    }
}

impl Strictness {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Preferred => "preferred",
            Self::Required => "required",
            Self::None => "none",
        }
    }
}

/// `host`, `rack`, `datacenter`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum By {
    /// `host`.
    Host,
    /// `rack`.
    Rack,
    /// `datacenter`.
    Datacenter,
}

impl FromValue for By {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "host" => Some(Self::Host),
                "rack" => Some(Self::Rack),
                "datacenter" => Some(Self::Datacenter),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Host
    }
}

impl By {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Rack => "rack",
            Self::Datacenter => "datacenter",
        }
    }
}

/// `forbid`, `replace`, `allow`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Concurrency {
    /// `forbid`.
    Forbid,
    /// `replace`.
    Replace,
    /// `allow`.
    Allow,
}

impl FromValue for Concurrency {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(word) => match &**word {
                "forbid" => Some(Self::Forbid),
                "replace" => Some(Self::Replace),
                "allow" => Some(Self::Allow),
                _ => None,
            },
            _ => None,
        }
    }

    fn stand_in() -> Self {
        Self::Forbid
    }
}

impl Concurrency {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Forbid => "forbid",
            Self::Replace => "replace",
            Self::Allow => "allow",
        }
    }
}
