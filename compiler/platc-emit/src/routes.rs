//! Routes of hosts, in the dialect of each: systemd-networkd, netplan, ifupdown, netifrc of OpenRC, or
//! commands of `ip`.
//!
//! What networkd and netplan have is applied live by them. The others read their files at boot only, so
//! beside them lie commands of `ip`, which a script applies when they change: it takes away what is no
//! longer there. Which routes there are is decided in the plan.
//!
//! For networkd and OpenRC the whole network of a host is written, because their files stand for whole
//! interfaces; elsewhere only what platc adds to what the host has.

mod batch;
mod emit;
mod ifupdown;
mod ip;
mod netifrc;
mod netplan;
mod networkd;

pub(crate) use emit::EMITTER;
