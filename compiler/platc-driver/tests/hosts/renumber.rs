//! A host more renumbers nobody, one less leaves a hole, and only files that speak of it are different.

use std::collections::BTreeMap;
use std::path::Path;

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::emission::emit_all;
use platc_driver::world::Memory;

const BASE: &str = include_str!("../base.kdl");
/// Before all others in the order of names, by which ranges are given out.
const NEW: &str = r#"
amend datacenter home { host a1 address="192.168.1.19" cpu=16 memory="64GiB" { roles worker } }
"#;

struct Build {
    pods: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    lock: String,
}

fn build(more: &str, lock: &str) -> Build {
    let mut world = Memory::default();
    world.insert(Path::new("p/platform.kdl"), BASE);
    world.insert(Path::new("p/more.kdl"), more);
    if !lock.is_empty() {
        world.insert(Path::new("p/platc.lock"), lock);
    }
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions { today: None });
    let errors: Vec<_> = analysis.problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut files = BTreeMap::new();
    let done = emit_all::<()>(
        &analysis.plan,
        |_| true,
        |file| {
            let text = String::from_utf8(file.bytes.clone()).expect("artifacts are text");
            files.insert(file.artifact.path.as_str().to_owned(), text);
            Ok(())
        },
    );
    assert!(done.is_ok(), "{done:?}");
    Build { pods: pods(&analysis), files, lock: platc_sema::lock::write(&analysis.plan.lock) }
}

fn pods(analysis: &Analysis) -> BTreeMap<String, String> {
    let ranges = analysis.plan.hosts.values();
    ranges.filter_map(|host| Some((host.name.to_string(), host.pods?.to_string()))).collect()
}

/// Files that are different speak of the host, by name, address or range, before or after.
fn only_mentions(old: &Build, new: &Build, words: [&str; 3]) {
    let mut changed = 0;
    let none = String::new();
    for path in old.files.keys().chain(new.files.keys().filter(|path| !old.files.contains_key(*path))) {
        let (before, after) = (old.files.get(path).unwrap_or(&none), new.files.get(path).unwrap_or(&none));
        if before == after {
            continue;
        }
        changed += 1;
        let speaks = words.iter().any(|word| [path, before, after].iter().any(|text| text.contains(word)));
        assert!(speaks, "{path} changes and does not speak of the host:\n{after}");
    }
    assert!(changed > 0, "something is different");
}

#[test]
fn a_host_more_renumbers_nobody_and_one_less_leaves_a_hole() {
    let first = build("", "");
    let second = build(NEW, &first.lock);
    for (host, range) in &first.pods {
        assert_eq!(second.pods.get(host), Some(range), "{host}");
    }
    assert_eq!(second.pods["a1"], "10.244.6.0/24");
    only_mentions(&first, &second, ["a1", "192.168.1.19", "10.244.6.0/24"]);

    let third = build(&format!("{NEW}\namend datacenter home {{ remove host w1 }}"), &second.lock);
    let hole = second.pods["w1"].clone();
    assert!(third.pods.values().all(|range| *range != hole), "its range stays its own");
    for (host, range) in &third.pods {
        assert_eq!(second.pods.get(host), Some(range), "{host}");
    }
    only_mentions(&second, &third, ["w1", "192.168.1.21", &hole]);

    let fourth = build(&NEW.replace("a1", "b1"), &third.lock);
    assert_eq!(fourth.pods["b1"], "10.244.7.0/24", "what was somebody's is nobody's");
    assert_eq!(fourth.pods["w1"], hole, "who comes back finds its own");
}
