//! What a change of a Kubernetes object does to pods: they roll, and in how many steps; there are more or
//! fewer of them; or nothing of them stops.
//!
//! Start with [`clusters`].

use serde::Serialize;
use serde_json::Value;

use crate::facts::{Cluster, Facts};
use crate::fields::{Field, differences};
use crate::irreversible::{Irreversible, Loss};
use crate::objects::{Changed, Key, nodes};
use crate::side::Side;

/// What changes in one cluster.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct ClusterDiff {
    /// Its name.
    pub cluster: String,
    /// Pods that are replaced.
    pub rolls: Vec<Roll>,
    /// More or fewer pods, and none is replaced.
    pub scales: Vec<Scale>,
    /// What runs pods and was not there.
    pub starts: Vec<Own>,
    /// What ran pods and is gone.
    pub ends: Vec<Own>,
    /// All else: no pod stops because of it.
    pub settles: Vec<Settled>,
}

/// Pods that are replaced, step by step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Roll {
    /// `Deployment`, `StatefulSet`, `DaemonSet`; `Pod` for static pods.
    pub kind: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Pods that are replaced.
    pub pods: u64,
    /// So many steps, one after the other.
    pub steps: u64,
    /// Pods more than wanted meanwhile.
    pub surge: u64,
    /// Pods fewer than wanted meanwhile.
    pub unavailable: u64,
    /// It takes so many seconds at least, because each pod must be ready for a while.
    pub seconds_min: u64,
    /// How pods go on.
    pub how: How,
    /// Pods before, where their number changes, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods_before: Option<u64>,
    /// What changed.
    pub fields: Vec<Field>,
    /// Where it is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// How pods are replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A few at a time.
    Rolling,
    /// All at once: the strategy says so, or the object must be made anew.
    AllAtOnce,
    /// When somebody deletes them.
    OnDelete,
    /// Each when its host is given its file: the kubelet does it.
    WithHost,
}

/// More or fewer pods.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Scale {
    /// What it is.
    #[serde(flatten)]
    pub own: Own,
    /// Pods before.
    pub pods_before: u64,
}

/// Something that runs pods.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Own {
    /// `Deployment`, `Job`, ….
    pub kind: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Pods.
    pub pods: u64,
    /// Where it is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// An object that changes without a pod.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Settled {
    /// Its kind.
    pub kind: String,
    /// Namespace; empty where it has none.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether it came, went or changed.
    pub how: Came,
    /// What changed.
    pub fields: Vec<Field>,
}

/// Whether something came, went or changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another one.
    Changed,
}

/// What an object's pods are replaced by.
#[derive(Clone, Copy)]
struct Strategy {
    how: How,
    surge: u64,
    unavailable: u64,
}

/// Kinds that run pods for as long as they are there.
const RUNNING: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];

/// Fields that an API server does not let anybody change.
const FIXED: &[(&str, &str)] = &[
    ("Deployment", "/spec/selector"),
    ("DaemonSet", "/spec/selector"),
    ("StatefulSet", "/spec/selector"),
    ("StatefulSet", "/spec/serviceName"),
    ("StatefulSet", "/spec/podManagementPolicy"),
    ("StatefulSet", "/spec/volumeClaimTemplates"),
    ("Service", "/spec/clusterIP"),
    ("Node", "/spec/podCIDR"),
    ("ClusterRoleBinding", "/roleRef"),
    ("RoleBinding", "/roleRef"),
];

/// What changes in each cluster, and what of it cannot be taken back.
pub(crate) fn clusters(
    changed: &[Changed],
    sides: [&dyn Side; 2],
    lost: &mut Vec<Irreversible>,
) -> Vec<ClusterDiff> {
    let mut found: Vec<ClusterDiff> = Vec::new();
    for change in changed {
        let at = found.iter().position(|own| own.cluster == change.key.cluster).unwrap_or(found.len());
        if at == found.len() {
            found.push(ClusterDiff { cluster: change.key.cluster.clone(), ..ClusterDiff::default() });
        }
        if let Some(cluster) = found.get_mut(at) {
            one(change, sides, cluster);
        }
        irreversible(change, sides, lost);
    }
    found
}

fn one(change: &Changed, sides: [&dyn Side; 2], into: &mut ClusterDiff) {
    let key = &change.key;
    let runs = RUNNING.contains(&key.kind.as_str()) || matches!(key.kind.as_str(), "Job" | "CronJob" | "Pod");
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if runs => changed(key, before, after, sides, into),
        (None, Some(after)) if runs => into.starts.push(own(key, after, sides[1])),
        (Some(before), None) if runs => into.ends.push(own(key, before, sides[0])),
        // It is made anew, which is told among what cannot be taken back.
        (Some(before), Some(after)) if is_fixed(key, before, after).is_some() => {}
        (before, after) => {
            let (how, fields) = match (before, after) {
                (Some(before), Some(after)) => (Came::Changed, differences(before, after)),
                (None, _) => (Came::Added, Vec::new()),
                (Some(_), None) => (Came::Removed, Vec::new()),
            };
            into.settles.push(settled(key, how, fields));
        }
    }
}

