//! Delivery with Ansible: who is where, and a playbook that is the same for every platform.
//!
//! The playbook brings each host's files to it, and a script there puts them in place, takes away what is
//! no longer in the host's list, and runs what the list names for files that changed, nothing else. Secrets
//! come from Ansible Vault, as `platc_secrets`; they are filled in on the host.
//!
//! Not here: files of hosts. The texts are fixed and lie beside this module.

mod emit;
mod inventory;

pub(crate) use emit::Ansible;
