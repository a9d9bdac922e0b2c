//! How fast documents are built and printed: `cargo bench -p platc-artifact`.
//!
//! On one core, the best of several rounds, because a shared machine only ever adds time. Megabytes are
//! those of the printed text, in all rows, so the rows can be added up. The documents are the objects of
//! one service as `platc-emit` makes them: a Deployment with a sidecar, an embedded configuration, an
//! embedded Envoy bootstrap and origins of their own for what the author wrote.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark reads the clock, prints and fails loudly"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use platc_artifact::{ContentHash, Doc, Each, EnvText, Fixed, Format, Guard, Map, Origin, Prop, Sourced};
use platc_diag::{FileId, Span};

const ROUNDS: u32 = 25;
const SERVICES: u32 = 200;

/// What an emitter has of a service: strings and numbers with their places in the source.
struct Service {
    origin: Origin,
    name: Sourced<String>,
    image: Sourced<String>,
    replicas: Sourced<u32>,
    port: Sourced<u16>,
    cpu: Sourced<String>,
    memory: Sourced<String>,
    upstreams: Vec<Sourced<String>>,
    brokers: Vec<String>,
}

impl Service {
    fn new(nth: u32) -> Self {
        let origin = Origin::written(Span::new(FileId(nth), 0, 400));
        let at = |start: u32| Origin::written(Span::new(FileId(nth), start, start + 10));
        Self {
            origin,
            name: at(8).of(format!("service-{nth:04}")),
            image: at(40).of(format!("registry.internal/okm/service-{nth:04}:2026.11.3@sha256:{nth:064x}")),
            replicas: at(80).of(3 + nth % 5),
            port: at(90).of(8080),
            cpu: at(100).of("500m".to_owned()),
            memory: at(110).of("1096Mi".to_owned()),
            upstreams: (0..3)
                .map(|up| at(200 + up).of(format!("service-{:04}", (nth + up + 1) % SERVICES)))
                .collect(),
            brokers: (1..=3).map(|host| format!("10.1.0.1{host}:9092")).collect(),
        }
    }
}

fn main() {
    let services: Vec<Service> = (0..SERVICES).map(Service::new).collect();
    let mut doc = build(&Service::new(0));
    let mut shown = Vec::new();
    doc.print(Format::Yaml, &mut shown).expect("the document can be said");
    if std::env::args().any(|argument| argument == "--show") {
        println!("{}", String::from_utf8_lossy(&shown));
    }
    let built: Vec<Doc> = services.iter().map(build).collect();
    let mut out = Vec::new();
    let bytes: usize = built.iter().map(|doc| print(doc, Format::Yaml, &mut out)).sum();
    println!(
        "{SERVICES} Deployments, {} bytes of YAML each, best of {ROUNDS} rounds, one core",
        bytes / built.len()
    );

    report("build", bytes, || services.iter().for_each(|service| build_into(&mut doc, service)));
    report("print yaml", bytes, || built.iter().for_each(|doc| _ = print(doc, Format::Yaml, &mut out)));
    report("build + print yaml", bytes, || {
        for service in &services {
            build_into(&mut doc, service);
            print(&doc, Format::Yaml, &mut out);
        }
    });
    let json: usize = built.iter().map(|doc| print(doc, Format::Json, &mut out)).sum();
    report("print json", json, || built.iter().for_each(|doc| _ = print(doc, Format::Json, &mut out)));
    report("build + json view", bytes, || {
        let mut text = String::new();
        for service in &services {
            build_into(&mut doc, service);
            text.clear();
            doc.root().expect("it has a value").write_json(&mut text);
            black_box(&text);
        }
    });
    lines();
}

/// A HAProxy configuration with a backend per service.
fn lines() {
    let build = |doc: &mut Doc| {
        doc.clear();
        doc.lines(|l| {
            for nth in 0..500 {
                l.block(("backend", format_args!("service-{nth}")), |l| {
                    l.line(["balance", "leastconn"]);
                    l.line(["option", "httpchk"]);
                    for host in 1..=6 {
                        l.line((
                            "server",
                            format_args!("a-m{host}"),
                            format_args!("10.1.0.{host}:8000"),
                            "check",
                            Fixed("%i"),
                            Prop("weight", 10),
                        ));
                    }
                    l.line(("tags", Each(0..3)));
                });
            }
        });
    };
    let mut doc = Doc::new();
    build(&mut doc);
    let mut out = Vec::new();
    let bytes = print(&doc, Format::Haproxy, &mut out);
    report("print haproxy", bytes, || _ = print(&doc, Format::Haproxy, &mut out));
    report("build + print haproxy", bytes, || {
        build(&mut doc);
        print(&doc, Format::Haproxy, &mut out);
    });
}