/// The field that an API server does not let anybody change, and that changes.
fn is_fixed<'f>(key: &Key, before: &Value, after: &Value) -> Option<&'f str> {
    let differs =
        |(kind, at): &&(&str, &'f str)| *kind == key.kind && before.pointer(at) != after.pointer(at);
    FIXED.iter().find(differs).map(|(_, at)| *at)
}

fn settled(key: &Key, how: Came, fields: Vec<Field>) -> Settled {
    Settled { kind: key.kind.clone(), namespace: key.namespace.clone(), name: key.name.clone(), how, fields }
}

/// How many pods would be replaced, and in how many steps, if `ours` were applied over what differs from it
/// in the template.
pub(crate) fn roll_of(key: &Key, ours: &Value, side: &dyn Side) -> Option<(u64, u64)> {
    let is_running = RUNNING.contains(&key.kind.as_str());
    let pods = pods(key, ours, side);
    let roll = is_running.then(|| roll(key, ours, (pods, pods, false), Vec::new(), None))?;
    Some((roll.pods, roll.steps))
}

fn changed(key: &Key, before: &Value, after: &Value, sides: [&dyn Side; 2], into: &mut ClusterDiff) {
    let fields = differences(before, after);
    let (pods_before, pods) = (pods(key, before, sides[0]), pods(key, after, sides[1]));
    let anew = is_fixed(key, before, after).is_some();
    let template = |object: &Value| object.pointer("/spec/template").cloned();
    if !RUNNING.contains(&key.kind.as_str()) {
        // The next run has it; what runs now runs on.
        into.settles.push(settled(key, Came::Changed, fields));
    } else if anew || template(before) != template(after) {
        into.rolls.push(roll(key, after, (pods_before, pods, anew), fields, sides[1].facts()));
    } else if pods_before == pods {
        into.settles.push(settled(key, Came::Changed, fields));
    } else {
        into.scales.push(Scale { own: own(key, after, sides[1]), pods_before });
    }
}

fn roll(
    key: &Key,
    after: &Value,
    (pods_before, pods, anew): (u64, u64, bool),
    fields: Vec<Field>,
    facts: Option<&Facts>,
) -> Roll {
    let mut strategy = strategy(key, after, pods);
    if anew {
        strategy = Strategy { how: How::AllAtOnce, surge: 0, unavailable: pods };
    }
    let at_once = match strategy.how {
        How::AllAtOnce => pods,
        How::Rolling | How::OnDelete | How::WithHost => strategy.surge.saturating_add(strategy.unavailable),
    };
    let steps = if pods == 0 { 0 } else { pods.div_ceil(at_once.max(1)) };
    let ready = after.pointer("/spec/minReadySeconds").and_then(Value::as_u64).unwrap_or(0);
    Roll {
        kind: key.kind.clone(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        pods,
        steps,
        surge: strategy.surge,
        unavailable: strategy.unavailable.min(pods),
        seconds_min: ready.saturating_mul(steps),
        how: strategy.how,
        pods_before: (pods_before != pods).then_some(pods_before),
        fields,
        place: place(key, after, facts),
    }
}

fn strategy(key: &Key, object: &Value, pods: u64) -> Strategy {
    let text = |at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let (kind_at, numbers_at) = match key.kind.as_str() {
        "Deployment" => ("/spec/strategy/type", "/spec/strategy/rollingUpdate"),
        _ => ("/spec/updateStrategy/type", "/spec/updateStrategy/rollingUpdate"),
    };
    let (surge, unavailable) = if key.kind == "Deployment" { ("25%", "25%") } else { ("0", "1") };
    let number = |name: &str, default: &str, up: bool| {
        let said = object.pointer(&format!("{numbers_at}/{name}")).map(crate::fields::shown);
        share(said.as_deref().unwrap_or(default), pods, up)
    };
    match text(kind_at) {
        "Recreate" => Strategy { how: How::AllAtOnce, surge: 0, unavailable: pods },
        "OnDelete" => Strategy { how: How::OnDelete, surge: 0, unavailable: 1 },
        _ => Strategy {
            how: How::Rolling,
            surge: number("maxSurge", surge, true),
            unavailable: number("maxUnavailable", unavailable, false),
        },
    }
}

/// `2` or `25%` of the pods; Kubernetes rounds a surge up and what is unavailable down.
fn share(text: &str, pods: u64, up: bool) -> u64 {
    match text.strip_suffix('%').map(str::parse::<u64>) {
        Some(Ok(percent)) if up => pods.saturating_mul(percent).div_ceil(100),
        Some(Ok(percent)) => pods.saturating_mul(percent) / 100,
        Some(Err(_)) => 0,
        None => text.parse().unwrap_or(0),
    }
}

fn own(key: &Key, object: &Value, side: &dyn Side) -> Own {
    Own {
        kind: key.kind.clone(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        pods: pods(key, object, side),
        place: place(key, object, side.facts()),
    }
}

/// How many pods an object runs.
fn pods(key: &Key, object: &Value, side: &dyn Side) -> u64 {
    match key.kind.as_str() {
        "DaemonSet" => {
            let cluster = side.facts().and_then(|facts| facts.cluster(&key.cluster));
            let fits = |node: &&Value| is_for(object, node, cluster);
            nodes(side, &key.cluster).iter().filter(fits).count().try_into().unwrap_or(u64::MAX)
        }
        "CronJob" => 0,
        "Job" => object.pointer("/spec/parallelism").and_then(Value::as_u64).unwrap_or(1),
        "Pod" => 1,
        _ => object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1),
    }
}

/// The label that kubeadm gives to hosts of the control plane, without a value.
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Whether a DaemonSet has a pod on a node, as far as labels say: ours, and those that kubeadm and the
/// kubelet give.
fn is_for(daemon: &Value, node: &Value, cluster: Option<&Cluster>) -> bool {
    let own = node.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let leads = cluster.is_some_and(|cluster| cluster.control_plane.iter().any(|name| name == own));
    let labels = |name: &str| {
        let written = node.pointer("/metadata/labels").and_then(|labels| labels.get(name));
        written.and_then(Value::as_str).or(match name {
            CONTROL_PLANE if leads => Some(""),
            "kubernetes.io/os" => Some("linux"),
            _ => None,
        })
    };
    let pod = "/spec/template/spec";
    let selector = daemon.pointer(&format!("{pod}/nodeSelector")).and_then(Value::as_object);
    let selected =
        selector.is_none_or(|wanted| wanted.iter().all(|(name, value)| labels(name) == value.as_str()));
    let terms = format!(
        "{pod}/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"
    );
    let terms = daemon.pointer(&terms).and_then(Value::as_array);
    selected && terms.is_none_or(|terms| terms.iter().any(|term| holds(term, node, &labels)))
}

fn holds<'n>(term: &Value, node: &'n Value, labels: &dyn Fn(&str) -> Option<&'n str>) -> bool {
    let name = node.pointer("/metadata/name").and_then(Value::as_str);
    let all = |at: &str, of: &dyn Fn(&str) -> Option<&'n str>| {
        let rules = term.get(at).and_then(Value::as_array);
        rules.is_none_or(|rules| rules.iter().all(|rule| meets(rule, of)))
    };
    all("matchExpressions", labels) && all("matchFields", &|_| name)
}

