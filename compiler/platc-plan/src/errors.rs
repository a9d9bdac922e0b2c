//! Findings of the plan: one named constructor for each thing that can be wrong.

use std::net::IpAddr;

use platc_diag::{Diagnostic, Span, codes};
use platc_model::scalar::{Cidr, Duration, HostPort, Version};

use crate::plan::{Amount, ShutdownPlan};

// Versions.

pub(crate) fn unsupported_version(span: Span, version: Version, oldest: &str, newest: &str) -> Diagnostic {
    Diagnostic::new(codes::E0520, span, format!("Kubernetes {version} is not supported"))
        .help(format!("this platc knows {oldest} to {newest}"))
}

pub(crate) fn patch_missing(span: Span, version: Version) -> Diagnostic {
    Diagnostic::new(codes::E0520, span, format!("`{version}` has no patch number"))
        .help(format!("kubeadm wants all of it, like \"{version}.3\""))
}

pub(crate) fn containerd_does_not_fit(
    span: Span,
    containerd: Version,
    version: Version,
    lines: &str,
) -> Diagnostic {
    Diagnostic::new(
        codes::E0520,
        span,
        format!("containerd {containerd} is not supported with Kubernetes {version}"),
    )
    .help(format!("lines that are: {lines}"))
}

// Addresses.

pub(crate) fn overlap(span: Span, first: (&str, Cidr, Span), second: (&str, Cidr)) -> Diagnostic {
    Diagnostic::new(
        codes::E0501,
        span,
        format!("{} ({}) overlaps with {} ({})", second.0, second.1, first.0, first.1),
    )
    .related(first.2, first.0.to_owned())
    .help("give one of them another range: an address means one thing wherever packets can go")
}

pub(crate) fn not_ipv4(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(codes::E0501, span, format!("{what} is IPv6"))
        .help("pod networks, Services and hosts are IPv4 in this version of platc")
}

pub(crate) fn range_exhausted(span: Span, host: &str, range: Cidr, parts: u128) -> Diagnostic {
    Diagnostic::new(codes::E0502, span, format!("there is no pod range left for `{host}`")).help(format!(
        "{range} has {parts} parts, of which the first is nobody's; give the cluster more, or smaller parts"
    ))
}

pub(crate) fn range_outside(span: Span, range: Cidr, of: Cidr, per_host: u8) -> Diagnostic {
    let problem =
        Diagnostic::new(codes::E0503, span, format!("{range} is no part of the cluster's pod range"));
    if of.covers(range) {
        problem.help(format!("parts of {of} have the prefix length {per_host}"))
    } else {
        problem.help(format!("it must be a /{per_host} inside {of}"))
    }
}

pub(crate) fn range_of_two(span: Span, range: Cidr, other: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0503, span, format!("{range} is the pod range of `{other}` already"))
        .related(first, format!("`{other}`"))
        .help("give this host another one, or leave it out: the next free one is taken")
}

pub(crate) fn range_index_zero(span: Span, range: Cidr) -> Diagnostic {
    Diagnostic::new(codes::E0503, span, format!("{range} is the first part of the cluster's pod range"))
        .help("the first part is nobody's: flannel leaves it out, too")
}

pub(crate) fn renumbered(span: Span, host: &str, from: Cidr, to: Cidr) -> Diagnostic {
    Diagnostic::new(codes::E0510, span, format!("`{host}` would go from {from} to {to}"))
        .help(format!("pods keep their old addresses until they are gone; agree with `consent renumber on={host} from=\"{from}\" to=\"{to}\" reason=\"…\"`"))
        .note("Kubernetes never changes a node's pod range: the node is deleted and joins anew")
}

pub(crate) fn address_changed(span: Span, what: &str, on: &str, from: &str, to: &str) -> Diagnostic {
    Diagnostic::new(codes::E0510, span, format!("{what} would go from {from} to {to}"))
        .help(format!("agree with `consent renumber on={on} from=\"{from}\" to=\"{to}\" reason=\"…\"`"))
        .note("machines, certificates and running pods know the old one until each of them is made anew")
}

