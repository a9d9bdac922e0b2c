//! What a host needs besides its network and kubeadm: kernel settings, modules, names, the container
//! runtime, slices of carve-outs, services of its init system.
//!
//! Files are ours alone, whole, so that they can be compared by hash; where a program has one file only, it
//! is a fragment, and a script of `run/` puts it in. Those scripts are fixed; they read what they need from
//! files beside them.

mod carve;
mod emit;
mod kernel;
mod names;
mod runtime;
mod scripts;
mod services;

pub(crate) use emit::EMITTER;
