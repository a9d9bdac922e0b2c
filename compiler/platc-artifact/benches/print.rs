//! How fast documents are built and printed: `cargo bench -p platc-artifact`.
//!
//! One core, the best of several rounds, because a shared machine only ever adds time. The document is
//! a Deployment with a sidecar, an embedded configuration and an embedded Envoy bootstrap, as
//! `platc-emit` makes one for each service.

fn main() {}
