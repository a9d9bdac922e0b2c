//! How a cluster begins: what `kubeadm init --config` reads on the first control-plane host.

use platc_artifact::{Artifact, Map, Seq, Shown};
use platc_diag::{Origin, Sourced};
use platc_model::Id;
use platc_model::generated::{Datacenter, ServiceProxy};
use platc_plan::{APISERVER_PORT, ClusterPlan, EtcdPlan};

use super::{CERTIFICATE_KEY, KUBEADM_API, PATCHES, TOKEN, kubelet};
use crate::hosts::{OnHost, yaml};
use crate::rules;

/// A year and ten years: kubeadm warns above.
const CERTIFICATES: [(&str, &str); 2] =
    [("certificateValidityPeriod", "8760h0m0s"), ("caCertificateValidityPeriod", "87600h0m0s")];

/// A pod stays this long with a host that is gone, instead of five minutes: on own machines a host that
/// has been away for a minute does not come back in time.
const TOLERATION_S: &str = "60";

/// Writes the file.
pub(super) fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    let Some(cluster) = on.cluster else { return };
    let origin = Origin::decided(&rules::NODE_SETUP, cluster.span);
    yaml(artifact, origin, |m| init(m, on));
    yaml(artifact, origin, |m| cluster_configuration(m, on, cluster));
    yaml(artifact, origin, |m| kubelet::base(m, on.plan, cluster));
    if cluster.service_proxy.value == ServiceProxy::KubeProxy {
        yaml(artifact, cluster.service_proxy.origin, |m| kube_proxy(m, cluster));
    }
}

fn init(m: &mut Map<'_>, on: &OnHost<'_>) {
    m.put("apiVersion", KUBEADM_API);
    m.put("kind", "InitConfiguration");
    m.seq("bootstrapTokens", |s| {
        s.map(|m| {
            m.put("token", TOKEN);
            m.put("ttl", "24h0m0s");
            m.list("usages", ["signing", "authentication"]);
            m.list("groups", ["system:bootstrappers:kubeadm:default-node-token"]);
        });
    });
    m.put("certificateKey", CERTIFICATE_KEY);
    m.map("localAPIEndpoint", |m| local_endpoint(m, on));
    m.map("nodeRegistration", |m| registration(m, on));
    m.map("patches", |m| m.put("directory", PATCHES));
    m.map("timeouts", |m| m.put("controlPlaneComponentHealthCheck", "4m0s"));
}

/// Where the API server of this host listens. Never kubeadm's guess, the address of the default route.
pub(super) fn local_endpoint(m: &mut Map<'_>, on: &OnHost<'_>) {
    m.put("advertiseAddress", on.host.address);
    m.put("bindPort", APISERVER_PORT);
}

/// How the kubelet makes its host known.
pub(super) fn registration(m: &mut Map<'_>, on: &OnHost<'_>) {
    let written = Origin::written(on.host.span);
    m.put("name", written.of(&on.host.name));
    m.put("criSocket", "unix:///run/containerd/containerd.sock");
    m.put("imagePullPolicy", "IfNotPresent");
    // Nothing said would mean kubeadm's taint, nothing in the list means none.
    m.seq("taints", |s| {
        if on.host.control_plane && !on.host.worker {
            s.from(written, |s| {
                s.map(|m| {
                    m.put("key", "node-role.kubernetes.io/control-plane");
                    m.put("effect", "NoSchedule");
                });
            });
        }
    });
    m.seq("kubeletExtraArgs", |s| {
        argument(s, "node-ip", on.host.address);
        let zone = format!("topology.kubernetes.io/zone={}", on.host.zone);
        let region = on.host.region.as_ref();
        let labels = match region {
            Some(region) => format!("{zone},topology.kubernetes.io/region={region}"),
            None => zone,
        };
        argument(s, "node-labels", written.of(labels));
    });
}

/// An argument of a program: since v1beta4 a list has them, as one may come twice.
fn argument(s: &mut Seq<'_>, name: &str, value: impl platc_artifact::IntoScalar) {
    s.map(|m| {
        m.put("name", name);
        m.put("value", value);
    });
}

