//! Rules of kubeadm's documents: KA-1 to KA-16 of `schemas/README.md`.
//!
//! Not here: KA-6 (a file exists on the host), KA-10 (the schema looks at taints), KA-12 (flags of the
//! command, see [`FLAGS_BESIDE_CONFIG`]).

use std::net::IpAddr;

use crate::check::Cx;
use crate::errors;
use crate::finding::Finding;
use crate::format::{dns_name, go_duration, parse_cidr};
use crate::node::{At, Node, Path};
use crate::secrets::has_placeholder;

use super::flags::{Component, check_flag};
use super::{HOUR, families_differ};

/// KA-12: the only other flags that `kubeadm` takes beside `--config`; and all that begin with `skip-`.
pub const FLAGS_BESIDE_CONFIG: &[&str] = &[
    "dry-run",
    "ignore-preflight-errors",
    "kubeconfig",
    "kubeconfig-dir",
    "log-file",
    "node-name",
    "print-join-command",
    "rootfs",
    "upload-certs",
    "v",
    "yes",
];

/// kubeadm refuses service ranges with more host bits: its allocator keeps a bitmap.
const SERVICE_BITS_MAX: u8 = 20;
/// The smallest range of services: the tenth address is that of DNS.
const SERVICE_ADDRESSES_MIN: u128 = 10;
/// The smallest range of pods.
const POD_ADDRESSES_MIN: u128 = 14;
/// The controller manager's bitmap of nodes: a range splits into at most 2^16 of them.
const NODE_BITS_MAX: u8 = 16;
/// Above these kubeadm warns of how long certificates live.
const LEAF_HOURS_MAX: i128 = 8760;
const AUTHORITY_HOURS_MAX: i128 = 87600;
/// A reference to an image may be no longer than this.
const IMAGE_NAME_MAX: usize = 255;

/// Checks a document of kubeadm.
pub(super) fn check<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, kind: &str) {
    match kind {
        "ClusterConfiguration" => cluster(cx, at),
        "JoinConfiguration" => join(cx, at),
        _ => {}
    }
    if let Some(registration) = at.get("nodeRegistration") {
        flags(cx, &registration, "kubeletExtraArgs", Component::Kubelet);
        node_labels(cx, &registration);
    }
}

fn cluster<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    networking(cx, at);
    endpoint(cx, at);
    gates(cx, at);
    validity(cx, at);
    repositories(cx, at);
    etcd(cx, at);
    version(cx, at);
    for (key, component) in [
        ("apiServer", Component::ApiServer),
        ("controllerManager", Component::ControllerManager),
        ("scheduler", Component::Scheduler),
    ] {
        if let Some(part) = at.get(key) {
            flags(cx, &part, "extraArgs", component);
        }
    }
}

/// KA-9, as far as it is certain.
fn flags<'d, N: Node<'d>>(cx: &mut Cx<'_>, part: &At<'_, N>, key: &str, component: Component) {
    let Some(list) = part.get(key) else { return };
    for item in list.items() {
        if let Some(name) = item.node.get("name").and_then(N::text) {
            let minor = cx.minor();
            cx.out.extend(check_flag(component, name, minor, item.pointer_of("name")));
        }
    }
}