fn report(what: &str, bytes: usize, mut run: impl FnMut()) {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
    }
    let megabytes = u32::try_from(bytes).map_or(0.0, f64::from) / 1e6;
    println!("{what:24} {:8.0} MB/s", megabytes / best.as_secs_f64());
}

fn print(doc: &Doc, format: Format, out: &mut Vec<u8>) -> usize {
    out.clear();
    doc.print(format, out).expect("the document can be said");
    black_box(&out);
    out.len()
}

fn build(service: &Service) -> Doc {
    let mut doc = Doc::new();
    deployment(&mut doc, service);
    doc
}

fn build_into(doc: &mut Doc, service: &Service) {
    doc.clear();
    deployment(doc, service);
    black_box(&doc);
}

fn labels(m: &mut Map<'_>, service: &Service) {
    m.put("app.kubernetes.io/name", &service.name);
    m.put("app.kubernetes.io/managed-by", "platc");
    m.put("platc/variant", "a");
}

fn deployment(doc: &mut Doc, service: &Service) {
    doc.from(service.origin, |d| {
        d.map(|m| {
            m.put("apiVersion", "apps/v1");
            m.put("kind", "Deployment");
            m.map("metadata", |m| {
                m.put("name", &service.name);
                m.put("namespace", "metrics");
                m.map("labels", |m| labels(m, service));
                m.map("annotations", |m| m.put("platc/content-sha256", ContentHash));
            });
            m.map("spec", |m| {
                m.put("replicas", service.replicas);
                m.put("revisionHistoryLimit", 3);
                m.put("minReadySeconds", 10);
                m.put("progressDeadlineSeconds", 600);
                m.map("selector", |m| m.map("matchLabels", |m| labels(m, service)));
                m.map("strategy", |m| {
                    m.put("type", "RollingUpdate");
                    m.map("rollingUpdate", |m| {
                        m.put("maxUnavailable", 0);
                        m.put("maxSurge", 1);
                    });
                });
                m.map("template", |m| {
                    m.map("metadata", |m| m.map("labels", |m| labels(m, service)));
                    m.map("spec", |m| pod(m, service));
                });
            });
        });
    });
}

fn pod(m: &mut Map<'_>, service: &Service) {
    m.put("serviceAccountName", &service.name);
    m.put("automountServiceAccountToken", false);
    m.put("enableServiceLinks", false);
    m.put("priorityClassName", "ingest-critical");
    m.put("terminationGracePeriodSeconds", 60);
    m.put("dnsPolicy", "ClusterFirst");
    m.map("dnsConfig", |m| {
        m.seq("options", |s| {
            for (name, value) in [("ndots", "2"), ("timeout", "1"), ("attempts", "3")] {
                s.map(|m| {
                    m.put("name", name);
                    m.put("value", value);
                });
            }
        });
    });
    m.seq("tolerations", |s| {
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            s.map(|m| {
                m.put("key", key);
                m.put("operator", "Exists");
                m.put("effect", "NoExecute");
                m.put("tolerationSeconds", 30);
            });
        }
    });
    m.map("affinity", |m| {
        m.map("podAntiAffinity", |m| {
            m.seq("requiredDuringSchedulingIgnoredDuringExecution", |s| {
                s.map(|m| {
                    m.put("topologyKey", "kubernetes.io/hostname");
                    m.map("labelSelector", |m| {
                        m.map("matchLabels", |m| m.put("app.kubernetes.io/name", &service.name));
                    });
                });
            });
        });
    });
    m.seq("topologySpreadConstraints", |s| {
        s.map(|m| {
            m.put("maxSkew", 1);
            m.put("topologyKey", "topology.kubernetes.io/zone");
            m.put("whenUnsatisfiable", "ScheduleAnyway");
            m.map("labelSelector", |m| {
                m.map("matchLabels", |m| m.put("app.kubernetes.io/name", &service.name));
            });
        });
    });
    m.seq("initContainers", |s| s.map(|m| sidecar(m, service)));
    m.seq("containers", |s| s.map(|m| application(m, service)));
}

