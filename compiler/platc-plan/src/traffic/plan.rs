//! The part of the plan that is traffic: what Envoys and balancers are told.
//!
//! Not here: how any of it is decided (the modules beside this one), and what Envoy, HAProxy and nginx call
//! it (`platc-emit`).
//!
//! Start with [`SidecarPlan`], [`ProxyPlan`] and [`BalancerPlan`]; all three send to what [`CallPlan`] and
//! [`UpstreamPlan`] describe.

use std::net::IpAddr;

use platc_diag::{Origin, Sourced, Span};
use platc_model::generated::{Cluster, Datacenter, Host, Protocol, RetryOn, Software};
use platc_model::scalar::{Bytes, Cpu, Duration, Percent};
use platc_model::{Id, Text};

/// Where traces are sent.
#[derive(Clone, PartialEq, Debug)]
pub struct TracingPlan {
    /// Name or address of the collector.
    pub host: Sourced<Text>,
    /// Its port.
    pub port: u16,
    /// Share of requests that are reported, where nobody before has decided that.
    pub sample: Sourced<Percent>,
}

/// Envoy beside each pod.
#[derive(Clone, Debug)]
pub struct SidecarPlan {
    /// CPU, request and limit.
    pub cpu: Sourced<Cpu>,
    /// Memory, request and limit.
    pub memory: Sourced<Bytes>,
    /// Worker threads.
    pub concurrency: u64,
    /// Port of its admin interface, on loopback.
    pub admin_port: u16,
    /// Port that the kubelet asks, on the pod's address.
    pub probe_port: u16,
    /// Calls, by local port.
    pub calls: Vec<CallPlan>,
    /// Where they lead, by name.
    pub upstreams: Vec<UpstreamPlan>,
    /// What Envoy may allocate before it turns requests away.
    pub heap: Sourced<Bytes>,
    /// Connections of the program to it, at most.
    pub connections: Sourced<u32>,
}

/// A call of one service to another, or a route of a proxy.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// Name: of the call, or of the target.
    pub name: Text,
    /// Port on loopback; `None` for a route.
    pub local_port: Option<u16>,
    /// Who is called.
    pub target: TargetPlan,
    /// Which of the Envoy's [`UpstreamPlan`]s that is.
    pub upstream: Text,
    /// How long it may take, retries included; of a tcp call: how long nothing may move.
    pub timeout: Sourced<Duration>,
    /// How long one try may take.
    pub per_try: Sourced<Duration>,
    /// Tries after the first.
    pub retries: Sourced<i64>,
    /// How bad it must be to try again.
    pub retry_on: Sourced<RetryOn>,
    /// Where it is written.
    pub origin: Origin,
}

/// Who answers a call.
#[derive(Clone, PartialEq, Debug)]
pub struct TargetPlan {
    /// Name of the service.
    pub service: Text,
    /// Its namespace.
    pub namespace: Text,
    /// Its cluster.
    pub cluster: Id<Cluster>,
    /// Name under which its pods are found, with the trailing dot.
    pub dns_name: Text,
    /// Port of its container: a headless Service maps nothing.
    pub port: u16,
    /// What is spoken.
    pub protocol: Protocol,
    /// All its pods.
    pub replicas: u32,
}

/// The pods of a service, as an Envoy keeps them: found by DNS, checked, left out when they fail.
#[derive(Clone, Debug)]
pub struct UpstreamPlan {
    /// What Envoy calls it: `SERVICE`, then `_PORT` where the service has several, then `_CLUSTER` where it
    /// is not Envoy's own. Statistics and access logs speak of it.
    pub name: Text,
    /// Who is called.
    pub target: TargetPlan,
    /// How long a connection may take to come up.
    pub connect_timeout: Sourced<Duration>,
    /// Requests under way at once, at most.
    pub concurrency: Sourced<u32>,
    /// How long a connection without requests is kept: less than the other side keeps it.
    pub keep_alive: Sourced<Duration>,
    /// How its pods are asked whether they are well.
    pub health: HealthPlan,
    /// When a pod is left out for a while.
    pub ejection: EjectionPlan,
    /// Where the first call of it is written.
    pub origin: Origin,
}

/// How an Envoy asks pods whether they are well.
#[derive(Clone, PartialEq, Debug)]
pub struct HealthPlan {
    /// What is asked.
    pub check: HealthCheck,
    /// Port that is asked.
    pub port: u16,
    /// `Host` of the question, so that a program can tell that another one is meant.
    pub host: Text,
    /// Time between two.
    pub interval: Sourced<Duration>,
    /// And at most so much more, so that they do not come all at once.
    pub jitter: Duration,
    /// Time between two while there was never a request.
    pub quiet_interval: Duration,
    /// Time for one.
    pub timeout: Sourced<Duration>,
    /// Failures in a row after which a pod gets nothing.
    pub unhealthy_after: u32,
    /// Successes in a row after which it does again.
    pub healthy_after: u32,
}

