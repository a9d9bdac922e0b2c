//! What becomes pods: each service, daemon, task and proxy at each of its clusters, with every number of
//! its containers.
//!
//! Start with [`decide`].

use std::sync::Arc;

use platc_diag::{Origin, Sourced, Span, Why};
use platc_model::generated::{
    Call, Cluster, CpuAmount, Cron, Daemon, Host, Job, On, Placed, Probe, Probes, Proxy, Runtime, Security,
    Service, Workload as Common,
};
use platc_model::scalar::{Bytes, Cpu, Image};
use platc_model::{AtPlaces, Head, Id, Items, Model, Text, Value};
use rayon::prelude::*;

use crate::plan::{
    ClusterPlan, ConfigPlan, Container, CronShape, DaemonShape, EnvPlan, EnvValue, FilePlan, FileSource,
    HostPlan, NamespacePlan, PortPlan, ProbeCheck, ProbePlan, ServiceShape, Shape, SidecarPlan, TaskShape,
    VariantPlan, VolumePlan, Workload,
};
use crate::traffic::{self, Side, Upstreams};
use crate::{Planner, clusters, errors, inits, place, rules, scale, shutdown, static_pods};

/// Limits of memory-spread variants are rounded up to this.
const VARIANT_STEP: Bytes = Bytes::mib(4);
/// Ports of a sidecar that no program may take.
pub const SIDECAR_ADMIN_PORT: u16 = 9901;
/// Port of a sidecar that the kubelet asks.
pub const SIDECAR_PROBE_PORT: u16 = 9902;

/// A workload's surroundings.
pub(crate) struct At<'m> {
    pub(crate) head: &'m Head,
    pub(crate) cluster: Id<Cluster>,
    pub(crate) cluster_plan: &'m ClusterPlan,
    /// All clusters: those whom it calls may be at another one.
    pub(crate) clusters: &'m Items<Cluster, ClusterPlan>,
}

/// Decides everything that becomes pods.
pub(crate) fn decide(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    hosts: &Items<Host, HostPlan>,
) -> Vec<Workload> {
    let model = planner.model;
    let mut all = each(planner, &model.services, clusters, |service| &service.placed, service_plan);
    all.extend(each(
        planner,
        &model.daemons,
        clusters,
        |daemon| &daemon.placed,
        |planner, at, daemon| daemon_plan(planner, at, daemon, hosts),
    ));
    all.extend(each(planner, &model.jobs, clusters, |job| &job.placed, job_plan));
    all.extend(each(planner, &model.crons, clusters, |cron| &cron.placed, cron_plan));
    all.extend(each(
        planner,
        &model.proxies,
        clusters,
        |proxy| &proxy.placed,
        |planner, at, proxy| proxy_plan(planner, at, proxy, hosts),
    ));
    // A workload is large, and nearly all of them, the services, are in order.
    all.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
    shutdown::decide(planner, &mut all);
    all
}

/// Workloads stand by cluster, namespace and name.
fn order_of(workload: &Workload) -> (Id<Cluster>, &str, &str) {
    (workload.cluster, &workload.namespace.value, &workload.name)
}

/// Notes with each cluster what each of its hosts asks of all workloads: there may be thousands of both.
pub(crate) fn sum_up(clusters: &mut Items<Cluster, ClusterPlan>, workloads: &[Workload]) {
    for (number, workload) in workloads.iter().enumerate() {
        let Some(cluster) = clusters.get_mut(workload.cluster) else { continue };
        if workload.hosts().is_some() {
            cluster.on_hosts.push(number);
        }
        let grace = workload.shutdown.grace_s;
        if !workload.is_static_pod() && cluster.grace_s.is_none_or(|most| grace.value > most.value) {
            cluster.grace_s = Some(grace);
        }
    }
}