fn probe(m: &mut Map<'_>, key: &str, path: &str, period: u32) {
    m.map(key, |m| {
        m.map("httpGet", |m| {
            m.put("path", path);
            m.put("port", 9902);
        });
        m.put("periodSeconds", period);
        m.put("timeoutSeconds", 1);
        m.put("failureThreshold", 30);
    });
}

fn resources(m: &mut Map<'_>, cpu: &Sourced<String>, memory: &Sourced<String>) {
    m.map("resources", |m| {
        for key in ["requests", "limits"] {
            m.map(key, |m| {
                m.put("cpu", cpu);
                m.put("memory", memory);
            });
        }
    });
}

fn field(m: &mut Map<'_>, name: &str, path: &str) {
    m.put("name", name);
    m.map("valueFrom", |m| m.map("fieldRef", |m| m.put("fieldPath", path)));
}

fn sidecar(m: &mut Map<'_>, service: &Service) {
    m.put("name", "envoy");
    m.put("restartPolicy", "Always");
    m.put("image", "docker.io/envoyproxy/envoy:distroless-v1.38.0@sha256:0000000000000000000000000000000000000000000000000000000000000000");
    m.list("command", ["/usr/local/bin/envoy"]);
    m.list(
        "args",
        [
            "--config-yaml",
            "$(ENVOY_BOOTSTRAP)",
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--service-cluster",
            "ingest",
            "--service-node",
            "$(POD_NAME)",
            "--log-level",
            "warn",
        ],
    );
    m.seq("env", |s| {
        s.map(|m| field(m, "POD_NAME", "metadata.name"));
        s.map(|m| {
            m.put("name", "ENVOY_BOOTSTRAP");
            m.embed("value", Format::Yaml, Guard::EnvValue, |d| d.map(|m| bootstrap(m, service)));
        });
    });
    m.seq("ports", |s| {
        s.map(|m| {
            m.put("name", "envoy-probe");
            m.put("containerPort", 9902);
        });
    });
    probe(m, "startupProbe", "/ready", 1);
    probe(m, "livenessProbe", "/ready", 10);
    resources(m, &service.cpu, &service.memory);
    security(m);
}

fn security(m: &mut Map<'_>) {
    m.map("securityContext", |m| {
        m.put("runAsNonRoot", true);
        m.put("runAsUser", 101);
        m.put("allowPrivilegeEscalation", false);
        m.put("readOnlyRootFilesystem", true);
        m.map("capabilities", |m| m.list("drop", ["ALL"]));
    });
}

fn application(m: &mut Map<'_>, service: &Service) {
    m.put("name", "app");
    m.put("image", &service.image);
    m.put("imagePullPolicy", "IfNotPresent");
    m.seq("env", |s| {
        s.map(|m| field(m, "POD_IP", "status.podIP"));
        s.map(|m| field(m, "NODE_NAME", "spec.nodeName"));
        for (name, value) in [("GOMEMLIMIT", "966367641"), ("GOMAXPROCS", "2"), ("PRICE", "$5 or $$")] {
            s.map(|m| {
                m.put("name", name);
                m.put("value", EnvText(value));
            });
        }
        s.map(|m| {
            m.put("name", "APP_CONFIG");
            m.embed("value", Format::Yaml, Guard::EnvValue, |d| d.map(|m| config(m, service)));
        });
    });
    m.seq("ports", |s| {
        s.map(|m| {
            m.put("name", "http");
            m.put("containerPort", service.port);
        });
    });
    probe(m, "readinessProbe", "/readyz", 2);
    probe(m, "livenessProbe", "/healthz", 10);
    probe(m, "startupProbe", "/healthz", 2);
    m.map("lifecycle", |m| m.map("preStop", |m| m.map("sleep", |m| m.put("seconds", 15))));
    resources(m, &service.cpu, &service.memory);
    security(m);
}

fn config(m: &mut Map<'_>, service: &Service) {
    m.put("listen", format_args!(":{}", service.port.value));
    m.map("kafka", |m| {
        m.list("brokers", &service.brokers);
        m.put("topic", "metrics-dc-a");
    });
    m.map("upstreams", |m| {
        for upstream in &service.upstreams {
            m.put(upstream, "http://127.0.0.1:8101");
        }
    });
    m.map("batch", |m| {
        m.put("size", 500);
        m.put("linger", "50ms");
        m.put("ratio", 0.25);
    });
    m.put("template", "cost is $(not_expanded)");
    m.put("motd", "first line\nsecond line: with a colon\n\nthe end\n");
}

