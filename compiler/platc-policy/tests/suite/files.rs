//! Files that are no policies: each gets its own words, and none gets through.

use crate::fake::services;
use crate::guest::{Guest, WIT};
use crate::support::{file, found, host, refused, texts, threads};
use platc_artifact::judge::{Judge as _, Phase};
use platc_diag::limits;

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is valid")
}

#[test]
fn what_is_no_webassembly_is_named_as_what_it_is() {
    for (bytes, looks_like) in [
        (b"".as_slice(), "an empty file"),
        (b"#!/bin/sh\n", "text"),
        (b"(component)", "WebAssembly's text format, which must be compiled first"),
        (b"\x7fELF\x02\x01\x01", "machine code for a processor, which platc never runs"),
        (b"\x1f\x8b\x08\x00", "a compressed file"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\xff\xfe\x00\x01", "something else"),
    ] {
        let expected = format!(
            "E0702 4..8: `policies/odd.wasm`, the file of policy `odd`, is no WebAssembly: it is {looks_like}"
        );
        assert_eq!(refused(file("odd", bytes)), [expected]);
    }
}

#[test]
fn imports_that_are_not_offered_are_named() {
    let wasi = component(
        r#"(component (import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result (list string)))))))"#,
    );
    assert_eq!(
        refused(file("odd", wasi)),
        ["E0705 4..8: policy `odd` asks for `wasi:cli/environment@0.2.0`, which platc does not offer"]
    );
    let core = component(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#);
    assert_eq!(
        refused(file("odd", core)),
        ["E0705 4..8: policy `odd` asks for `wasi_snapshot_preview1/fd_write`, which platc does not offer"]
    );
    let mut guest = Guest::new();
    guest.extra = r#"(import "env" "clock" (func))"#.into();
    assert_eq!(
        refused(file("odd", guest.module())),
        ["E0705 4..8: policy `odd` asks for `env/clock`, which platc does not offer"]
    );
    let ours = component(r#"(component (import "platc:policy/files@0.1.0" (instance)))"#);
    assert_eq!(
        refused(file("odd", ours)),
        ["E0705 4..8: policy `odd` asks for `platc:policy/files@0.1.0`, which platc does not offer"]
    );
}

#[test]
fn a_function_that_our_interfaces_do_not_have_is_not_offered_either() {
    let model_version = "    model-version: func";
    let wit =
        WIT.replace(model_version, &format!("    read-file: func(path: string) -> string;\n{model_version}"));
    let mut guest = Guest::new();
    guest.extra = r#"(import "platc:policy/model@0.1.0" "read-file" (func (param i32 i32 i32)))"#.into();
    for bytes in [guest.module_of(&wit), guest.component_of(&wit)] {
        let refused = refused(file("odd", bytes));
        assert_eq!(refused.len(), 1);
        assert!(refused[0].starts_with("E0706 ") && refused[0].contains("read-file"), "{refused:?}");
    }
}

#[test]
fn a_component_of_another_contract_is_told_what_it_lacks() {
    let begins = "E0706 4..8: `policies/odd.wasm`, the file of policy `odd`, is no policy for this platc: ";
    let nothing = component("(component)");
    assert_eq!(
        refused(file("odd", nothing)),
        [format!("{begins}it exports nothing, and no `platc:policy/guest`")]
    );
    let other = component(r#"(component (instance $i) (export "acme:linter/run@1.0.0" (instance $i)))"#);
    assert_eq!(
        refused(file("odd", other)),
        [format!("{begins}it exports `acme:linter/run@1.0.0`, and no `platc:policy/guest`")]
    );
    let bare = component("(module)");
    assert_eq!(
        refused(file("odd", bare)),
        [format!("{begins}it exports nothing, and no `platc:policy/guest`")]
    );
    let later = WIT.replace("platc:policy@0.1.0", "platc:policy@0.2.0");
    assert_eq!(
        refused(file("odd", Guest::new().module_of(&later))),
        [format!("{begins}it speaks version 0.2.0 of `platc:policy`, and this platc knows 0.1")]
    );
}

#[test]
fn a_later_patch_of_the_contract_is_the_same_contract() {
    let later = WIT.replace("platc:policy@0.1.0", "platc:policy@0.1.7");
    let view = services(1).view();
    for bytes in [Guest::new().module_of(&later), Guest::new().component_of(&later)] {
        assert_eq!(found(file("odd", bytes), &view), [""; 0]);
    }
}

#[test]
fn our_names_with_other_types_are_another_contract() {
    let validate = "validate: func(phase: phase) -> result<list<diagnostic>, string>;";
    let other = WIT.replace(validate, "validate: func(phase: phase) -> u32;");
    let refused_component = refused(file("odd", Guest::new().component_of(&other)));
    assert!(refused_component[0].starts_with("E0706 "), "{refused_component:?}");
    let mut guest = Guest::new();
    guest.extra = r#"(import "platc:policy/model@0.1.0" "select" (func (param i32)))"#.into();
    let refused_module = refused(file("odd", guest.module()));
    assert!(refused_module[0].starts_with("E0706 "), "{refused_module:?}");
}

#[test]
fn components_and_modules_with_and_without_a_description_are_taken() {
    let view = services(1).view();
    let mut guest = Guest::new();
    let finding = guest.at(0, "", "here");
    guest.findings(&[finding]);
    for bytes in [guest.component_of(WIT), guest.module_of(WIT), guest.module()] {
        assert_eq!(found(file("odd", bytes), &view), ["odd/r 0..9: here"]);
    }
}

#[test]
fn a_file_that_was_cut_short_is_told_apart() {
    for whole in [Guest::new().module_of(WIT), Guest::new().component_of(WIT)] {
        let mut cut_short = 0;
        let lengths = (1..whole.len()).step_by(13);
        let n = lengths.len();
        for length in lengths {
            // Cut exactly between two sections it is whole, but lacks what came behind: the code, the
            // exports, or (of a module) only its description, which nobody needs.
            let policies = host().load(&[file("odd", &whole[..length])], threads(1));
            for problem in policies.problems() {
                let known = ["E0703", "E0704", "E0706"].contains(&problem.code().id());
                assert!(known, "of {length} bytes: {problem:?}");
                cut_short += usize::from(problem.code().id() == "E0703");
            }
        }
        assert!(cut_short * 20 > n * 19, "nearly all are named as cut short: {cut_short} of {n}");
    }
}

#[test]
fn a_flipped_bit_is_found_or_harmless() {
    let view = services(1).view();
    let host = host();
    for whole in [Guest::new().module_of(WIT), Guest::new().component_of(WIT)] {
        for n in (0..whole.len()).step_by(11) {
            let mut flipped = whole.clone();
            flipped[n] ^= 1 << (n % 8);
            let policies = host.load(&[file("odd", flipped)], threads(1));
            for problem in policies.problems() {
                assert!(problem.code().id().starts_with("E07"), "bit of byte {n}: {problem:?}");
            }
            // Where the bit was one of a text or a number, it is another policy, in the same sandbox.
            for verdict in policies.validate(Phase::Model, &view, threads(1)) {
                assert!(
                    texts(&verdict.findings).iter().all(|text| text.starts_with("E07")),
                    "bit of byte {n}"
                );
            }
        }
    }
}

#[test]
fn a_file_may_be_as_large_as_the_limit_and_no_larger() {
    // A custom section fills the file up: five bytes of length, and a name of one byte.
    let module = Guest::new().module();
    let padded = |total: usize| {
        let size = total - module.len() - 6;
        let mut bytes = module.clone();
        bytes.push(0);
        bytes.extend((0..5).map(|n| {
            let part = u8::try_from((size >> (7 * n)) & 0x7f).expect("seven bits");
            if n < 4 { part | 0x80 } else { part }
        }));
        bytes.extend([1, b'x']);
        bytes.resize(total, 0);
        bytes
    };
    let view = services(1).view();
    assert_eq!(found(file("odd", padded(limits::POLICY_FILE_BYTES)), &view), [""; 0]);
    assert_eq!(
        refused(file("odd", padded(limits::POLICY_FILE_BYTES + 1))),
        [
            "E0707 4..8: `policies/odd.wasm`, the file of policy `odd`, has 67108865 bytes, and 67108864 is the most"
        ]
    );
}