fn meets<'n>(rule: &Value, labels: &dyn Fn(&str) -> Option<&'n str>) -> bool {
    let has = labels(rule.get("key").and_then(Value::as_str).unwrap_or_default());
    let values = rule.get("values").and_then(Value::as_array);
    let is_one = has.is_some_and(|has| {
        values.is_some_and(|values| values.iter().any(|value| value.as_str() == Some(has)))
    });
    match rule.get("operator").and_then(Value::as_str) {
        Some("In") => is_one,
        Some("NotIn") => !is_one,
        Some("Exists") => has.is_some(),
        Some("DoesNotExist") => has.is_none(),
        _ => true,
    }
}

/// Where the thing is declared that an object is one of.
pub(crate) fn place(key: &Key, object: &Value, facts: Option<&Facts>) -> Option<String> {
    let label = object.pointer("/metadata/labels/app.kubernetes.io~1name").and_then(Value::as_str);
    let name = label.unwrap_or(&key.name);
    let is_it = |own: &&crate::facts::Workload| {
        own.cluster == key.cluster && own.namespace == key.namespace && own.name == name
    };
    facts?.workloads.iter().find(is_it).map(|own| own.place.clone())
}

fn irreversible(change: &Changed, sides: [&dyn Side; 2], lost: &mut Vec<Irreversible>) {
    let key = &change.key;
    let name = if key.namespace.is_empty() {
        format!("{} {} of {}", key.kind, key.name, key.cluster)
    } else {
        format!("{} {}/{} of {}", key.kind, key.namespace, key.name, key.cluster)
    };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            // Where plans are known, a node's range is told with its cluster or its host.
            let told = key.kind == "Node" && sides.iter().all(|side| side.facts().is_some());
            if let Some(at) = is_fixed(key, before, after).filter(|_| !told) {
                let field = at.trim_start_matches('/').replace('/', ".");
                let kind = &key.kind;
                let text = format!("`{field}` cannot be changed: the {kind} must be deleted and made anew");
                lost.push(Irreversible::new(Loss::MadeAnew, &name, text));
            }
        }
        (Some(_), None) => {
            let what = match key.kind.as_str() {
                "Namespace" => "everything in it is deleted, also what platc did not write",
                "PersistentVolumeClaim" | "PersistentVolume" => "its data may be deleted with it",
                "CustomResourceDefinition" => "all objects of that kind are deleted with it",
                "StatefulSet" => "its pods go; the volumes stay until somebody deletes their claims",
                _ => return,
            };
            lost.push(Irreversible::new(Loss::Deleted, &name, what.to_owned()));
        }
        _ => {}
    }
}