fn bootstrap(m: &mut Map<'_>, service: &Service) {
    m.map("node", |m| {
        m.put("cluster", &service.name);
        m.put("id", &service.name);
    });
    m.map("admin", |m| {
        address(m, "127.0.0.1", 9901);
        m.seq("access_log", |_| {});
    });
    m.map("static_resources", |m| {
        m.seq("listeners", |s| {
            for upstream in &service.upstreams {
                s.map(|m| listener(m, upstream));
            }
        });
        m.seq("clusters", |s| {
            for upstream in &service.upstreams {
                s.map(|m| cluster(m, upstream));
            }
        });
    });
}

fn address(m: &mut Map<'_>, address: &str, port: u16) {
    m.map("address", |m| {
        m.map("socket_address", |m| {
            m.put("address", address);
            m.put("port_value", port);
        });
    });
}

fn listener(m: &mut Map<'_>, upstream: &Sourced<String>) {
    m.from(upstream.origin, |m| {
        m.put("name", format_args!("egress_{}", upstream.value));
        address(m, "127.0.0.1", 8101);
        m.seq("filter_chains", |s| {
            s.map(|m| {
                m.seq("filters", |s| {
                    s.map(|m| {
                        m.put("name", "envoy.filters.network.http_connection_manager");
                        m.map("typed_config", |m| manager(m, upstream));
                    });
                });
            });
        });
    });
}

fn manager(m: &mut Map<'_>, upstream: &Sourced<String>) {
    m.put("@type", "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager");
    m.put("stat_prefix", upstream);
    m.put("codec_type", "AUTO");
    m.put("generate_request_id", true);
    m.put("stream_idle_timeout", "30s");
    m.put("request_timeout", "5s");
    m.map("route_config", |m| {
        m.put("name", upstream);
        m.seq("virtual_hosts", |s| {
            s.map(|m| {
                m.put("name", upstream);
                m.list("domains", ["*"]);
                m.put("include_request_attempt_count", true);
                m.seq("routes", |s| {
                    s.map(|m| {
                        m.map("match", |m| m.put("prefix", "/"));
                        m.map("route", |m| {
                            m.put("cluster", upstream);
                            m.put("timeout", "3s");
                            m.map("retry_policy", |m| {
                                m.put("retry_on", "connect-failure,refused-stream,reset-before-request");
                                m.put("num_retries", 2);
                                m.put("per_try_timeout", "0.9s");
                                m.put("host_selection_retry_max_attempts", 20);
                            });
                        });
                    });
                });
            });
        });
    });
    m.seq("http_filters", |s| {
        s.map(|m| {
            m.put("name", "envoy.filters.http.router");
            m.map("typed_config", |m| {
                m.put("@type", "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router");
            });
        });
    });
}

fn cluster(m: &mut Map<'_>, upstream: &Sourced<String>) {
    m.put("name", upstream);
    m.put("connect_timeout", "0.25s");
    m.put("lb_policy", "LEAST_REQUEST");
    m.put("ignore_health_on_host_removal", true);
    m.map("common_lb_config", |m| m.map("healthy_panic_threshold", |m| m.put("value", 30.0)));
    m.map("circuit_breakers", |m| {
        m.seq("thresholds", |s| {
            s.map(|m| {
                m.put("priority", "DEFAULT");
                m.put("max_connections", 512);
                m.put("max_pending_requests", 256);
                m.put("max_requests", 1024);
            });
        });
    });
    m.map("outlier_detection", |m| {
        m.put("consecutive_5xx", 5);
        m.put("interval", "5s");
        m.put("base_ejection_time", "10s");
        m.put("max_ejection_percent", 50);
    });
    m.map("load_assignment", |m| {
        m.put("cluster_name", upstream);
        m.seq("endpoints", |s| {
            s.map(|m| {
                m.seq("lb_endpoints", |s| {
                    s.map(|m| {
                        m.map("endpoint", |m| {
                            m.map("address", |m| {
                                m.map("socket_address", |m| {
                                    m.put(
                                        "address",
                                        format_args!("{}.metrics.svc.cluster.local.", upstream.value),
                                    );
                                    m.put("port_value", 8080);
                                });
                            });
                        });
                    });
                });
            });
        });
    });
}