pub(crate) fn shrunk(span: Span, what: &str, on: &str, from: &str, to: &str) -> Diagnostic {
    Diagnostic::new(codes::E0534, span, format!("{what} would shrink from {from} to {to}"))
        .help(format!("agree with `consent shrink on={on} from=\"{from}\" to=\"{to}\" reason=\"…\"`"))
        .note("what does not fit any more is lost, or the program is killed")
}

pub(crate) fn pods_per_host(span: Span, max_pods: i64, addresses: u128, prefix: u8) -> Diagnostic {
    Diagnostic::new(codes::E0504, span, format!("{max_pods} pods do not fit into {addresses} addresses"))
        .help(format!(
            "a /{prefix} has {addresses} for pods; lower `max-pods` or give hosts more with `per-host`"
        ))
}

pub(crate) fn pods_per_host_tight(span: Span, max_pods: i64, addresses: u128) -> Diagnostic {
    Diagnostic::new(
        codes::E0523,
        span,
        format!("{max_pods} pods leave less than a fifth of {addresses} addresses free"),
    )
    .help("a rollout doubles pods for a while, and addresses are used round-robin; lower `max-pods`")
}

pub(crate) fn address_outside(span: Span, host: &str, address: IpAddr, datacenter: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0524,
        span,
        format!("`{host}` has {address}, which is in no network of `{datacenter}`"),
    )
    .help("give it an address of one of the networks, or declare the network")
}

pub(crate) fn address_twice(span: Span, what: &str, other: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0525, span, format!("{what} belongs to `{other}` already"))
        .related(first, format!("`{other}`"))
        .help("each address belongs to one machine")
}

pub(crate) fn gateway_outside(span: Span, gateway: IpAddr, range: Cidr) -> Diagnostic {
    Diagnostic::new(codes::E0524, span, format!("the gateway {gateway} is not in {range}"))
        .help("a router is reached over the wire that it is on")
}

pub(crate) fn vip_outside(span: Span, vip: IpAddr, place: &str) -> Diagnostic {
    Diagnostic::new(codes::E0524, span, format!("{vip} is in no network of `{place}`"))
        .help("a virtual address lives on a network of the hosts that hold it; declare that network")
}

pub(crate) fn host_gw_across(span: Span, cluster: &str, a: &str, b: &str) -> Diagnostic {
    Diagnostic::new(codes::E0519, span, format!("`{a}` and `{b}` of `{cluster}` are not on one wire"))
        .help("flannel's host-gw needs one: make it two clusters, or use `routing flannel-vxlan` or `routing static`")
}

pub(crate) fn vip_across(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0526,
        span,
        format!("the hosts that would hold the virtual address of `{cluster}` are not on one wire"),
    )
    .help("a virtual address moves within one network; use `balancer=static-pod`")
}

pub(crate) fn vip_not_address(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0526, span, "keepalived moves an address, and this is a name")
        .help("write the virtual address: `api \"10.1.0.100:6443\" balancer=keepalived`")
}

pub(crate) fn no_way(span: Span, host: &str, cluster: &str) -> Diagnostic {
    Diagnostic::new(codes::E0517, span, format!("`{host}` has no way to the pods of `{cluster}`"))
        .help("its network has no `gateway`, and the pods are on another one")
}

pub(crate) fn no_egress_nat(
    span: Span,
    workload: &str,
    range: Cidr,
    datacenter: &str,
    border: Span,
) -> Diagnostic {
    Diagnostic::new(codes::E0516, span, format!("`{workload}` is to reach the internet, and nothing translates {range} there"))
        .related(border, format!("the border of `{datacenter}`"))
        .help(format!("pods keep their addresses on the way out: the border router must translate them; say so with `border nat=\"{range}\"`"))
}

// Hosts.

pub(crate) fn size_missing(span: Span, host: &str, what: &str) -> Diagnostic {
    let like = if what == "cpu" { "cpu 16" } else { "memory \"64000MiB\"" };
    Diagnostic::new(codes::E0302, span, format!("`{host}` needs `{what}`"))
        .help(format!("add `{like}`: a host in a cluster is counted on"))
}

pub(crate) fn over_reserved(span: Span, host: &str, what: &str, wanted: &str, has: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0505,
        span,
        format!("the carve-outs of `{host}` and its system want {wanted} of {what}, and it has {has}"),
    )
    .help("move a carve-out to another host, or give it less")
}

