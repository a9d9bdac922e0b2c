//! Containers: the program's own, with its environment, its config, its probes and its limits; and those of
//! programs that run before it.
//!
//! Start with [`app`].

use platc_artifact::{EnvText, Format, Guard, Map, Seq, shown};
use platc_diag::Sourced;
use platc_model::generated::Security;
use platc_model::scalar::{Bytes, Cpu};
use platc_model::types::Types;
use platc_plan::{
    ConfigPlan, EnvPlan, EnvValue, InitMemoryPlan, InitPlan, ProbeCheck, ProbePlan, VariantPlan, Workload,
};

use super::pod::{Mount, mounts};
use crate::object::{put_value, sized};

/// The main container of a pod of a variant.
pub(super) fn app(
    s: &mut Seq<'_>,
    types: &Types,
    workload: &Workload,
    variant: &VariantPlan,
    security: Security,
) {
    let app = &workload.app;
    s.map(|m| {
        m.put("name", "app");
        m.put("image", shown(&app.image));
        m.put("imagePullPolicy", "IfNotPresent");
        if let Some(command) = &app.command {
            m.list("command", command.iter().map(EnvText));
        }
        env(m, types, (&app.env, &variant.env), app.config.as_ref());
        if !app.ports.is_empty() {
            m.seq("ports", |s| {
                for port in &app.ports {
                    s.map(|m| {
                        m.put("name", &port.name);
                        m.put("containerPort", port.number);
                        m.put("protocol", "TCP");
                    });
                }
            });
        }
        probe(m, "startupProbe", app.startup.as_ref());
        probe(m, "livenessProbe", app.liveness.as_ref());
        probe(m, "readinessProbe", app.readiness.as_ref());
        let pre_stop = workload.shutdown.pre_stop_s;
        if pre_stop.value > 0 {
            m.map("lifecycle", |m| {
                m.map("preStop", |m| m.map("sleep", |m| m.put("seconds", pre_stop)));
            });
        }
        resources(m, (app.cpu_request, app.cpu_limit), (variant.memory_request, variant.memory_limit));
        context(m, security);
        volume_mounts(m, workload);
    });
}

/// A program that runs before it.
pub(super) fn init(
    s: &mut Seq<'_>,
    types: &Types,
    workload: &Workload,
    (init, memory): (&InitPlan, &InitMemoryPlan),
    security: Security,
) {
    s.from(init.origin, |s| {
        s.map(|m| {
            m.put("name", &init.name);
            m.put("image", shown(&init.image));
            m.put("imagePullPolicy", "IfNotPresent");
            if let Some(command) = &init.command {
                m.list("command", command.iter().map(EnvText));
            }
            let config = workload.app.config.as_ref().filter(|_| init.config.value);
            env(m, types, (&init.env, &memory.env), config);
            resources(m, (init.cpu_request, init.cpu_limit), (memory.request, memory.limit));
            context(m, security);
            volume_mounts(m, workload);
        });
    });
}

fn resources(
    m: &mut Map<'_>,
    (cpu, cpu_limit): (Sourced<Cpu>, Option<Sourced<Cpu>>),
    (memory, memory_limit): (Sourced<Bytes>, Sourced<Bytes>),
) {
    m.map("resources", |m| {
        m.map("requests", |m| {
            m.put("cpu", shown(&cpu));
            m.put("memory", sized(memory));
        });
        m.map("limits", |m| {
            m.maybe("cpu", cpu_limit.as_ref().map(shown));
            m.put("memory", sized(memory_limit));
        });
    });
}