/// What an Envoy asks a pod.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HealthCheck {
    /// GETs a path; 200 to 399 is well, as for the kubelet.
    Http(Text),
    /// Asks the gRPC health service; an empty name is the whole server.
    Grpc(Text),
    /// Connects.
    Tcp,
}

/// When a pod that fails requests is left out for a while.
#[derive(Clone, PartialEq, Debug)]
pub struct EjectionPlan {
    /// Answers of 500 and above in a row.
    pub errors: u32,
    /// Of them 502, 503, 504, connections that fail and tries that are cut off: so many are enough.
    pub gateway_errors: u32,
    /// Time between two looks at who may come back.
    pub interval: Duration,
    /// How long the first time; the n-th time n times as long.
    pub base: Duration,
    /// But never longer.
    pub longest: Duration,
    /// Share of the pods that may be left out at once, in percent.
    pub percent_max: Sourced<u32>,
}

/// The way in.
#[derive(Clone, Debug)]
pub struct ProxyPlan {
    /// Hosts that it runs on, by name.
    pub hosts: Vec<Id<Host>>,
    /// Whether that is exactly the control plane.
    pub on_control_plane: bool,
    /// Ports that it listens on.
    pub listens: Vec<ListenPlan>,
    /// Names that it answers for, then what it answers under any name.
    pub virtual_hosts: Vec<VirtualHostPlan>,
    /// Where its routes lead, by name.
    pub upstreams: Vec<UpstreamPlan>,
    /// Connections on one host, at most.
    pub max_connections: Sourced<i64>,
    /// Path on which it says whether it takes traffic.
    pub health_path: &'static str,
    /// Balancers of ours that a request has come through, so that their word on the client's address counts.
    pub trusted_hops: Sourced<u32>,
    /// How long a request may take to arrive.
    pub request_timeout: Sourced<Duration>,
    /// How long nothing may move on a request.
    pub idle_timeout: Sourced<Duration>,
    /// What Envoy may allocate before it turns requests away.
    pub heap: Sourced<Bytes>,
}

/// A port of a proxy.
#[derive(Clone, PartialEq, Debug)]
pub struct ListenPlan {
    /// Port, on all addresses of the host.
    pub port: Sourced<u16>,
    /// Port of the admin interface, on loopback; Envoy has one, so that of the first port counts.
    pub admin_port: u16,
    /// Secret with the certificate that it shows.
    pub tls: Option<Sourced<Text>>,
}

/// A name that a proxy answers for.
#[derive(Clone, Debug)]
pub struct VirtualHostPlan {
    /// The name; `None` for any.
    pub domain: Option<Sourced<Text>>,
    /// Routes, longest path first; those under any name are among them.
    pub routes: Vec<RoutePlan>,
}

/// A path of a proxy.
#[derive(Clone, Debug)]
pub struct RoutePlan {
    /// Beginning of the path.
    pub path: Sourced<Text>,
    /// Who answers, and how long it may take.
    pub call: CallPlan,
}

/// A balancer on machines outside.
#[derive(Clone, Debug)]
pub struct BalancerPlan {
    /// Its name.
    pub name: Text,
    /// Where that is written.
    pub span: Span,
    /// Its machines, by name.
    pub hosts: Vec<Id<Host>>,
    /// The datacenter that they stand in.
    pub datacenter: Id<Datacenter>,
    /// What runs there.
    pub software: Sourced<Software>,
    /// Port that it listens on.
    pub listen: Sourced<u16>,
    /// Virtual addresses that it listens on; without any, it does so on all addresses.
    pub vips: Vec<Sourced<IpAddr>>,
    /// Port of the admin interface, on loopback, where the software has one.
    pub admin_port: Option<u16>,
    /// Routes, longest path first.
    pub routes: Vec<BalancerRoutePlan>,
}

/// A path of a balancer.
#[derive(Clone, Debug)]
pub struct BalancerRoutePlan {
    /// Beginning of the path.
    pub path: Sourced<Text>,
    /// Name of the proxy.
    pub proxy: Text,
    /// Port of the proxy.
    pub port: u16,
    /// Path on which the proxy says whether it takes traffic.
    pub health_path: &'static str,
    /// Its hosts in the same datacenter, then those that stand in when none of them answers.
    pub servers: Vec<ServerPlan>,
    /// Connections to one server, at most: its share of what the proxy takes there.
    pub connections: Sourced<u32>,
    /// How long an answer may take.
    pub timeout: Sourced<Duration>,
    /// Other servers that are tried when one does not accept.
    pub retries: Sourced<i64>,
    /// Where it is written.
    pub origin: Origin,
}

/// A server of a balancer.
#[derive(Clone, PartialEq, Debug)]
pub struct ServerPlan {
    /// Name of the host.
    pub name: Text,
    /// Its address.
    pub address: IpAddr,
    /// Its cluster.
    pub cluster: Id<Cluster>,
    /// Whether it only stands in.
    pub backup: bool,
}