pub(crate) fn cpus_taken(span: Span, who: &str, cpus: &str, by: &str) -> Diagnostic {
    Diagnostic::new(codes::E0506, span, format!("CPUs {cpus} of `{who}` belong to {by} already"))
        .help("leave `cpus` out: whole free cores are chosen")
}

pub(crate) fn cpus_not_there(span: Span, host: &str, cpus: &str) -> Diagnostic {
    Diagnostic::new(codes::E0506, span, format!("`{host}` has no CPUs {cpus}"))
        .help("CPUs are counted from 0")
}

pub(crate) fn cpus_count(span: Span, cpus: usize, wanted: i64) -> Diagnostic {
    Diagnostic::new(codes::E0506, span, format!("`cpus` names {cpus} CPUs, and `cpu` says {wanted}"))
        .help("let both say the same")
}

pub(crate) fn reserve_missing(span: Span, stateful: &str, host: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0527,
        span,
        format!("`{stateful}` lives on `{host}`, which is in a cluster, and reserves nothing there"),
    )
    .help("add `reserve cpu=4 memory=\"12GiB\"`: the kubelet must be told what it has not")
}

pub(crate) fn heap_large(span: Span, stateful: &str) -> Diagnostic {
    Diagnostic::new(codes::E0528, span, format!("the heap of `{stateful}` is more than 70 % of its memory"))
        .help("page cache counts into the memory, and this leaves little of it")
}

pub(crate) fn topology(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0518,
        span,
        format!("this is no output of `lscpu -p=CPU,CORE,SOCKET,NODE`: {what}"),
    )
    .help("run that on the host and keep what it prints")
}

pub(crate) fn topology_count(span: Span, cpus: usize, said: i64) -> Diagnostic {
    Diagnostic::new(codes::E0518, span, format!("the topology has {cpus} CPUs, and `cpu` says {said}"))
        .help("let both say the same")
}

pub(crate) fn roles(span: Span, host: &str) -> Diagnostic {
    Diagnostic::new(codes::E0529, span, format!("`{host}` is outside and in a cluster at once"))
        .help("an outside host has no other role")
}

pub(crate) fn host_too_small(span: Span, host: &str, what: &str, least: &str) -> Diagnostic {
    Diagnostic::new(codes::E0530, span, format!("`{host}` has too little {what} for its role"))
        .help(format!("kubeadm wants {least} at least"))
}

// Clusters.

pub(crate) fn no_control_plane(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(codes::E0522, span, format!("`{cluster}` has no host with the role `control-plane`"))
        .help("give one, three or five of its hosts that role")
}

pub(crate) fn even_control_plane(span: Span, cluster: &str, n: usize) -> Diagnostic {
    Diagnostic::new(codes::E0522, span, format!("`{cluster}` has {n} control-plane hosts"))
        .help("etcd decides by majority: use one, three or five members")
        .note(format!(
            "{n} members live through no more losses than {}, and need one more host to agree",
            n - 1
        ))
}

pub(crate) fn no_ha(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0521,
        span,
        format!("`{cluster}` has one control-plane host: when it is gone, so is the cluster"),
    )
    .help("give three hosts the role `control-plane`, or accept it with `allow no-ha`")
    .about(cluster)
}

pub(crate) fn etcd_count(span: Span, cluster: &str, n: usize) -> Diagnostic {
    let problem =
        Diagnostic::new(codes::E0537, span, format!("the etcd of `{cluster}` has {}", members_word(n)))
            .help("etcd decides by majority: name one, three or five members")
            .about(cluster);
    match n {
        0 => problem,
        _ if n.is_multiple_of(2) => problem.note(format!(
            "{n} members live through no more losses than {}, and need one more to agree",
            n - 1
        )),
        _ => problem.note("with each member more, every change waits for more of them"),
    }
}

fn members_word(n: usize) -> String {
    match n {
        0 => "no members".to_owned(),
        1 => "1 member".to_owned(),
        n => format!("{n} members"),
    }
}

pub(crate) fn lonely_etcd(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0521,
        span,
        format!("the etcd of `{cluster}` has one member: when it is gone, so is the cluster"),
    )
    .help("name three members, or accept it with `allow no-ha`")
    .about(cluster)
}

pub(crate) fn etcd_twice(span: Span, member: &HostPort, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0537, span, format!("{member} is a member of this etcd already"))
        .related(first, "here".to_owned())
        .help("name each member once: a majority is one of different machines")
}

