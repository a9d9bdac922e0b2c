//! Envoy: a static bootstrap beside each pod that calls something, and one for each proxy.
//!
//! | module | writes |
//! |---|---|
//! | `emit` | the files of a build, the same documents that pods get |
//! | [`sidecar()`], [`proxy()`] | a whole bootstrap, into a map that the caller embeds |
//! | `frame` | what both have in common: node, admin, limits under load |
//! | `listener`, `route` | what is taken, and where it goes |
//! | `upstream` | the pods behind a service |
//! | `log` | access logs |
//! | `words` | durations and typed extensions, as Envoy spells them |
//!
//! There is no control plane: nothing here is asked for at run time but DNS. Unknown fields are refused by
//! Envoy, so `envoy --mode validate` over these files is a test of each name in this folder.
//!
//! Not here: any number; the plan has them. Start with [`sidecar()`].

mod emit;
pub(crate) mod frame;
pub(crate) mod listener;
pub(crate) mod log;
mod proxy;
pub(crate) mod route;
mod sidecar;
pub(crate) mod upstream;
pub(crate) mod words;

use std::borrow::Cow;

use platc_plan::{ListenPlan, SidecarPlan};

pub use emit::Envoy;
pub use proxy::proxy;
pub use sidecar::sidecar;

/// The environment variable that holds the bootstrap; [`sidecar_args`] and [`proxy_args`] read it.
pub const BOOTSTRAP_ENV: &str = "ENVOY_BOOTSTRAP";
/// Folder of the bootstrap where it is a file.
pub const BOOTSTRAP_FOLDER: &str = "/etc/envoy/bootstrap";
/// Its name there.
pub const BOOTSTRAP_FILE: &str = "bootstrap.yaml";
/// The environment variable that must hold the pod's own name (`metadata.name`) beside a sidecar.
pub const POD_NAME_ENV: &str = "POD_NAME";
/// The environment variable that must hold the host's name (`spec.nodeName`) in a proxy.
pub const NODE_NAME_ENV: &str = "NODE_NAME";
/// Path on which a sidecar says that it is ready, on its probe port.
pub const READY_PATH: &str = "/ready";
/// The program in its image.
pub const PROGRAM: &str = "/usr/local/bin/envoy";

/// Where an Envoy in a pod finds its bootstrap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bootstrap {
    /// In [`BOOTSTRAP_ENV`].
    Variable,
    /// In [`BOOTSTRAP_FILE`], because it is too large for a variable.
    File,
}

/// Folder of a certificate in a proxy's container: the keys `tls.crt` and `tls.key` of the secret lie in it.
pub fn certificate_folder(secret: &str) -> String {
    format!("/etc/envoy/tls/{secret}")
}

/// Arguments of a sidecar. `$(…)` is for Kubernetes to expand, so they must not be escaped.
pub fn sidecar_args<'n>(name: &'n str, sidecar: &SidecarPlan, bootstrap: Bootstrap) -> Vec<Cow<'n, str>> {
    args(name, POD_NAME_ENV, sidecar.concurrency, bootstrap)
}

/// Arguments of a proxy that has `concurrency` worker threads; as [`sidecar_args`].
pub fn proxy_args(name: &str, concurrency: u64, bootstrap: Bootstrap) -> Vec<Cow<'_, str>> {
    args(name, NODE_NAME_ENV, concurrency, bootstrap)
}

fn args<'n>(name: &'n str, node_env: &str, concurrency: u64, bootstrap: Bootstrap) -> Vec<Cow<'n, str>> {
    let (flag, value) = match bootstrap {
        Bootstrap::Variable => ("--config-yaml", format!("$({BOOTSTRAP_ENV})")),
        Bootstrap::File => ("--config-path", format!("{BOOTSTRAP_FOLDER}/{BOOTSTRAP_FILE}")),
    };
    vec![
        flag.into(),
        value.into(),
        // Else one thread for each of the host's CPUs, however few the pod may use.
        "--concurrency".into(),
        concurrency.to_string().into(),
        // Two Envoys in one network namespace would want the same socket.
        "--disable-hot-restart".into(),
        "--service-cluster".into(),
        name.into(),
        "--service-node".into(),
        format!("$({node_env})").into(),
        "--log-level".into(),
        "warning".into(),
    ]
}

/// What a proxy does before it is told to stop: says that it goes, and goes on serving for `seconds`.
///
/// Envoy's admin interface takes that as a POST only, which a Kubernetes hook cannot send, so bash does; the
/// image has no other client. If the admin interface does not answer, the wait is all the same.
pub fn drain_command(listen: &ListenPlan, seconds: u64) -> [String; 3] {
    let port = listen.admin_port;
    let script = format!(
        "if exec 3<>/dev/tcp/127.0.0.1/{port}; then\n  printf 'POST /healthcheck/fail HTTP/1.1\\r\\nHost: admin\\r\\nContent-Length: 0\\r\\nConnection: \
         close\\r\\n\\r\\n' >&3\n  cat <&3 >/dev/null\nfi\nsleep {seconds}\n"
    );
    ["/bin/bash".to_owned(), "-c".to_owned(), script]
}
