//! Manifests of what runs in a cluster: namespaces, Services, workloads, tasks, proxies, and objects that
//! pass as they are.
//!
//! One file holds all objects of one thing at one step. Steps are applied in the order of their numbers:
//!
//! | step | what |
//! |---|---|
//! | `20-namespaces` | namespaces with quota, limits and roles; priority classes |
//! | `22-definitions` | kinds that `raw` teaches the cluster, before objects of them |
//! | `25-raw` | objects that the language has no word for |
//! | `30-services` | accounts, files, headless Services, disruption budgets, network policies |
//! | `35-jobs` | tasks that others wait for |
//! | `40-workloads` | Deployments and their autoscalers, StatefulSets, DaemonSets, Jobs, CronJobs |
//! | `50-proxies` | the way in |
//!
//! Steps below 20 are those of `cluster/`. A daemon that is a static pod is a file of its hosts instead. Not here: any
//! decision; all numbers are in the plan.
//!
//! Start with `emit.rs`, then `pod.rs`.

mod bootstrap;
mod check;
mod container;
pub mod emit;
mod namespace;
mod pod;
mod policy;
mod proxy;
mod raw;
mod scale;
mod service;
mod sidecar;
pub(crate) mod static_pod;
mod task;
mod workload;