fn cluster_configuration(m: &mut Map<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    m.put("apiVersion", KUBEADM_API);
    m.put("kind", "ClusterConfiguration");
    m.put("clusterName", Origin::written(cluster.span).of(&cluster.name));
    m.put("kubernetesVersion", cluster.version.map(|version| format!("v{version}")));
    m.put("controlPlaneEndpoint", platc_artifact::shown(&cluster.api.endpoint));
    for (key, period) in CERTIFICATES {
        m.put(key, period);
    }
    m.map("networking", |m| {
        m.put("podSubnet", cluster.pods.map(Shown));
        m.put("serviceSubnet", cluster.services.map(Shown));
        m.put("dnsDomain", &cluster.dns.domain);
    });
    // platc runs its own; said so, an upgrade leaves them alone, too.
    m.map("dns", |m| m.put("disabled", true));
    let has_proxy = cluster.service_proxy.value == ServiceProxy::KubeProxy;
    m.map("proxy", |m| m.put("disabled", cluster.service_proxy.origin.of(!has_proxy)));
    m.map("apiServer", |m| api_server(m, on, cluster));
    m.map("controllerManager", |m| {
        m.seq("extraArgs", |s| {
            // Node objects carry their ranges: what the allocator gives depends on who comes first.
            argument(s, "allocate-node-cidrs", "false");
            argument(s, "node-monitor-period", "5s");
            argument(s, "node-monitor-grace-period", "50s");
        });
    });
    m.map("etcd", |m| match &cluster.etcd {
        Some(elsewhere) => m.map("external", |m| external_etcd(m, elsewhere)),
        None => m.map("local", |m| etcd(m, on, cluster)),
    });
}

fn api_server(m: &mut Map<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    let names = Origin::decided(&rules::API_NAMES, cluster.span);
    m.seq("certSANs", |s| {
        s.put("127.0.0.1");
        s.put(cluster.services.origin.of(cluster.service_ip));
        if let Some(name) = &cluster.api.endpoint.host {
            s.put(cluster.api.endpoint.origin.of(name));
        }
        let members = || cluster.control_plane.iter().map(|host| on.plan.hosts.at(*host));
        s.extend(members().map(|host| names.of(&host.name)));
        s.extend(members().map(|host| host.address));
    });
    m.seq("extraArgs", |s| {
        if cluster.service_proxy.value == ServiceProxy::None {
            // Else the API server calls webhooks at virtual addresses, which lead nowhere.
            argument(s, "enable-aggregator-routing", cluster.service_proxy.origin.of("true"));
        }
        argument(s, "default-not-ready-toleration-seconds", TOLERATION_S);
        argument(s, "default-unreachable-toleration-seconds", TOLERATION_S);
    });
}

/// Members answer each other's beats within a round trip: with one that is longer than the beat, or an
/// election that comes after few of them, they would elect without end. etcd's defaults are for one place.
fn etcd(m: &mut Map<'_>, on: &OnHost<'_>, cluster: &ClusterPlan) {
    let beat = beat(on, cluster);
    m.put("dataDir", "/var/lib/etcd");
    m.seq("extraArgs", |s| {
        argument(s, "heartbeat-interval", beat.map(|ms| ms.to_string()));
        argument(s, "election-timeout", beat.map(|ms| (ms * 10).to_string()));
        // 8 GiB, above which etcd's authors warn; the default of 2 GiB ends in a cluster that only reads.
        argument(s, "quota-backend-bytes", "8589934592");
    });
}

/// An etcd that others run. Its members are only spoken to with certificates.
fn external_etcd(m: &mut Map<'_>, etcd: &EtcdPlan) {
    m.from(etcd.origin, |m| {
        let urls = etcd.members.iter().map(|member| member.at.as_ref().map(|at| format!("https://{at}")));
        m.list("endpoints", urls);
        m.put("caFile", &etcd.ca);
        m.put("certFile", &etcd.certificate);
        m.put("keyFile", &etcd.key);
    });
}

/// Milliseconds between beats: the longest round trip between control-plane hosts, 100 at least.
fn beat(on: &OnHost<'_>, cluster: &ClusterPlan) -> Sourced<u64> {
    let mut beat = Origin::decided(&rules::BEAT, cluster.span).of(100);
    let is_there = |place: Id<Datacenter>| {
        cluster.control_plane.iter().any(|host| on.plan.hosts.at(*host).datacenter == place)
    };
    for link in on.plan.model.links.values() {
        let ms = link.value.rtt.as_millis_up();
        if ms > beat.value && link.value.between.iter().all(|place| is_there(place.value)) {
            beat = link.value.rtt.origin.decided_by(&rules::BEAT).of(ms);
        }
    }
    beat
}

fn kube_proxy(m: &mut Map<'_>, cluster: &ClusterPlan) {
    m.put("apiVersion", "kubeproxy.config.k8s.io/v1alpha1");
    m.put("kind", "KubeProxyConfiguration");
    m.put("clusterCIDR", cluster.pods.map(Shown));
    // On 1.33 and later all Services in one table, which is changed at once; ipvs is going away.
    m.put("mode", "nftables");
    m.put("healthzBindAddress", "0.0.0.0:10256");
    m.put("metricsBindAddress", "127.0.0.1:10249");
}
