//! Properties of the canonical form: one manifest has one spelling, and any JSON reader agrees on it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::host::{HostLine, HostManifest};
use crate::{ArtifactPath, Digest, Entry, Kind, Manifest, Mode, Name, Owner, Target, Unit, compare};

/// A runner whose cases are the same each time.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn paths() -> impl Strategy<Value = ArtifactPath> {
    let component = prop_oneof![
        "[a-c]{1,2}",
        "[ -.0-~]{1,8}",
        "[a-zé界\\\\\" *?'-]{1,6}",
        Just("rootfs".to_owned()),
        Just("build.json".to_owned()),
    ];
    vec(component, 1..5)
        .prop_filter_map("not a path", |components| ArtifactPath::parse(&components.join("/")).ok())
}

fn targets() -> impl Strategy<Value = Target> {
    let name = || "[a-z0-9][a-zA-Z0-9._-]{0,6}".prop_map(|name| Name::parse(&name).unwrap());
    prop_oneof![
        Just(Target::Platform),
        name().prop_map(Target::Datacenter),
        name().prop_map(Target::Cluster),
        (name(), name()).prop_map(|(datacenter, host)| Target::host(datacenter, host)),
    ]
}

fn entries() -> impl Strategy<Value = Entry> {
    (paths(), "[a-z][a-z0-9-]{0,5}", targets(), 0..=0o7777_u16, any::<u64>(), any::<[u8; 32]>()).prop_map(
        |(path, kind, target, mode, size, digest)| Entry {
            path,
            kind: Kind::parse(&kind).unwrap(),
            target,
            mode: Mode::new(mode).unwrap(),
            size,
            digest: Digest::from_bytes(digest),
        },
    )
}

fn manifests() -> impl Strategy<Value = (Vec<Entry>, Manifest)> {
    vec(entries(), 0..12).prop_filter_map("paths exclude each other", |entries| {
        let manifest = Manifest::new(entries.clone()).ok()?;
        Some((entries, manifest))
    })
}

#[test]
fn a_manifest_has_one_spelling_whatever_the_order() {
    runner(2000)
        .run(&manifests(), |(mut entries, manifest)| {
            let bytes = manifest.to_bytes();
            entries.reverse();
            prop_assert_eq!(&Manifest::new(entries).unwrap().to_bytes(), &bytes);
            prop_assert_eq!(Manifest::parse(&bytes).unwrap(), manifest.clone());
            prop_assert_eq!(manifest.sums().len(), manifest.sums_size());
            prop_assert!(compare(&manifest, &manifest).is_empty());
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_json_reader_reads_what_we_mean() {
    runner(1000)
        .run(&manifests(), |(_, manifest)| {
            let json: serde_json::Value = serde_json::from_slice(&manifest.to_bytes()).unwrap();
            prop_assert_eq!(&json["format"], "platc-build-1");
            let files = json["files"].as_array().unwrap();
            prop_assert_eq!(files.len(), manifest.entries().len());
            for (file, entry) in files.iter().zip(manifest.entries()) {
                prop_assert_eq!(&file["path"], entry.path.as_str());
                prop_assert_eq!(&file["kind"], entry.kind.as_str());
                prop_assert_eq!(file["target"].as_str(), Some(&*entry.target.to_string()));
                prop_assert_eq!(file["mode"].as_str(), Some(&*entry.mode.to_string()));
                prop_assert_eq!(&file["size"], entry.size);
                prop_assert_eq!(file["sha256"].as_str(), Some(&*entry.digest.to_string()));
            }
            Ok(())
        })
        .unwrap();
}

/// Whatever bytes are read, writing gives the same ones: so no two files that differ have one meaning.
#[test]
fn what_is_read_is_canonical() {
    let damage = (manifests(), any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    runner(20_000)
        .run(&damage, |((_, manifest), at, byte, how)| {
            let mut bytes = manifest.to_bytes();
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
            if let Ok(read) = Manifest::parse(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn lists_of_hosts_are_read_as_written() {
    let units = vec("[!-+.-~]{1,6}".prop_filter("a unit", |unit| Unit::parse(unit).is_ok()), 0..3);
    let line = (paths(), 0..=0o7777_u16, any::<[u8; 32]>(), units).prop_map(|(path, mode, digest, units)| {
        HostLine {
            path: format!("/{path}").into(),
            mode: Mode::new(mode).unwrap(),
            owner: Owner::parse("root:_apt").unwrap(),
            digest: Digest::from_bytes(digest),
            restart: units.iter().map(|unit| Unit::parse(unit).unwrap()).collect(),
        }
    });
    let lists = vec(line, 0..8).prop_filter("paths are different", |lines| {
        let mut paths: Vec<&str> = lines.iter().map(|line| &*line.path).collect();
        paths.sort_unstable();
        paths.windows(2).all(|pair| pair[0] != pair[1])
    });
    runner(1000)
        .run(&(lists, any::<prop::sample::Index>(), any::<u8>()), |(lines, at, byte)| {
            let list = HostManifest::new(lines);
            let mut bytes = list.to_bytes();
            prop_assert_eq!(HostManifest::parse(&bytes), Ok(list));
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
                if let Ok(read) = HostManifest::parse(&bytes) {
                    prop_assert_eq!(read.to_bytes(), bytes);
                }
            }
            Ok(())
        })
        .unwrap();
}