/// Plans each at each of its places, on all threads. They come in the order of workloads.
fn each<'m, T: Sync>(
    planner: &mut Planner<'_>,
    items: &'m Items<T, AtPlaces<T, Cluster>>,
    clusters: &'m Items<Cluster, ClusterPlan>,
    placed: impl Fn(&T) -> &Placed,
    plan: impl Fn(&mut Planner<'_>, &At<'m>, &'m T) -> Workload + Sync,
) -> Vec<Workload> {
    let at_place = |item: &'m AtPlaces<T, Cluster>| {
        item.at.iter().filter_map(|at| {
            let cluster_plan = clusters.get(at.place)?;
            Some((At { head: &item.head, cluster: at.place, cluster_plan, clusters }, &at.value))
        })
    };
    let mut work: Vec<(At<'m>, &'m T)> = items.values().flat_map(at_place).collect();
    work.sort_by_cached_key(|(at, value)| {
        let namespace = namespace(planner, placed(value), at.head.span).value;
        (at.cluster, namespace, Text::clone(&at.head.name))
    });
    let all = &*planner;
    let planned = work.par_iter().map(|(at, value)| {
        let mut planner = all.apart();
        let workload = plan(&mut planner, at, value);
        (workload, planner.found())
    });
    let (mut workloads, mut found) = (Vec::new(), Vec::new());
    planned.unzip_into_vecs(&mut workloads, &mut found);
    found.into_iter().for_each(|found| planner.join(found));
    workloads
}

/// The namespace of something placed: what is said, else the platform's name.
pub(crate) fn namespace(planner: &Planner<'_>, placed: &Placed, span: Span) -> Sourced<Text> {
    match placed.namespace {
        Some(namespace) => {
            namespace.origin.of(Text::clone(&planner.model.namespaces.at(namespace.value).head.name))
        }
        None => {
            let platform = planner.model.platforms.values().next();
            let name = platform.map_or_else(|| "default".into(), |platform| Text::clone(&platform.head.name));
            Origin::decided(&rules::NAMESPACE, span).of(name)
        }
    }
}

/// Pods more and pods fewer while a service rolls. A `StatefulSet` takes each pod away before it makes the new one, which
/// has its name and its volumes, and it goes on to the next when that is ready.
fn rollout(planner: &mut Planner<'_>, at: &At<'_>, service: &Service) -> (Sourced<u32>, Sourced<u32>) {
    let count = |value: Sourced<i64>| value.map(|value| u32::try_from(value).unwrap_or(0));
    let said = (count(service.rollout.surge), count(service.rollout.unavailable));
    let Some(volume) = service.volume.first() else { return said };
    let in_place = volume.origin.decided_by(&rules::ROLL_IN_PLACE);
    for (said, word, always) in [(said.0, "surge", 0), (said.1, "unavailable", 1)] {
        if said.origin.why() == Why::Written && said.value != always {
            let span = place(said.origin, at.head.span);
            let problem = errors::roll_in_place(span, &at.head.name, word, said.value, always);
            planner.report(problem.about(Text::clone(&at.head.name)));
        }
    }
    (in_place.of(0), in_place.of(1))
}

fn service_plan(planner: &mut Planner<'_>, at: &At<'_>, service: &Service) -> Workload {
    let ports = ports(&service.port);
    let mut app = container(planner, at, &service.placed, &service.workload, ports);
    probes(planner, &mut app, &service.probes, at.head.span);
    let pods = scale::pods(planner, at, service);
    let count = |value: Sourced<i64>| value.map(|value| u32::try_from(value).unwrap_or(0));
    let (surge, unavailable) = rollout(planner, at, service);
    let shape = Shape::Service(ServiceShape {
        replicas: pods.most,
        scale: pods.scale,
        anti_affinity: service.anti_affinity.strictness,
        anti_affinity_by: service.anti_affinity.by,
        surge,
        unavailable,
        max_unavailable: count(service.max_unavailable),
    });
    let volumes = service.volume.iter().map(|volume| VolumePlan {
        name: Text::clone(&volume.name.value),
        size: volume.size,
        path: volume.path.clone(),
        class: volume.class.clone(),
        local: volume.local,
    });
    let volumes = volumes.collect();
    let workload = Workload {
        variants: variants(&service.placed, &service.workload, at.head, pods.least, pods.most.value),
        volumes,
        ..workload(planner, at, &service.placed, &service.workload, app, shape)
    };
    Workload { shutdown: shutdown::said(&service.shutdown, at.head.span), ..workload }
}

