//! What a build costs beside the least that the machine can do: bare writes, a `stat` of each file, and
//! reading and comparing them. Prints; asserts nothing.
//!
//! `cargo bench -p platc-store --bench write [-- DIRECTORY]`: the file system is that of DIRECTORY, or
//! of the target directory. Each round measures everything once, one after the other, so that what else
//! the machine does hits all alike; the figures are the least and the median of the rounds by the clock,
//! and the median of what the processor worked, which other programs disturb less.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark uses clock and disk, prints, and may panic"
)]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use platc_store::{
    About, ArtifactPath, Current, Delivery, Finish, Kind, Meta, Mode, Presence, Store, Target, Timestamp,
};

const ROUNDS: usize = 7;

/// Milliseconds.
#[derive(Clone, Copy)]
struct Time {
    clock: f64,
    processor: f64,
}

struct Artifact {
    path: ArtifactPath,
    bytes: Vec<u8>,
}

/// How the files lie: the number of directories is a cost of its own.
#[derive(Clone, Copy)]
enum Shape {
    /// All of a cluster's step in one directory, as builds have it.
    Flat,
    /// A directory for each service, as the peers' benchmark has it.
    PerService,
}

fn main() {
    let root = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let root = PathBuf::from(root.as_deref().unwrap_or(env!("CARGO_TARGET_TMPDIR"))).join("bench-write");
    println!("in {}", root.display());
    let _ = remove(&root);
    for (count, size, shape) in
        [(6000, 2600, Shape::Flat), (6000, 2600, Shape::PerService), (2000, 8192, Shape::Flat)]
    {
        for threads in [1, 2] {
            compare(&root, count, size, shape, NonZeroUsize::new(threads).unwrap());
        }
    }
    let _ = remove(&root);
}

fn compare(root: &Path, count: usize, size: usize, shape: Shape, threads: NonZeroUsize) {
    let artifacts = artifacts(count, size, shape);
    let name = match shape {
        Shape::Flat => "a directory for each step",
        Shape::PerService => "a directory for each service",
    };
    println!("\n{count} files of {size} bytes, {name}, {threads} thread(s)");
    let mut times: Vec<(&str, Vec<Time>)> = Vec::new();
    for round in 0..ROUNDS {
        let mut say = |what: &'static str, time: Time| match times.iter_mut().find(|(name, _)| *name == what)
        {
            Some((_, times)) => times.push(time),
            None => times.push((what, vec![time])),
        };
        // Removing takes longer than writing, and leaves the file system other than it was: once, at the end.
        let root = &root.join(format!("{count}-{size}-{name}-{threads}-{round}"));
        fs::create_dir_all(root).unwrap();
        settle(root);
        bare(&root.join("bare"), &artifacts, &mut say);
        settle(root);
        store(&root.join("dist"), &artifacts, threads, &mut say);
    }
    print(&times);
}

/// What was written before is on the disk, so that nobody pays for another's writes.
fn settle(root: &Path) {
    rustix::fs::syncfs(fs::File::open(root).unwrap()).unwrap();
}