/// The kubelet refuses to start with labels of Kubernetes that it may not set on its own Node.
fn node_labels<'d, N: Node<'d>>(cx: &mut Cx<'_>, registration: &At<'_, N>) {
    const ALLOWED: [&str; 14] = [
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/instance-type",
        "beta.kubernetes.io/os",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "kubernetes.io/arch",
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "node.kubernetes.io/instance-type",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
        "failure-domain.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region",
        "kubernetes.io/instance-type",
    ];
    let Some(list) = registration.get("kubeletExtraArgs") else { return };
    for item in list.items() {
        if item.node.get("name").and_then(N::text) != Some("node-labels") {
            continue;
        }
        let value = item.node.get("value").and_then(N::text).unwrap_or("");
        for label in value.split(',').filter(|label| !label.is_empty()) {
            let key = label.split('=').next().unwrap_or("");
            let domain = key.split_once('/').map_or("", |(domain, _)| domain);
            let is_own = domain == "kubernetes.io"
                || domain.ends_with(".kubernetes.io")
                || domain == "k8s.io"
                || domain.ends_with(".k8s.io");
            let may_set = ["kubelet.kubernetes.io", "node.kubernetes.io"]
                .iter()
                .any(|own| domain == *own || domain.ends_with(&format!(".{own}")));
            if is_own && !may_set && !ALLOWED.contains(&key) {
                let message = format!(
                    "the kubelet may not give its Node the label `{}`: it would not start",
                    errors::shown(key)
                );
                cx.push(errors::refused(
                    item.pointer_of("value"),
                    message,
                    "set it on the Node object, or use a prefix of your own",
                ));
            }
        }
    }
}

/// KA-1, KA-2, KA-3.
fn networking<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(networking) = at.get("networking") else { return };
    for key in ["podSubnet", "serviceSubnet"] {
        let Some(ranges) = networking.get(key) else { continue };
        let Some(text) = ranges.node.text().filter(|text| !has_placeholder(text)) else { continue };
        if !families_differ(text) {
            let message = "two ranges are one of IPv4 and one of IPv6";
            cx.push(errors::refused(ranges.pointer(), message, "give one of each, or one alone"));
        }
        for range in text.split(',') {
            match parse_cidr(range) {
                Some((address, bits)) if key == "serviceSubnet" => services(cx, &ranges, address, bits),
                Some((address, bits)) => pods(cx, at, &ranges, address, bits),
                None => {
                    cx.push(errors::bad_format(
                        ranges.pointer(),
                        range,
                        "an address range",
                        "`10.0.0.0/16`, `fd00::/64`",
                    ));
                }
            }
        }
    }
}

fn host_bits(address: IpAddr, bits: u8) -> u8 {
    if address.is_ipv4() { 32_u8.saturating_sub(bits) } else { 128_u8.saturating_sub(bits) }
}

fn size(host_bits: u8) -> u128 {
    1_u128.checked_shl(host_bits.into()).unwrap_or(u128::MAX)
}

fn services<'d, N: Node<'d>>(cx: &mut Cx<'_>, ranges: &At<'_, N>, address: IpAddr, bits: u8) {
    let host_bits = host_bits(address, bits);
    if size(host_bits) < SERVICE_ADDRESSES_MIN {
        let message =
            format!("`{address}/{bits}` has fewer than {SERVICE_ADDRESSES_MIN} addresses for services");
        cx.push(errors::refused(ranges.pointer(), message, "give a larger range"));
    }
    if host_bits > SERVICE_BITS_MAX {
        let message = format!("`{address}/{bits}` is too large a range for services");
        let help = "at least `/12` for IPv4 and `/108` for IPv6";
        cx.push(errors::refused(ranges.pointer(), message, help));
    }
}

fn pods<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>, ranges: &At<'_, N>, address: IpAddr, bits: u8) {
    if size(host_bits(address, bits)) < POD_ADDRESSES_MIN {
        let message = format!("`{address}/{bits}` has fewer than {POD_ADDRESSES_MIN} addresses for pods");
        cx.push(errors::refused(ranges.pointer(), message, "give a larger range"));
    }
    if last_flag(at, "allocate-node-cidrs") == Some("false") {
        return;
    }
    let (flag, default) =
        if address.is_ipv4() { ("node-cidr-mask-size-ipv4", 24) } else { ("node-cidr-mask-size-ipv6", 64) };
    let node_bits: u8 = last_flag(at, flag).and_then(|text| text.parse().ok()).unwrap_or(default);
    if bits > node_bits {
        let message = format!("`{address}/{bits}` is smaller than the `/{node_bits}` that each host gets");
        cx.push(errors::refused(
            ranges.pointer(),
            message,
            format!("give a larger range, or set `{flag}` of the controller manager"),
        ));
    } else if node_bits - bits > NODE_BITS_MAX {
        let message =
            format!("`{address}/{bits}` splits into more than 2^{NODE_BITS_MAX} ranges of `/{node_bits}`");
        cx.push(errors::refused(
            ranges.pointer(),
            message,
            format!("set `{flag}` of the controller manager"),
        ));
    }
}