fn daemon_plan(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    daemon: &Daemon,
    hosts: &Items<Host, HostPlan>,
) -> Workload {
    let ports = ports(&daemon.port);
    let mut app = container(planner, at, &daemon.placed, &daemon.workload, ports);
    probes(planner, &mut app, &daemon.probes, at.head.span);
    let nodes = &at.cluster_plan.nodes;
    let chosen = daemon.on.as_ref().map_or_else(|| nodes.clone(), |on| chosen(on, at.cluster_plan, hosts));
    if chosen.is_empty() {
        planner.report(errors::proxy_on_nothing(at.head.span, &at.head.name, &at.cluster_plan.name));
    }
    let everywhere = chosen.len() == nodes.len();
    let shape = Shape::Daemon(DaemonShape {
        hosts: chosen,
        everywhere,
        static_pod: daemon.static_pod,
        host_network: daemon.host_network,
    });
    let workload = Workload {
        variants: variants(&daemon.placed, &daemon.workload, at.head, 1, 1),
        ..workload(planner, at, &daemon.placed, &daemon.workload, app, shape)
    };
    let priority = if daemon.static_pod.value {
        static_pods::priority(planner, at.head, daemon)
    } else {
        workload.priority
    };
    Workload { priority, shutdown: shutdown::said(&daemon.shutdown, at.head.span), ..workload }
}

fn job_plan(planner: &mut Planner<'_>, at: &At<'_>, job: &Job) -> Workload {
    let app = container(planner, at, &job.placed, &job.workload, Vec::new());
    let model = planner.model;
    let name = |service: &Sourced<Id<Service>>| {
        service.origin.of(Text::clone(&model.services.at(service.value).head.name))
    };
    let before = job.before.iter().flatten().map(name).collect();
    let shape =
        Shape::Job(TaskShape { deadline: job.deadline, retries: job.retries, keep: job.keep, before });
    Workload {
        variants: variants(&job.placed, &job.workload, at.head, 1, 1),
        ..workload(planner, at, &job.placed, &job.workload, app, shape)
    }
}

fn cron_plan(planner: &mut Planner<'_>, at: &At<'_>, cron: &Cron) -> Workload {
    let app = container(planner, at, &cron.placed, &cron.workload, Vec::new());
    let task =
        TaskShape { deadline: cron.deadline, retries: cron.retries, keep: cron.keep, before: Vec::new() };
    let shape = Shape::Cron(CronShape {
        task,
        schedule: cron.schedule.clone(),
        zone: cron.zone.clone(),
        start_within: cron.start_within,
        concurrency: cron.concurrency,
        history: cron.history,
        suspend: cron.suspend,
    });
    Workload {
        variants: variants(&cron.placed, &cron.workload, at.head, 1, 1),
        ..workload(planner, at, &cron.placed, &cron.workload, app, shape)
    }
}

fn proxy_plan(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    proxy: &Proxy,
    hosts: &Items<Host, HostPlan>,
) -> Workload {
    let placed = &proxy.placed;
    let image = at.cluster_plan.images.envoy_proxy.clone();
    let (cpu_request, cpu_limit) = cpu(placed);
    let app = Container {
        image,
        command: None,
        runtime: Origin::written(at.head.span).of(Runtime::Other),
        cpu_request,
        cpu_limit,
        ports: Vec::new(),
        env: Vec::new(),
        config: None,
        readiness: None,
        liveness: None,
        startup: None,
    };
    let chosen = chosen(&proxy.on, at.cluster_plan, hosts);
    if chosen.is_empty() {
        planner.report(errors::proxy_on_nothing(at.head.span, &at.head.name, &at.cluster_plan.name));
    }
    let (request, limit) = memory(placed);
    let shape = Shape::Proxy(traffic::proxy(planner, at, proxy, chosen, limit));
    let variant = VariantPlan {
        name: Text::clone(&at.head.name),
        letter: None,
        replicas: 1,
        least: 1,
        memory_request: request,
        memory_limit: limit,
        env: Vec::new(),
        inits: Vec::new(),
    };
    Workload {
        name: Text::clone(&at.head.name),
        span: at.head.span,
        shape,
        cluster: at.cluster,
        namespace: namespace(planner, placed, at.head.span),
        priority: placed.priority,
        app,
        inits: Vec::new(),
        variants: vec![variant],
        sidecar: None,
        shutdown: shutdown::unsaid(at.head.span),
        volumes: Vec::new(),
        files: Vec::new(),
        egress: Origin::written(at.head.span).of(platc_model::generated::Egress::None),
        labels: labels(planner, &placed.labels, &at.head.name),
    }
}