pub(crate) fn etcd_request(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0537,
        span,
        format!("control-plane hosts of `{cluster}` run no etcd, so there is nothing to reserve for it"),
    )
    .help("take it out, or the cluster's `etcd`; what runs on other hosts is a `stateful` with `reserve`")
    .about(cluster)
}

pub(crate) fn no_upstream_dns(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0531,
        span,
        format!("`{cluster}` would ask itself for names that it does not know"),
    )
    .help("name other resolvers in `nameservers`: the cluster's DNS must not forward to its own hosts")
}

pub(crate) fn proxy_of_cilium(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0532, span, "Cilium and another service proxy would both rewrite the same packets")
        .help("leave `service-proxy` out, or write `service-proxy cilium`; without Cilium it is `none` or `kube-proxy`")
}

// Capacity.

pub(crate) fn fixed_load(span: Span, host: &str, load: Amount, room: Amount) -> Diagnostic {
    Diagnostic::new(codes::E0507, span, format!("what runs on every such host does not fit onto `{host}`"))
        .help("move a carve-out, lower the requests of the control plane, or take a larger host")
        .note(format!(
            "fixed load {} CPU and {} of {} CPU and {}",
            load.cpu, load.memory, room.cpu, room.memory
        ))
}

pub(crate) fn quota(
    span: Span,
    (namespace, cluster): (&str, &str),
    what: &str,
    demand: &str,
    quota: &str,
) -> Diagnostic {
    Diagnostic::new(
        codes::E0533,
        span,
        format!(
            "the namespace `{namespace}` in `{cluster}` needs {demand} of {what} while it rolls, and its quota is \
             {quota}"
        ),
    )
    .help("raise the quota, or ask for less: a rollout would stand still")
}

// Static pods.

/// What a static pod cannot have, a DaemonSet's can.
const AS_DAEMON_SET: &str = "leave `static-pod` out: the pod of a DaemonSet may have it";

pub(crate) fn roll_in_place(span: Span, name: &str, word: &str, said: u32, always: u32) -> Diagnostic {
    Diagnostic::new(
        codes::E0547,
        span,
        format!("`{name}` has volumes, so it rolls with `{word}={always}` and never with `{word}={said}`"),
    )
    .help("leave `rollout` out: a StatefulSet replaces its pods one after the other, each in its place")
}

pub(crate) fn static_pod_secret(span: Span, name: &str, secret: &str, what: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0538,
        span,
        format!("the static pod `{name}` refers to the Secret `{secret}`, for {what}"),
    )
    .help(AS_DAEMON_SET)
    .note("a kubelet starts no static pod that refers to an object of the cluster")
}

pub(crate) fn static_pod_file(span: Span, name: &str, path: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0538,
        span,
        format!("the static pod `{name}` refers to a ConfigMap, for its file `{path}`"),
    )
    .help("say it in `config`, which is one environment variable, or put the file into the image")
    .help(AS_DAEMON_SET)
    .note("a kubelet starts no static pod that refers to an object of the cluster")
}

pub(crate) fn static_pod_pull(span: Span, name: &str, registry: &str, secret: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0538,
        span,
        format!("the static pod `{name}` refers to the Secret `{secret}`, to pull from `{registry}`"),
    )
    .help("name an image of a registry that lets everybody pull")
    .help(AS_DAEMON_SET)
    .note("pull secrets are in the account of a pod, and a static pod has none")
}

pub(crate) fn static_pod_priority(span: Span, name: &str, said: &str) -> Diagnostic {
    Diagnostic::new(codes::E0539, span, format!("the static pod `{name}` cannot have the priority `{said}`"))
        .help("leave `priority` out, or say `critical`: no kubelet evicts a static pod")
}

pub(crate) fn static_pod_name(span: Span, name: &str, pod: &str, (other, host): (&str, &str)) -> Diagnostic {
    Diagnostic::new(
        codes::E0539,
        span,
        format!("a pod of `{name}` is called `{pod}`, and so is that of `{other}` on `{host}`"),
    )
    .help("give it another name, or another namespace: the kubelet adds the name of the host to that of the pod")
}

// Ports.