/// The last value of a flag of the controller manager, which is the one that counts.
fn last_flag<'d, N: Node<'d>>(at: &At<'_, N>, name: &str) -> Option<&'d str> {
    let list = at.node.below(&["controllerManager", "extraArgs"])?;
    let values = list.items().filter(|item| item.get("name").and_then(N::text) == Some(name));
    values.last()?.get("value").and_then(N::text)
}

/// KA-4.
fn endpoint<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(endpoint) = at.get("controlPlaneEndpoint") else { return };
    let Some(text) = endpoint.node.text().filter(|text| !has_placeholder(text)) else { return };
    // The schema's patterns are loose for IPv6 only.
    if cx.out.iter().any(|finding| finding.pointer == endpoint.pointer()) {
        return;
    }
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let host_is_right = host.parse::<IpAddr>().is_ok() || dns_name(host).is_ok();
    let port_is_right = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    if !(host_is_right && port_is_right) {
        let right = "an address or DNS name, with or without a port: `api.prod.internal:6443`";
        cx.push(errors::bad_format(endpoint.pointer(), text, "the address of a control plane", right));
    }
}

/// KA-5: gates of kubeadm itself that are locked. Unknown ones and those that are gone: the schema.
fn gates<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(map) = at.get("featureGates") else { return };
    // Each is locked in one minor and gone in the next.
    let locked = [
        ("WaitForAllControlPlaneComponents", 34),
        ("ControlPlaneKubeletLocalMode", 35),
        ("NodeLocalCRISocket", 36),
    ];
    for (name, minor) in locked {
        if let Some(gate) = map.get(name)
            && gate.node.bool() == Some(false)
            && cx.minor().number() == minor
        {
            let message = format!("the feature gate `{name}` of kubeadm is locked on in 1.{minor}");
            cx.push(errors::unknown_gate(gate.pointer(), message, Some(String::from("leave it out"))));
        }
    }
}

/// KA-11.
fn validity<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    for (key, most) in
        [("certificateValidityPeriod", LEAF_HOURS_MAX), ("caCertificateValidityPeriod", AUTHORITY_HOURS_MAX)]
    {
        let Some(period) = at.get(key) else { continue };
        if period.node.text().and_then(go_duration).is_some_and(|span| span > most * HOUR) {
            let message =
                format!("certificates that live longer than {most} h are a risk that kubeadm warns of");
            cx.push(errors::trap(period.pointer(), message, format!("at most `{most}h0m0s`")));
        }
    }
}

/// KA-14: the registry and the longest name behind it are one reference.
fn repositories<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let longest = "/kube-controller-manager".len();
    if let Some(repository) = at.get("imageRepository")
        && repository.node.text().is_some_and(|text| text.len() + longest > IMAGE_NAME_MAX)
    {
        let message = format!("names of images below it are longer than {IMAGE_NAME_MAX} characters");
        cx.push(errors::refused(repository.pointer(), message, "use a shorter one"));
    }
}

/// KA-15, KA-16: with certificates everything is https.
fn etcd<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(etcd) = at.get("etcd") else { return };
    if let Some(external) = etcd.get("external") {
        let has = |key: &str| external.node.get(key).and_then(N::text).is_some_and(|text| !text.is_empty());
        if has("caFile")
            && let Some(endpoints) = external.get("httpEndpoints")
        {
            for item in endpoints.items() {
                if item.node.text().is_some_and(|text| !text.starts_with("https://")) {
                    let message = "with certificates every endpoint of etcd is https";
                    cx.push(errors::refused(item.pointer(), message, "begin it with `https://`"));
                }
            }
        }
    }
    if let Some(local) = etcd.get("local") {
        flags(cx, &local, "extraArgs", Component::Etcd);
    }
}