/// What all programs of ours have.
fn workload(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    placed: &Placed,
    common: &Common,
    app: Container,
    shape: Shape,
) -> Workload {
    let sidecar = sidecar(planner, at, common, &app);
    let inits = inits::decide(planner, at, common, &app);
    Workload {
        name: Text::clone(&at.head.name),
        span: at.head.span,
        shape,
        cluster: at.cluster,
        namespace: namespace(planner, placed, at.head.span),
        priority: placed.priority,
        app,
        inits,
        variants: Vec::new(),
        sidecar,
        shutdown: shutdown::unsaid(at.head.span),
        volumes: Vec::new(),
        files: common.file.iter().filter_map(|own| file(planner.model, own)).collect(),
        egress: common.egress,
        labels: labels(planner, &placed.labels, &at.head.name),
    }
}

/// Beginnings of labels by which platc finds what is its own.
const OWN_LABELS: [&str; 3] = ["platc/", "app.kubernetes.io/name", "app.kubernetes.io/managed-by"];

/// The labels that the author gives something, without those that are platc's.
fn labels(
    planner: &mut Planner<'_>,
    said: &[(Text, Sourced<Text>)],
    owner: &Text,
) -> Vec<(Text, Sourced<Text>)> {
    let taken = |name: &Text| OWN_LABELS.iter().any(|own| name.starts_with(own));
    for (name, value) in said.iter().filter(|(name, _)| taken(name)) {
        if let Some(span) = value.origin.span() {
            planner.problems.push(errors::label_taken(span, name).about(Text::clone(owner)));
        }
    }
    said.iter().filter(|(name, _)| !taken(name)).cloned().collect()
}

fn file(model: &Model, file: &Sourced<platc_model::generated::PodFile>) -> Option<FilePlan> {
    let from = match &file.from.value {
        Value::Text(path) => {
            let path = file.from.origin.of(Text::clone(path));
            // One that cannot be read was reported; nothing is emitted then.
            let text = Arc::clone(model.asset(&path)?.1);
            FileSource::Path(path, text)
        }
        Value::Secret(key) => FileSource::Secret(Arc::clone(key)),
        _ => return None,
    };
    Some(FilePlan { path: file.path.clone(), from })
}

/// The hosts that roles and names stand for, by name.
pub(crate) fn chosen(
    on: &[Sourced<On>],
    cluster: &ClusterPlan,
    hosts: &Items<Host, HostPlan>,
) -> Vec<Id<Host>> {
    let fits = |id: Id<Host>| {
        on.iter().any(|on| match on.value {
            On::ControlPlane => hosts.at(id).control_plane,
            On::Worker => hosts.at(id).worker,
            On::Host(host) => host == id,
        })
    };
    cluster.nodes.iter().copied().filter(|id| fits(*id)).collect()
}

fn ports(ports: &[Sourced<platc_model::generated::Port>]) -> Vec<PortPlan> {
    let plan = |port: &Sourced<platc_model::generated::Port>| PortPlan {
        name: port.name.clone(),
        number: port.port,
        protocol: port.protocol,
    };
    ports.iter().map(plan).collect()
}

fn cpu(placed: &Placed) -> (Sourced<Cpu>, Option<Sourced<Cpu>>) {
    amount_of_cpu(&placed.cpu)
}

/// Request and limit of CPU; a limit alone is the request, too.
pub(crate) fn amount_of_cpu(cpu: &Sourced<CpuAmount>) -> (Sourced<Cpu>, Option<Sourced<Cpu>>) {
    let limit = cpu.both.or(cpu.limit);
    let request = cpu.both.or(cpu.request);
    let fallback = limit.map(|limit| limit.origin.decided_by(&rules::REQUEST).of(limit.value));
    let request = request.or(fallback).unwrap_or_else(|| cpu.origin.of(Cpu::default()));
    (request, limit)
}

fn memory(placed: &Placed) -> (Sourced<Bytes>, Sourced<Bytes>) {
    let memory = &placed.memory;
    amount_of_memory(memory.both.or(memory.request), memory.both.or(memory.limit), memory.origin)
}

/// Request and limit of memory: what is not said is the other one.
pub(crate) fn amount_of_memory(
    request: Option<Sourced<Bytes>>,
    limit: Option<Sourced<Bytes>>,
    origin: Origin,
) -> (Sourced<Bytes>, Sourced<Bytes>) {
    let decided = |value: Sourced<Bytes>| value.origin.decided_by(&rules::REQUEST).of(value.value);
    let nothing = origin.of(Bytes::default());
    let limit = limit.or_else(|| request.map(decided)).unwrap_or(nothing);
    (request.unwrap_or_else(|| decided(limit)), limit)
}