/// `other` is who else wants it; without, it is `who` again.
pub(crate) fn port_conflict(
    span: Span,
    host: &str,
    port: u16,
    who: &str,
    other: Option<&str>,
    first: Option<Span>,
) -> Diagnostic {
    let Some(other) = other else {
        let message = format!("`{who}` wants port {port} of `{host}` twice");
        return Diagnostic::new(codes::E0509, span, message).help("give each its own port");
    };
    let problem =
        Diagnostic::new(codes::E0509, span, format!("`{who}` and {other} both want port {port} of `{host}`"))
            .help("give one of them another port, or other hosts");
    match first {
        Some(first) => problem.related(first, other.to_owned()),
        None => problem,
    }
}

pub(crate) fn pod_port_conflict(span: Span, port: u16, who: &str) -> Diagnostic {
    Diagnostic::new(codes::E0509, span, format!("port {port} belongs to {who} in this pod"))
        .help("give the program another port")
}

// Traffic.

/// `circle` is all of it: `` `a` → `b` → `a` ``.
pub(crate) fn call_circle(span: Span, circle: &str) -> Diagnostic {
    Diagnostic::new(codes::E0551, span, format!("calls go round in a circle: {circle}"))
        .help("let one of them answer without asking the other, or put what both need into a third")
        .note("each call ends at its timeout, but what starts on the circle goes round until then, and no one of its services can start before another one is there")
}

pub(crate) fn timeout_inversion(
    span: Span,
    caller: &str,
    waits: Duration,
    callee: &str,
    inner: Duration,
) -> Diagnostic {
    Diagnostic::new(
        codes::E0552,
        span,
        format!("`{caller}` waits {waits} for a try of `{callee}`, which itself waits up to {inner}"),
    )
    .help("let the caller wait longer, or the callee shorter: timeouts shrink along a chain")
    .note("what a caller has given up, its callees still work on")
}

/// `parts` are the calls of the callee: `2s + 3s`.
pub(crate) fn timeouts_in_sequence(
    span: Span,
    callee: &str,
    waits: Duration,
    parts: &str,
    sum: Duration,
) -> Diagnostic {
    Diagnostic::new(
        codes::E0553,
        span,
        format!("one after the other, the calls of `{callee}` may take {parts} = {sum}, and it has {waits}"),
    )
    .help(format!("nothing is wrong if `{callee}` makes them at once, or never all of them"))
}

pub(crate) fn retries_multiply(span: Span, tries: u64, most: u64, path: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0554,
        span,
        format!("when everything fails, one request becomes {tries} along {path}; at most {most} are bearable"),
    )
    .help("retry on answers in one place, best next to what fails: `retry-on=connect` elsewhere, or fewer `retries`")
}

pub(crate) fn retries_many(span: Span, tries: u64, path: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0555,
        span,
        format!("when everything fails, one request becomes {tries} along {path}"),
    )
    .help("retry on answers in one place, best next to what fails: `retry-on=connect` elsewhere, or fewer `retries`")
}

pub(crate) fn connections_many(span: Span, tries: u64, path: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0556,
        span,
        format!("when nothing accepts, one request becomes {tries} attempts to connect along {path}"),
    )
    .help("fewer `retries` on the way there, where that is more than the machines should bear")
}

pub(crate) fn health_load(span: Span, service: &str, checks_per_s: u64, envoys: u64) -> Diagnostic {
    Diagnostic::new(
        codes::E0557,
        span,
        format!("each pod of `{service}` is asked for its health {checks_per_s} times a second, by {envoys} Envoys"),
    )
    .help("let its readiness answer from memory, and fewer pods call it directly")
}

pub(crate) fn virtual_address(span: Span, ip: IpAddr, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0558,
        span,
        format!("nothing answers at {ip}: `{cluster}` has no service proxy, so addresses of Services are dead there"),
    )
    .help("call by name through the sidecar (`calls`), or give the cluster a `service-proxy`")
}

pub(crate) fn virtual_service(span: Span, cluster: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0558,
        span,
        format!(
            "this Service gets a virtual address, and `{cluster}` has no service proxy that makes it work"
        ),
    )
    .help("make it headless with `clusterIP None`, or give the cluster a `service-proxy`")
}