/// The version in the document is of the minor that the document is checked for.
fn version<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(version) = at.get("kubernetesVersion") else { return };
    let Some(text) = version.node.text() else { return };
    if crate::Minor::parse(text).is_some_and(|minor| minor != cx.minor()) {
        let message = format!("`{text}` is not a version of {}, which the cluster runs", cx.minor());
        cx.push(errors::refused(version.pointer(), message, format!("right is `v{}.…`", cx.minor())));
    }
}

/// KA-6, as far as it can be seen from here.
fn join<'d, N: Node<'d>>(cx: &mut Cx<'_>, at: &At<'_, N>) {
    let Some(discovery) = at.get("discovery") else { return };
    let Some(file) = discovery.get("file") else { return };
    if let Some(path) = file.get("kubeConfigPath")
        && path.node.text().is_some_and(|text| text.contains("://") && !text.starts_with("https://"))
    {
        let message = "discovery reads a file of the host or an https address";
        cx.push(errors::refused(path.pointer(), message, "use `https://`, or a path"));
    }
}

/// Which of kubeadm's commands reads a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Command {
    Init,
    Join,
    Upgrade,
    Reset,
}

/// Checks what the documents of one file are to each other (KA-7, KA-13). Each document's own checks are
/// [`super::check_config`]'s. The numbers are those of the documents in `documents`.
pub fn check_files<'d, N: Node<'d>>(documents: &[N], out: &mut Vec<(usize, Finding)>) {
    let kinds: Vec<&str> =
        documents.iter().map(|document| document.get("kind").and_then(N::text).unwrap_or("")).collect();
    let has = |kind: &str| kinds.contains(&kind);
    let command = if has("UpgradeConfiguration") {
        Command::Upgrade
    } else if has("JoinConfiguration") {
        Command::Join
    } else if has("ResetConfiguration") {
        Command::Reset
    } else {
        Command::Init
    };
    for (number, kind) in kinds.iter().enumerate() {
        let at = Path::ROOT;
        let pointer = at.key("kind").pointer();
        if kinds.iter().take(number).any(|other| other == kind) {
            let message = format!("the file has two documents of the kind `{kind}`");
            out.push((number, errors::refused(pointer, message, "merge them")));
        } else if !reads(command, kind) {
            let message = format!("the `{kind}` in this file is skipped with a warning");
            let help = match (command, *kind) {
                (Command::Join, "KubeletConfiguration") => {
                    "only the one given to `kubeadm init` counts: use a patch for this host"
                }
                _ => "put it into the file of the command that reads it",
            };
            out.push((number, errors::trap(pointer, message, help)));
        }
    }
    same_key(documents, out);
}

fn reads(command: Command, kind: &str) -> bool {
    match command {
        Command::Init => matches!(
            kind,
            "InitConfiguration" | "ClusterConfiguration" | "KubeletConfiguration" | "KubeProxyConfiguration"
        ),
        Command::Join => kind == "JoinConfiguration",
        Command::Upgrade => kind == "UpgradeConfiguration",
        Command::Reset => kind == "ResetConfiguration",
    }
}

/// KA-7: one key encrypts the certificates of all control planes.
fn same_key<'d, N: Node<'d>>(documents: &[N], out: &mut Vec<(usize, Finding)>) {
    let mut first: Option<&str> = None;
    for (number, document) in documents.iter().enumerate() {
        let keys = [
            (&["certificateKey"][..], "/certificateKey"),
            (&["controlPlane", "certificateKey"][..], "/controlPlane/certificateKey"),
        ];
        for (path, pointer) in keys {
            let Some(key) = document.below(path).and_then(N::text) else { continue };
            match first {
                Some(first) if first != key => {
                    let message = "control planes of one cluster have one certificate key, and these differ";
                    out.push((number, errors::refused(pointer.to_owned(), message, "use the same one")));
                }
                _ => first = Some(key),
            }
        }
    }
}