/// The image as it is pulled: from the platform's registry, at the digest of the lock.
pub(crate) fn image(planner: &mut Planner<'_>, image: &Sourced<Arc<Image>>) -> Sourced<Image> {
    let platform = planner.model.platforms.values().next();
    let registry = platform.and_then(|platform| platform.value.registry.as_ref());
    let from = |image: Image| match registry {
        Some(registry) => image.from_registry(&registry.host.value),
        None => image,
    };
    let plain = image.origin.of((*image.value).clone());
    if plain.digest.is_none() {
        let written = plain.value.to_string().into();
        planner.tags.entry(written).or_insert_with(|| plain.as_ref().map(|image| from(image.clone())));
    }
    clusters::pinned(planner, plain).map(from)
}

fn container(
    planner: &mut Planner<'_>,
    at: &At<'_>,
    placed: &Placed,
    common: &Common,
    ports: Vec<PortPlan>,
) -> Container {
    let (cpu_request, cpu_limit) = cpu(placed);
    let runtime = cpu_env(common.runtime.value, cpu_limit, cpu_request, common.runtime.origin);
    Container {
        image: image(planner, &common.image),
        command: common.command.clone(),
        runtime: common.runtime,
        env: environment(runtime, &common.env, at.head.span),
        cpu_request,
        cpu_limit,
        ports,
        config: common
            .config
            .as_ref()
            .map(|config| ConfigPlan { env: config.env.clone(), value: config.value.value.clone() }),
        readiness: None,
        liveness: None,
        startup: None,
    }
}

/// Fields of the pod, what the runtime must be told, and what is said.
pub(crate) fn environment(
    runtime: Vec<EnvPlan>,
    said: &[(Text, Sourced<Value>)],
    span: Span,
) -> Vec<EnvPlan> {
    let said = said.iter().filter_map(|(name, value)| {
        let plan = match &value.value {
            Value::Secret(key) => EnvValue::Secret(Arc::clone(key)),
            Value::Text(text) => EnvValue::Text(Text::clone(text)),
            _ => return None,
        };
        Some(EnvPlan { name: Text::clone(name), value: plan, origin: value.origin })
    });
    let own = [("POD_IP", "status.podIP"), ("NODE_NAME", "spec.nodeName")];
    let fixed = own.into_iter().map(|(name, field)| EnvPlan {
        name: name.into(),
        value: EnvValue::Field(field),
        origin: Origin::decided(&rules::RUNTIME_ENV, span),
    });
    fixed.chain(runtime).chain(said).collect()
}

/// What a runtime must be told of its CPUs: it sees those of the host.
pub(crate) fn cpu_env(
    runtime: Runtime,
    limit: Option<Sourced<Cpu>>,
    request: Sourced<Cpu>,
    origin: Origin,
) -> Vec<EnvPlan> {
    let whole = limit.unwrap_or(request).floor().max(1);
    let (name, text) = match runtime {
        Runtime::Go if limit.is_some() => ("GOMAXPROCS", whole.to_string()),
        // gunicorn takes the number of its workers from here.
        Runtime::Python => ("WEB_CONCURRENCY", whole.to_string()),
        _ => return Vec::new(),
    };
    let origin = origin.decided_by(&rules::RUNTIME_ENV);
    vec![EnvPlan { name: name.into(), value: EnvValue::Text(text.into()), origin }]
}

/// What a runtime must be told of its memory: it sees that of the host.
pub(crate) fn memory_env(runtime: Runtime, limit: Sourced<Bytes>) -> Vec<EnvPlan> {
    let (name, text) = match runtime {
        Runtime::Go => ("GOMEMLIMIT", (limit.get() / 10 * 9 + limit.get() % 10 * 9 / 10).to_string()),
        Runtime::Java => ("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=70".to_owned()),
        Runtime::Python | Runtime::Other => return Vec::new(),
    };
    let origin = limit.origin.decided_by(&rules::RUNTIME_ENV);
    vec![EnvPlan { name: name.into(), value: EnvValue::Text(text.into()), origin }]
}