fn bare(dir: &Path, artifacts: &[Artifact], say: &mut impl FnMut(&'static str, Time)) {
    say(
        "bare writes",
        timed(|| {
            let mut last = PathBuf::new();
            for Artifact { path, bytes } in artifacts {
                let path = dir.join(path.as_str());
                let parent = path.parent().unwrap();
                if parent != last {
                    fs::create_dir_all(parent).unwrap();
                    parent.clone_into(&mut last);
                }
                fs::write(path, bytes).unwrap();
            }
        }),
    );
    say(
        "bare stat",
        timed(|| {
            for Artifact { path, bytes } in artifacts {
                assert_eq!(fs::metadata(dir.join(path.as_str())).unwrap().len(), bytes.len() as u64);
            }
        }),
    );
    say(
        "bare read and compare",
        timed(|| {
            for Artifact { path, bytes } in artifacts {
                assert_eq!(fs::read(dir.join(path.as_str())).unwrap(), *bytes);
            }
        }),
    );
    say("(bare syncfs)", timed(|| settle(dir)));
}

fn store(
    dist: &Path,
    artifacts: &[Artifact],
    threads: NonZeroUsize,
    say: &mut impl FnMut(&'static str, Time),
) {
    let store = Store::open(dist, threads);
    say("cold build", timed(|| _ = build(&store, artifacts, threads)));
    say(
        "no change: check_present",
        timed(|| {
            let id = store.current().unwrap().unwrap();
            assert_eq!(store.check_present(&id).unwrap(), Presence::Whole);
        }),
    );
    say("no change: emitted again", timed(|| _ = build(&store, artifacts, threads)));
    let verified = timed(|| {
        let report = store.verify().unwrap();
        assert!(report.is_clean(), "{:?}", report.troubles);
    });
    say("verify", verified);
    settle(dist);
    let mut changed = artifacts.iter().map(|own| (own.path.clone(), own.bytes.clone())).collect::<Vec<_>>();
    changed[artifacts.len() / 2].1 = b"changed".to_vec();
    let changed: Vec<Artifact> = changed.into_iter().map(|(path, bytes)| Artifact { path, bytes }).collect();
    say("one artifact changed", timed(|| _ = build(&store, &changed, threads)));
}

fn build(store: &Store, artifacts: &[Artifact], threads: NonZeroUsize) -> platc_store::BuildId {
    let build = store.begin().unwrap();
    let part = artifacts.len().div_ceil(threads.get());
    thread::scope(|scope| {
        for part in artifacts.chunks(part) {
            let build = &build;
            scope.spawn(move || {
                for Artifact { path, bytes } in part {
                    build.put(path, meta(), bytes).unwrap();
                }
            });
        }
    });
    build.finish(&finish()).unwrap().id
}

fn finish() -> Finish {
    let mut about = About::new();
    about.insert("plan.json", b"{}\n".to_vec()).unwrap();
    Finish { about, at: Timestamp::parse("2026-11-21T09:00:00Z").unwrap(), current: Current::Move }
}

fn meta() -> Meta {
    Meta {
        kind: Kind::parse("workload").unwrap(),
        mode: Mode::FILE,
        delivery: Delivery::To(Target::Platform),
    }
}

/// Text that no two files share, from a fixed seed.
fn artifacts(count: usize, size: usize, shape: Shape) -> Vec<Artifact> {
    (0..count)
        .map(|at| {
            let (cluster, service, kind) = (at % 2, at / 6, at / 2 % 3);
            let path = match shape {
                Shape::Flat => format!("clusters/dc{cluster}/{kind}0-step/default.svc-{service:05}.yaml"),
                Shape::PerService => format!("dc{cluster}/svc-{service:05}/{kind}.yaml"),
            };
            let mut state = at as u64 + 1;
            let bytes = (0..size)
                .map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    b'a' + u8::try_from((state >> 33) % 26).unwrap()
                })
                .collect();
            Artifact { path: ArtifactPath::parse(&path).unwrap(), bytes }
        })
        .collect()
}

fn timed(act: impl FnOnce()) -> Time {
    let (start, worked) = (Instant::now(), processor());
    act();
    Time { clock: start.elapsed().as_secs_f64() * 1e3, processor: processor() - worked }
}

/// How long the processor worked for this process, all threads together.
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap()).as_secs_f64() * 1e3
}

fn print(times: &[(&str, Vec<Time>)]) {
    let sorted = |what: &str, of: fn(&Time) -> f64| {
        let (_, times) = times.iter().find(|(name, _)| *name == what).unwrap();
        let mut times: Vec<f64> = times.iter().map(of).collect();
        times.sort_by(f64::total_cmp);
        (times[0], times[times.len() / 2])
    };
    println!("{:<46} {:>8} {:>8} {:>9}", "milliseconds", "least", "median", "processor");
    for (what, _) in times {
        let (least, median) = sorted(what, |time| time.clock);
        let (_, worked) = sorted(what, |time| time.processor);
        let beside = match *what {
            "cold build" | "no change: emitted again" => Some("bare writes"),
            "no change: check_present" => Some("bare stat"),
            "verify" => Some("bare read and compare"),
            _ => None,
        };
        let ratio = beside.map_or(String::new(), |beside| {
            let (bare_least, bare) = sorted(beside, |time| time.clock);
            let (_, bare_worked) = sorted(beside, |time| time.processor);
            let ratios = [least / bare_least, median / bare, worked / bare_worked];
            format!("  {:.2} {:.2} {:.2} × {beside}", ratios[0], ratios[1], ratios[2])
        });
        println!("{what:<46} {least:>8.2} {median:>8.2} {worked:>9.2}{ratio}");
    }
}

/// Directories of a build take no names away, except for root.
fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() && !path.is_symlink() {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path, mode)?;
        for entry in fs::read_dir(path)? {
            remove(&entry?.path())?;
        }
        return fs::remove_dir(path);
    }
    fs::remove_file(path)
}
