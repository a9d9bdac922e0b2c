//! The policies that ship with platc: each folder of `plugins/policies`, compiled to WebAssembly from source
//! by this crate's build script, so that a plain `cargo build` suffices and no binary is committed.
//!
//! Also the files that a policy of somebody else begins with: the SDK travels with platc, so that authors
//! need no registry and always have the SDK that fits.
//!
//! Not here: what a policy is and how it is run. This crate depends on nothing, so that nothing of the host
//! is built twice for its sake.
//!
//! Start with [`library`]; how it is made is in `build.rs`. [`project`] is for `platc policy new`.

mod project;

pub use project::{Language, ProjectFile, Purpose, TARGET, build_command, built_file, is_name, project};

/// Name and file of each policy, in the order of names. The files are core modules that carry the
/// contract; the host wraps them, once for each machine.
pub fn library() -> &'static [(&'static str, &'static [u8])] {
    LIBRARY
}

include!(concat!(env!("OUT_DIR"), "/library.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_is_webassembly_under_its_own_name_in_order() {
        let names: Vec<&str> = library().iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.contains(&"require-probes"), "{names:?}");
        for (name, file) in library() {
            assert!(file.starts_with(b"\0asm"), "{name} is WebAssembly");
        }
    }

    #[test]
    fn no_path_of_the_machine_that_built_it_is_in_a_policy() {
        let homes = [env!("CARGO_MANIFEST_DIR"), env!("OUT_DIR")];
        for (name, file) in library() {
            for home in homes {
                let found = file.windows(home.len()).any(|window| window == home.as_bytes());
                assert!(!found, "{name} names {home}: its bytes would differ from machine to machine");
            }
        }
    }
}