/// Deployments with limits apart, so that a leak never kills all pods at once.
fn variants(placed: &Placed, common: &Common, head: &Head, least: u32, most: u32) -> Vec<VariantPlan> {
    let n = u32::try_from(*placed.memory.variants).unwrap_or(1).max(1);
    let (request, limit) = memory(placed);
    let plan = |i: u32| {
        let spread = |value: Sourced<Bytes>| {
            if n == 1 {
                return value;
            }
            let more = placed.memory.spread.of(value.get()).saturating_mul(u64::from(i));
            let step = VARIANT_STEP.get();
            let bytes = value.get().saturating_add(more).div_ceil(step).saturating_mul(step);
            value.origin.decided_by(&rules::VARIANT).of(Bytes::new(bytes))
        };
        let letter = (n > 1).then(|| char::from(b'a'.saturating_add(u8::try_from(i).unwrap_or(0))));
        // Equal shares of the limits keep a Guaranteed pod one; a request of its own stays.
        let memory_limit = spread(limit);
        let memory_request = if request.value == limit.value { memory_limit } else { request };
        let share = |pods: u32| pods / n + u32::from(i < pods % n);
        VariantPlan {
            name: letter
                .map_or_else(|| Text::clone(&head.name), |letter| format!("{}-{letter}", head.name).into()),
            letter,
            replicas: share(most),
            least: share(least),
            memory_request,
            memory_limit,
            env: memory_env(common.runtime.value, memory_limit),
            inits: inits::memories(common, memory_request, memory_limit),
        }
    };
    (0..n).map(plan).collect()
}

fn sidecar(planner: &mut Planner<'_>, at: &At<'_>, common: &Common, app: &Container) -> Option<SidecarPlan> {
    if common.calls.is_empty() && common.sidecar.is_none() {
        return None;
    }
    for port in &app.ports {
        if [SIDECAR_ADMIN_PORT, SIDECAR_PROBE_PORT].contains(&port.number.value) {
            let span = place(port.number.origin, at.head.span);
            planner.report(
                errors::pod_port_conflict(span, port.number.value, "the sidecar")
                    .about(Text::clone(&at.head.name)),
            );
        }
    }
    let origin = Origin::decided(&rules::SIDECAR, at.head.span);
    let said = common.sidecar.as_ref();
    let cpu = said.map_or_else(|| origin.of(Cpu::milli(100)), |said| said.cpu);
    let memory = said.map_or_else(|| origin.of(Bytes::mib(64)), |said| said.memory);
    let mut upstreams = Upstreams::new(Side::Sidecar);
    let calls = common.calls.iter();
    let mut calls: Vec<_> =
        calls.filter_map(|call| traffic::call(planner, at, call, &mut upstreams)).collect();
    calls.sort_by_key(|call| call.local_port);
    let upstreams = upstreams.finish();
    Some(SidecarPlan {
        concurrency: cpu.as_milli().div_ceil(1000).max(1),
        cpu,
        memory,
        admin_port: SIDECAR_ADMIN_PORT,
        probe_port: SIDECAR_PROBE_PORT,
        heap: traffic::heap(memory),
        connections: traffic::sidecar_connections(&upstreams, origin),
        calls,
        upstreams,
    })
}

/// Numbers of probes where nothing is said: seconds between two, and failures until it counts.
const READINESS: (u64, i64) = (5, 2);
const LIVENESS: (u64, i64) = (10, 6);
const STARTUP: (u64, i64) = (2, 60);

fn probes(planner: &mut Planner<'_>, app: &mut Container, said: &Sourced<Probes>, span: Span) {
    let plan = |planner: &mut Planner<'_>, probe: &Option<Sourced<Probe>>, numbers: (u64, i64)| {
        probe.as_ref().and_then(|probe| probe_plan(planner, probe, numbers, &app.ports, span))
    };
    let readiness = plan(planner, &said.readiness, READINESS);
    let liveness = plan(planner, &said.liveness, LIVENESS);
    let startup = plan(planner, &said.startup, STARTUP);
    app.readiness = readiness;
    app.liveness = liveness;
    app.startup = startup;
}

