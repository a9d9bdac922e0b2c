//! Names of kinds as `&'static str`, so that comparing and storing them costs nothing. The kinds
//! themselves are declared in `stdlib/kinds`; here is only what must be known before those are read.

use crate::stdlib;

/// The kind of that name, if there is one.
pub fn kind(name: &str) -> Option<&'static str> {
    stdlib::kind_names().iter().copied().find(|kind| *kind == name)
}

/// Words that begin statements which are no declarations of a kind.
pub const STATEMENTS: &[&str] =
    &["let", "param", "type", "template", "for", "defaults", "amend", "import", "test"];

/// Statements that may stand inside a declaration.
pub const INNER: &[&str] = &["at", "remove", "append", "allow"];

/// How we declare what other systems call by this name, in whatever case.
pub fn elsewhere_declared(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "deployment" | "pod" | "replicaset" | "app" | "application" | "workload" => {
            "write `service NAME`: it becomes a Deployment, and a headless Service where it has ports"
        }
        "statefulset" => "write `service NAME` with a `volume`: it becomes a StatefulSet",
        "daemonset" => "write `daemon NAME`",
        "cronjob" => "write `cron NAME`",
        "node" | "machine" | "server" => "write `host NAME` in its `datacenter`",
        "site" | "region" | "zone" | "dc" => "write `datacenter NAME`",
        "database" | "broker" => {
            "write `stateful NAME` for what runs beside Kubernetes, `external NAME` for what others run"
        }
        "ingress" | "gateway" | "httproute" | "vhost" => {
            "write `proxy NAME` with a `domain` and its `route`s"
        }
        "loadbalancer" | "upstream" => "write `balancer NAME`",
        "configmap" => "write the config below `config { … }` of a service: it is part of the pod",
        "policy" => {
            "write `use NAME` for a policy that ships, and `plugin NAME from=\"…\"` before it for another"
        }
        "module" | "component" | "function" | "macro" => "write `template NAME { … }`",
        "include" | "source" => "write `import \"FOLDER\"`; all files of a folder are one",
        "var" | "variable" | "set" | "const" | "local" => "write `let NAME VALUE`",
        _ => return None,
    })
}

/// How we say what other systems call by this name. Only for names that nothing of ours is near to.
pub fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "resources" | "limits" | "requests" => {
            "write `cpu 1` and `memory \"1GiB\"`, or `request=` and `limit=` of either"
        }
        "livenessProbe" | "readinessProbe" | "startupProbe" | "liveness" | "readiness" | "startup"
        | "healthcheck" => "write `probes { readiness http=\"/ready\"; liveness http=\"/live\" }`",
        "max-surge" | "maxSurge" | "max-unavailable-pods" | "strategy" => {
            "write `rollout surge=1 unavailable=0`"
        }
        "ports" | "containerPort" | "targetPort" => "write each port as `port NAME 8080`",
        "args" | "entrypoint" => "write `command PROGRAM ARGUMENT…`",
        "environment" | "envFrom" => {
            "write `env NAME=value`, and a secret as `env NAME=\"${secret.NAME.KEY}\"`"
        }
        "configMap" | "configmap" => "write the config below `config { … }`: it is part of the pod",
        "volumes" | "volumeMounts" | "storage" => "write `volume NAME \"10GiB\" path=\"/data\"`",
        "nodeSelector" | "affinity" | "tolerations" => {
            "write `anti-affinity`; which hosts a cluster has is said by their `roles`"
        }
        "terminationGracePeriodSeconds" | "grace-period" | "preStop" => {
            "write `shutdown`; what it leaves out is worked out"
        }
        "depends-on" | "depends_on" | "upstream" | "upstreams" => "write `calls NAME timeout=\"1s\"`",
        "metadata" | "spec" | "apiVersion" | "template" => {
            "platc writes the manifests: say only what is particular"
        }
        _ => return None,
    })
}

/// What other languages call our types.
pub fn type_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "integer" | "number" | "long" | "uint" | "int32" | "int64" | "i32" | "i64" | "u32" | "u64" => "int",
        "double" | "decimal" | "real" | "f32" | "f64" | "float64" => "float",
        "str" | "text" | "String" | "varchar" => "string",
        "boolean" | "Boolean" => "bool",
        "time" | "timeout" | "interval" | "timespan" => "duration",
        "memory" | "size" | "quantity" => "bytes",
        "address" | "ipv4" | "ip-address" => "ip",
        "subnet" | "network" => "cidr",
        "hostport" | "endpoint" | "host_port" => "host-port",
        "hostname" | "domain" | "fqdn" => "dns-name",
        "uri" => "url",
        "file" | "filename" => "path",
        _ => return None,
    })
}

/// `defaults workload` speaks to all kinds that become pods.
pub const WORKLOAD: &str = "workload";