/// What a container may do, by the level of its namespace. In a privileged one it is as the image wants it.
fn context(m: &mut Map<'_>, security: Security) {
    match security {
        Security::Privileged => {}
        Security::Baseline => m.map("securityContext", |m| {
            m.put("allowPrivilegeEscalation", false);
            // Pods and hosts share a flat network: nobody forges packets on it.
            m.map("capabilities", |m| m.list("drop", ["NET_RAW"]));
        }),
        Security::Restricted => m.map("securityContext", |m| {
            m.put("runAsNonRoot", true);
            m.put("allowPrivilegeEscalation", false);
            m.map("capabilities", |m| m.list("drop", ["ALL"]));
        }),
    }
}

fn volume_mounts(m: &mut Map<'_>, workload: &Workload) {
    let mounts = mounts(workload);
    if !mounts.is_empty() {
        m.seq("volumeMounts", |s| mounts.iter().for_each(|mount| volume_mount(s, mount)));
    }
}

fn volume_mount(s: &mut Seq<'_>, mount: &Mount<'_>) {
    s.map(|m| {
        m.put("name", &*mount.volume);
        m.put("mountPath", mount.path);
        m.maybe("subPath", mount.sub_path.as_ref());
        if mount.read_only {
            m.put("readOnly", true);
        }
    });
}

/// The fields of the pod first, then what the runtime must know of its limits, what the author says, and
/// the config at the end: it is the longest.
fn env(
    m: &mut Map<'_>,
    types: &Types,
    (own, of_variant): (&[EnvPlan], &[EnvPlan]),
    config: Option<&ConfigPlan>,
) {
    let (fields, rest): (Vec<_>, Vec<_>) =
        own.iter().partition(|env| matches!(env.value, EnvValue::Field(_)));
    // What the author says of a variable wins over what we would say.
    let said = |name: &str| own.iter().any(|env| *env.name == *name);
    let of_variant = of_variant.iter().filter(|env| !said(&env.name));
    m.seq("env", |s| {
        fields.into_iter().chain(of_variant).chain(rest).for_each(|env| variable(s, env));
        if let Some(config) = config {
            s.map(|m| {
                m.put("name", &config.env);
                m.from(config.value.origin, |m| {
                    m.embed("value", Format::Yaml, Guard::EnvValue, |doc| {
                        put_value(doc.slot(), types, &config.value);
                    });
                });
            });
        }
    });
}

fn variable(s: &mut Seq<'_>, env: &EnvPlan) {
    s.from(env.origin, |s| {
        s.map(|m| {
            m.put("name", &env.name);
            match &env.value {
                EnvValue::Text(text) => m.put("value", EnvText(text)),
                EnvValue::Field(path) => {
                    m.map("valueFrom", |m| m.map("fieldRef", |m| m.put("fieldPath", *path)));
                }
                EnvValue::Secret(key) => m.map("valueFrom", |m| {
                    m.map("secretKeyRef", |m| {
                        m.put("name", &key.secret);
                        m.put("key", &key.key);
                    });
                }),
            }
        });
    });
}

/// A probe, if there is one.
pub(super) fn probe(m: &mut Map<'_>, key: &str, probe: Option<&ProbePlan>) {
    let Some(probe) = probe else { return };
    m.from(probe.origin, |m| {
        m.map(key, |m| {
            check(m, &probe.check);
            m.put("periodSeconds", probe.period_s);
            m.put("timeoutSeconds", probe.timeout_s);
            m.put("failureThreshold", probe.failures);
        });
    });
}

fn check(m: &mut Map<'_>, check: &ProbeCheck) {
    match check {
        ProbeCheck::Http { path, port } => m.map("httpGet", |m| {
            m.put("path", path);
            m.put("port", port);
        }),
        ProbeCheck::Grpc { service, port } => m.map("grpc", |m| {
            m.put("port", *port);
            if !service.value.is_empty() {
                m.put("service", service);
            }
        }),
        ProbeCheck::Tcp { port } => m.map("tcpSocket", |m| m.put("port", port)),
        ProbeCheck::Exec(command) => m.map("exec", |m| {
            m.list("command", command.iter().map(|word: &Sourced<_>| EnvText(word)));
        }),
    }
}