fn probe_plan(
    planner: &mut Planner<'_>,
    probe: &Sourced<Probe>,
    (period, failures): (u64, i64),
    ports: &[PortPlan],
    span: Span,
) -> Option<ProbePlan> {
    let said = [probe.http.is_some(), probe.grpc.is_some(), probe.tcp.is_some(), probe.exec.is_some()];
    let count = said.iter().filter(|said| **said).count();
    let at = place(probe.origin, span);
    if count != 1 {
        planner.report(errors::probe_form(at, count));
        return None;
    }
    let check = if let Some(path) = &probe.http {
        ProbeCheck::Http {
            path: path.clone(),
            port: probe_port(planner, probe, ports, at)?.name.value.clone(),
        }
    } else if let Some(service) = &probe.grpc {
        ProbeCheck::Grpc {
            service: service.clone(),
            port: probe_port(planner, probe, ports, at)?.number.value,
        }
    } else if let Some(port) = &probe.tcp {
        let known = ports.iter().any(|own| own.name.value == port.value);
        if !known {
            let names: Vec<&str> = ports.iter().map(|port| &**port.name).collect();
            planner.report(errors::unknown_port(place(port.origin, at), "this program", &port.value, &names));
            return None;
        }
        ProbeCheck::Tcp { port: port.clone() }
    } else {
        ProbeCheck::Exec(probe.exec.clone().unwrap_or_default())
    };
    let default = probe.origin.decided_by(&rules::PROBE_NUMBERS);
    let seconds =
        |said: Sourced<platc_model::scalar::Duration>| said.map(platc_model::scalar::Duration::as_seconds_up);
    Some(ProbePlan {
        check,
        period_s: probe.period.map_or_else(|| default.of(period), seconds),
        timeout_s: seconds(probe.timeout),
        failures: probe.failures.unwrap_or_else(|| default.of(failures)),
        origin: probe.origin,
    })
}

/// The port that a probe asks: the one it names, the only one, or `http`.
fn probe_port(
    planner: &mut Planner<'_>,
    probe: &Sourced<Probe>,
    ports: &[PortPlan],
    span: Span,
) -> Option<PortPlan> {
    let names: Vec<&str> = ports.iter().map(|port| &**port.name).collect();
    let found = match &probe.port {
        Some(port) => {
            let found = ports.iter().find(|own| own.name.value == port.value);
            if found.is_none() {
                planner.report(errors::unknown_port(
                    place(port.origin, span),
                    "this program",
                    &port.value,
                    &names,
                ));
            }
            return found.cloned();
        }
        None => match ports {
            [only] => Some(only),
            several => several.iter().find(|port| **port.name == *"http"),
        },
    };
    if found.is_none() {
        let problem = if ports.is_empty() {
            errors::no_port(span, "this program")
        } else {
            errors::which_port(span, "this program", &names)
        };
        planner.report(problem);
    }
    found.cloned()
}

/// The number of pods at most during a roll, of one service.
pub fn rolling_pods(shape: &ServiceShape, variants: &[VariantPlan]) -> u64 {
    let surge = u64::from(shape.surge.value);
    let n = u64::try_from(variants.len()).unwrap_or(1);
    u64::from(shape.replicas.value) + surge * n
}

/// Name of a call as the caller speaks of it.
pub(crate) fn call_name(planner: &Planner<'_>, call: &Call) -> Text {
    call.as_.as_ref().map_or_else(
        || Text::clone(&planner.model.services.at(call.to.value).head.name),
        |name| Text::clone(&name.value),
    )
}

/// Namespaces with something in them, at each cluster; and those that are declared, at each cluster where
/// they have something, so that an empty one is nowhere.
pub(crate) fn namespaces(
    planner: &mut Planner<'_>,
    clusters: &Items<Cluster, ClusterPlan>,
    workloads: &[Workload],
) -> Vec<NamespacePlan> {
    let mut plans: Vec<NamespacePlan> = Vec::new();
    for workload in workloads {
        let known = plans
            .iter()
            .any(|plan| plan.cluster == workload.cluster && plan.name == workload.namespace.value);
        if known || clusters.get(workload.cluster).is_none() {
            continue;
        }
        let name = &workload.namespace.value;
        let declared = planner.model.namespaces.values().find(|item| item.head.name == *name);
        let value = declared.and_then(|item| item.at(workload.cluster)).map(|at| &at.value);
        let said = value.map_or(&[][..], |value| &value.labels);
        let labels = labels(planner, said, name);
        let origin = declared.map_or(workload.namespace.origin, |item| Origin::written(item.head.span));
        plans.push(NamespacePlan {
            name: Text::clone(name),
            cluster: workload.cluster,
            origin,
            security: value.map_or_else(|| origin.of(Security::Baseline), |value| value.security),
            quota: value.and_then(|value| value.quota.clone()),
            deployers: value.and_then(|value| value.deployers.clone()).unwrap_or_default(),
            labels,
        });
    }
    plans.sort_by(|a, b| (a.cluster, &a.name).cmp(&(b.cluster, &b.name)));
    plans
}