pub(crate) fn nobody_there(span: Span, target: &str, cluster: &str) -> Diagnostic {
    Diagnostic::new(codes::E0550, span, format!("`{target}` has no pods at `{cluster}`"))
        .help("give it `replicas` there, or take the call out where nobody answers it")
}

// Workloads.

pub(crate) fn unknown_port(span: Span, target: &str, port: &str, names: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0409, span, format!("`{target}` has no port `{port}`"));
    problem.maybe_help(platc_diag::did_you_mean(port, names.iter().copied(), "it has"))
}

pub(crate) fn no_port(span: Span, target: &str) -> Diagnostic {
    Diagnostic::new(codes::E0409, span, format!("`{target}` listens on no port"))
        .help("give it one: `port http 8080`")
}

pub(crate) fn which_port(span: Span, target: &str, names: &[&str]) -> Diagnostic {
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(codes::E0409, span, format!("`{target}` has several ports"))
        .help(format!("say which: `port=` with one of {listed}"))
}

pub(crate) fn not_at_cluster(span: Span, target: &str, cluster: &str, places: &[&str]) -> Diagnostic {
    let listed = places.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let problem = Diagnostic::new(codes::E0410, span, format!("`{target}` is not at `{cluster}`"));
    match places.first() {
        Some(first) => problem.help(format!(
            "it is at {listed}: say so out loud with `in={first}`, or run it at `{cluster}`, too"
        )),
        None => problem.help("it runs nowhere"),
    }
}

pub(crate) fn timeout_too_short(span: Span, timeout: &str, needed: &str, tries: i64) -> Diagnostic {
    Diagnostic::new(
        codes::E0411,
        span,
        format!("{timeout} is less than {tries} tries and the waits between them take: {needed}"),
    )
    .help("raise `timeout`, or lower `per-try` or `retries`")
    .note("Envoy lets the waits grow from 25 ms to 100 ms and does not check this sum")
}

pub(crate) fn tcp_has_no_answers(span: Span, target: &str) -> Diagnostic {
    Diagnostic::new(codes::E0450, span, format!("`{target}` speaks tcp there, and Envoy sees no answers in it"))
        .help("leave `retry-on` out: a connection that does not come up is tried elsewhere, and nothing else can be")
}

pub(crate) fn tcp_has_no_paths(span: Span, target: &str) -> Diagnostic {
    Diagnostic::new(codes::E0451, span, format!("a path cannot lead to `{target}`: it speaks tcp there"))
        .help("name a port of protocol http or grpc with `port=`")
}

pub(crate) fn no_certificate(span: Span, secret: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::E0452, span, format!("`{secret}` holds no certificate"))
        .related(declared, format!("`{secret}`"))
        .help(format!("declare it with its kind: `secret {secret} kind=tls`"))
}

pub(crate) fn only_tls(span: Span, proxy: &str) -> Diagnostic {
    Diagnostic::new(codes::E0453, span, format!("`{proxy}` takes only what is encrypted")).help(format!(
        "a balancer reads requests to add the client's address: give `{proxy}` a `listen` without `tls`"
    ))
}

pub(crate) fn no_collector(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0455, span, "this says no machine: traces need a collector to be sent to")
        .help("write its name or address before the port: \"otel.example.com:4317\"")
}

pub(crate) fn ports_differ(span: Span, proxy: &str, here: u16, there: u16) -> Diagnostic {
    Diagnostic::new(
        codes::E0454,
        span,
        format!("`{proxy}` listens on {here} at one place and on {there} at another"),
    )
    .help("let its first `listen` without `tls` be the same port wherever one balancer sends to it")
}

pub(crate) fn probe_form(span: Span, count: usize) -> Diagnostic {
    let fact = if count == 0 { "this probe does nothing" } else { "this probe does several things" };
    Diagnostic::new(codes::E0412, span, fact).help("say one of `http=`, `grpc=`, `tcp=` and `exec=`")
}

pub(crate) fn grace_short(span: Span, name: &str, plan: &ShutdownPlan, needed: u64) -> Diagnostic {
    let (grace, pre_stop, drain) = (plan.grace_s.value, plan.pre_stop_s.value, plan.drain_s.value);
    let message = format!("{grace} s are not enough for a pod of `{name}` to go: it needs {needed} s");
    Diagnostic::new(codes::E0413, span, message)
        .help("leave `grace` out and it is derived, or raise it")
        .note(format!(
            "it serves on for {pre_stop} s and has {drain} s to finish; 5 s are the sidecar's and 5 s to spare"
        ))
}

pub(crate) fn proxy_on_nothing(span: Span, proxy: &str, cluster: &str) -> Diagnostic {
    Diagnostic::new(codes::E0414, span, format!("`{proxy}` is on no host of `{cluster}`"))
        .help("name a role or hosts of that cluster in `on`")
}

pub(crate) fn balancer_across(span: Span, balancer: &str) -> Diagnostic {
    Diagnostic::new(codes::E0415, span, format!("the machines of `{balancer}` stand in several datacenters"))
        .help("declare a balancer for each datacenter")
}

pub(crate) fn balancer_without_proxy(span: Span, proxy: &str, datacenter: &str) -> Diagnostic {
    Diagnostic::new(codes::E0415, span, format!("`{proxy}` is at no cluster of `{datacenter}`"))
        .help("a balancer sends to proxies of its own place; let it run there, or name a `backup` cluster")
}

pub(crate) fn stateful_moved(span: Span, name: &str, from: &str, to: Option<&str>) -> Diagnostic {
    match to {
        Some(to) => Diagnostic::new(codes::E0511, span, format!("`{name}` would move from `{from}` to `{to}`")).help(format!(
            "its data does not move by itself; agree with `consent move on={name} from={from} to={to} reason=\"…\"`"
        )),
        None => Diagnostic::new(codes::E0511, span, format!("`{name}` would lose its member on `{from}`")).help(format!(
            "its data there would be gone; agree with `consent remove on={name} from={from} reason=\"…\"`"
        )),
    }
}

pub(crate) fn stateful_removed(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0511, span, format!("the stateful `{name}` would be gone"))
        .help(format!("agree for each of its hosts: `consent remove on={name} from=HOST reason=\"…\"`"))
}

// Programs before the main one.

pub(crate) fn init_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0535, span, format!("a container `{name}` is in the pod already"))
        .help("`app` is the main program and `envoy` its sidecar; choose another name, such as `migrate`")
}

pub(crate) fn init_does_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0535, span, format!("`{name}` would be the main program itself"))
        .help("say its `image`, its `command`, or both: it must come to an end, or the pod never starts")
}

pub(crate) fn init_without_config(span: Span, workload: &str) -> Diagnostic {
    Diagnostic::new(codes::E0535, span, format!("`{workload}` has no config that this could get"))
        .help("declare `config`, or leave this out")
}

// Numbers of pods that follow the load.

pub(crate) fn scale_below(span: Span, most: i64, least: i64) -> Diagnostic {
    Diagnostic::new(codes::E0536, span, format!("at most {most} pods are fewer than at least {least}"))
        .help("`replicas` is the fewest, `max` the most")
}

pub(crate) fn scale_from_too_few(span: Span, least: i64, variants: i64) -> Diagnostic {
    let fact = if least == 0 {
        "what has no pods uses nothing that could be measured".to_owned()
    } else {
        format!("{least} pods cannot be shared out to {variants} Deployments that each need one")
    };
    Diagnostic::new(codes::E0536, span, fact)
        .help(format!("with `scale` there are {} `replicas` at least", variants.max(1)))
}

pub(crate) fn scale_by_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0536, span, "nothing says how many pods are right")
        .help("say how much of its request a program should use: `cpu=\"70%\"`, `memory=\"80%\"` or both")
}

pub(crate) fn scale_of_volumes(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0536, span, "pods with volumes do not come and go with the load")
        .help("leave out `scale` or `volume`: what a pod has written would be out of reach without it")
}

pub(crate) fn scale_of_no_request(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(codes::E0536, span, format!("the program asks for no {what} that this is a part of"))
        .help(format!("give its {} a `request`", what.to_lowercase()))
}

pub(crate) fn scale_unreachable(span: Span, target: &str, what: &str) -> Diagnostic {
    Diagnostic::new(codes::E0536, span, format!("the program never uses {target} of its {what} request"))
        .help("its limit is there or below; name a smaller part, or raise the limit")
}

pub(crate) fn label_taken(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0589, span, format!("the label `{name}` is platc's own"))
        .help("selectors and pruning go by it; choose another name, such as `team`")
}
