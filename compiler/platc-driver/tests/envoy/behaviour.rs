//! What the emitted bootstraps do in the real Envoy, against pods that fail on demand.
//!
//! Each test is bounded in requests and in time, and prints its figures. Start with
//! [`what_fails_is_tried_on_another_pod`].

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use platc_diag::Diagnostic;
use platc_driver::analysis::{AnalysisOptions, analyse};
use platc_driver::world::Memory;

use crate::files;
use crate::live::{Answer, Envoy, PATIENCE, Running, get, until};
use crate::pods::{Dns, Does, Network, Pod, pause};
use crate::program::scratch;

const STORE: &str = "store.shop.svc.cluster.local";
const STORE_PORT: u16 = 8080;
const CALL: u16 = 8101;
const PROBE: u16 = 9902;
const RESOLVERS: &[&str] = &["192.168.1.11", "192.168.1.12", "192.168.1.13"];
/// The last part of addresses: of an Envoy, of the DNS; pods are 1, 2, …
const ENVOY: u8 = 100;
const DNS: u8 = 53;

/// A file of the platform in `live.kdl`.
fn emitted(path: &str) -> String {
    let mut world = Memory::default();
    world.insert("p/platform.kdl", include_str!("live.kdl"));
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions { today: None });
    let errors: Vec<&str> =
        analysis.problems.iter().filter(|problem| problem.is_error()).map(Diagnostic::message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut found = files(&analysis, |_| true).into_iter().filter(|file| file.artifact.path.as_str() == path);
    String::from_utf8(found.next().expect("a file of that path").bytes).expect("UTF-8")
}

/// Some pods of the store, and the sidecar of one that calls it.
struct Site {
    network: Network,
    dns: Dns,
    pods: Vec<Pod>,
    envoy: Envoy,
}

impl Site {
    /// `None` where there is no Envoy to run.
    fn start(caller: &str, n_pods: u8) -> Option<Self> {
        let (network, dns, pods) = store(n_pods);
        let bootstrap = emitted(&format!("envoy/home/{caller}.yaml"));
        let envoy = Envoy::start(&bootstrap, network, ENVOY, RESOLVERS, DNS)?.ready(PROBE, "/ready");
        Some(Self { network, dns, pods, envoy })
    }

    fn call(&self) -> Answer {
        self.envoy.get(CALL).expect("an answer")
    }

    fn calls(&self, n: u32) -> Vec<Answer> {
        let call = |_| {
            let answer = self.call();
            // The thread that leaves pods out is the one that answers here, so it has heard of this call, and what
            // it tells the others they hear before the next.
            self.stat("upstream_rq_total");
            answer
        };
        (0..n).map(call).collect()
    }

    fn stat(&self, name: &str) -> u64 {
        self.envoy.stat(&format!("cluster.store.{name}"))
    }

    fn requests(&self) -> Vec<u32> {
        self.pods.iter().map(Pod::requests).collect()
    }
}

fn store(n_pods: u8) -> (Network, Dns, Vec<Pod>) {
    let network = Network::new();
    let dns = Dns::start(network.at(DNS, 53));
    let pods: Vec<Pod> = (1..=n_pods).map(|host| Pod::start(network.at(host, STORE_PORT))).collect();
    dns.say(STORE, &pods);
    (network, dns, pods)
}

fn failed(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status != 200).count()
}

#[test]
fn what_fails_is_tried_on_another_pod() {
    let Some(site) = Site::start("eager", 3) else { return };
    site.pods[0].does(Does::Fail);
    let answers = site.calls(100);
    let (retried, requests) = (site.stat("upstream_rq_retry"), site.requests());
    println!("retry: sent 100, failed {}, retried {retried}, pods got {requests:?}", failed(&answers));
    assert_eq!(failed(&answers), 0);
    assert!(retried >= 1);
    // Each of its failures was made good by one retry, and after three it was left out.
    assert_eq!(u64::from(requests[0]), retried);
    assert_eq!(requests[0], 3);
    assert_eq!(requests.iter().sum::<u32>(), 103);
}

#[test]
fn careful_calls_repeat_only_what_nobody_accepted() {
    let Some(site) = Site::start("careful", 3) else { return };
    site.pods[0].does(Does::Fail);
    let answers = site.calls(100);
    let requests = site.requests();
    println!("connect: sent 100, failed {}, pods got {requests:?}", failed(&answers));
    // A failure that was an answer is the caller's; it is left out after three all the same.
    assert_eq!(failed(&answers), 3);
    assert_eq!(requests.iter().sum::<u32>(), 100);
    // It may be let in again meanwhile.
    site.pods[0].does(Does::Answer);
    // A pod that is gone accepts nothing, so that another one is asked.
    site.pods[1].dies();
    // What is sent on a connection before its end is seen may have been accepted, so it is not repeated.
    until("the Envoy has seen it", || site.envoy.connections(site.pods[1].address) == 0);
    let answers = site.calls(100);
    let (retried, well) = (site.stat("upstream_rq_retry"), site.stat("upstream_rq_retry_success"));
    println!("connect: sent 100, failed {}, retried {retried}, of those well {well}", failed(&answers));
    assert_eq!(failed(&answers), 0);
    // The first retry finds another pod, though only one of two lives and picks are by chance.
    assert!(retried > 0);
    assert_eq!(retried, well);
}

#[test]
fn a_pod_that_hangs_is_cut_off_at_the_time_of_a_try() {
    let Some(site) = Site::start("eager", 3) else { return };
    site.pods[0].does(Does::Hang);
    let answers = site.calls(100);
    let slow: Vec<Duration> =
        answers.iter().map(|answer| answer.took).filter(|took| *took >= Duration::from_millis(900)).collect();
    let timeouts = site.stat("upstream_rq_per_try_timeout");
    println!("per-try: sent 100, failed {}, cut off {timeouts}, slow ones took {slow:?}", failed(&answers));
    assert_eq!(failed(&answers), 0);
    // One that was cut off takes a second and what the next pod takes, far less than the call may.
    assert!(!slow.is_empty());
    assert!(slow.iter().all(|took| *took < Duration::from_secs(5)), "{slow:?}");
    // Tries that are cut off count as failures, and three in a row are enough.
    assert_eq!(timeouts, 3);
    assert_eq!(site.pods[0].requests(), 3);
}

#[test]
fn a_pod_that_fails_gets_nothing_though_its_checks_are_well() {
    let Some(site) = Site::start("careful", 3) else { return };
    site.pods[0].does(Does::Fail);
    site.calls(100);
    assert_eq!(site.pods[0].requests(), 3);
    assert_eq!(site.stat("outlier_detection.ejections_enforced_consecutive_gateway_failure"), 1);
    let left_out = Instant::now();
    // By default the next good answer to a check would let it in again.
    let asked = site.pods[0].checks();
    until("two more checks", || {
        site.call();
        site.pods[0].checks() >= asked + 2
    });
    // Only while it is sure to be left out still: ten seconds at least.
    if left_out.elapsed() < Duration::from_secs(9) {
        assert_eq!(site.pods[0].requests(), 3);
    }
    site.pods[0].does(Does::Answer);
    until("it comes back", || {
        site.call();
        site.pods[0].requests() > 3
    });
    println!("ejection: left out after 3 failures, back after {:?}", left_out.elapsed());
    assert!(left_out.elapsed() >= Duration::from_secs(9));
}

#[test]
fn a_pod_that_is_not_well_gets_nothing() {
    let Some(site) = Site::start("careful", 3) else { return };
    assert_eq!(failed(&site.calls(10)), 0);
    site.pods[0].is_well(false);
    until("two failed checks", || {
        assert_eq!(site.call().status, 200);
        site.stat("health_check.failure") >= 2 && site.stat("membership_healthy") == 2
    });
    let before = site.pods[0].requests();
    assert_eq!(failed(&site.calls(50)), 0);
    assert_eq!(site.pods[0].requests(), before);
    println!("health: 50 requests after two failed checks, none of them to the ill pod");
}

#[test]
fn retries_stop_at_their_budget() {
    let Some(site) = Site::start("eager", 3) else { return };
    for pod in &site.pods {
        pod.does(Does::Fail);
        pod.delays(Duration::from_millis(200));
    }
    let failed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                for _ in 0..4 {
                    if site.call().status != 200 {
                        failed.fetch_add(1, SeqCst);
                    }
                }
            });
        }
    });
    let (retried, refused) = (site.stat("upstream_rq_retry"), site.stat("upstream_rq_retry_overflow"));
    let got: u32 = site.requests().iter().sum();
    println!(
        "budget: sent 200, failed {}, retried {retried}, not retried for the budget {refused}, pods got {got}",
        failed.load(SeqCst)
    );
    assert_eq!(failed.load(SeqCst), 200);
    assert!(refused > 0);
    // Without a budget it would be two retries each: 400. A fifth of what is under way is far fewer.
    assert!(retried <= 120, "{retried}");
    assert!(got <= 320, "{got}");
}

/// Load until it is told to stop: how many requests, and how many of them failed.
fn under_load<T>(address: std::net::SocketAddr, meanwhile: impl FnOnce() -> T) -> (u32, u32, T) {
    let (sent, failed, stop) = (AtomicU32::new(0), AtomicU32::new(0), AtomicBool::new(false));
    let result = std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let started = Instant::now();
                while !stop.load(SeqCst) && started.elapsed() < PATIENCE * 2 {
                    let answer = get(address, "/");
                    sent.fetch_add(1, SeqCst);
                    if answer.is_none_or(|answer| answer.status != 200) {
                        failed.fetch_add(1, SeqCst);
                    }
                    pause(Duration::from_millis(5));
                }
            });
        }
        // What fails in here must end the load, too.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(meanwhile));
        stop.store(true, SeqCst);
        result
    });
    let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    (sent.load(SeqCst), failed.load(SeqCst), result)
}

#[test]
fn a_pod_that_goes_loses_no_request() {
    let Some(site) = Site::start("careful", 3) else { return };
    for pod in &site.pods {
        pod.delays(Duration::from_millis(20));
    }
    let (sent, failed, lag) = under_load(site.network.at(ENVOY, CALL), || {
        until("all pods get something", || site.requests().iter().all(|got| *got >= 5));
        // The order of a pod's end: out of DNS first, and it serves on until nobody knows it any more.
        site.dns.say(STORE, &site.pods[1..]);
        let said = Instant::now();
        until("the Envoy has seen it", || site.stat("membership_total") == 2);
        let lag = said.elapsed();
        let before = site.pods[0].requests();
        until("the others got more", || site.pods[1].requests() >= before + 100);
        site.pods[0].dies();
        let after = site.pods[1].requests();
        until("and more", || site.pods[1].requests() >= after + 20);
        lag
    });
    println!("end of a pod: sent {sent}, failed {failed}; the Envoy knew after {lag:?}");
    assert_eq!(failed, 0);
    // What the pod's serving on is derived from: 5 s of refresh, 1 s of jitter, and room for a busy machine.
    assert!(lag < Duration::from_secs(20), "{lag:?}");
}

#[test]
fn a_proxy_that_goes_loses_no_request() {
    let (network, _dns, pods) = store(3);
    let bootstrap = emitted("envoy/home/edge.yaml");
    let start = |host| {
        let envoy = Envoy::start(&bootstrap, network, host, RESOLVERS, DNS)?;
        Some(envoy.ready(8000, "/_edge/healthz"))
    };
    let Some(first) = start(101) else { return };
    let Some(_second) = start(102) else { return };
    let Some(haproxy) = platc_testkit::tools::need("haproxy") else { return };
    for pod in &pods {
        pod.delays(Duration::from_millis(20));
    }
    // The third machine is down from the beginning.
    let config = emitted("balancers/home/haproxy.public.cfg")
        .replace("bind *:80", &format!("bind {}", network.at(ENVOY, 80)))
        .replace("192.168.1.11:8000", &network.at(101, 8000).to_string())
        .replace("192.168.1.12:8000", &network.at(102, 8000).to_string())
        .replace("192.168.1.13:8000", &network.at(103, 8000).to_string());
    let file = scratch("haproxy.cfg");
    std::fs::write(&file, config).expect("a writable target directory");
    let mut command = Command::new(haproxy);
    command.arg("-db").arg("-f").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _haproxy = Running(command.spawn().expect("haproxy starts"));
    let front = network.at(ENVOY, 80);
    until("the balancer answers", || get(front, "/").is_some_and(|answer| answer.status == 200));
    let requests = |envoy: &Envoy| envoy.stat(&format!("http.port_{}.downstream_rq_2xx", 8000));
    let (sent, failed, noticed) = under_load(front, || {
        until("both get something", || requests(&first) >= 20);
        first.says_that_it_goes();
        let said = Instant::now();
        let health = get(network.at(101, 8000), "/_edge/healthz").expect("an answer");
        assert_eq!(health.status, 503);
        // It serves on, and tells whoever still comes to go elsewhere.
        let late = get(network.at(101, 8000), "/").expect("an answer");
        assert_eq!(late.status, 200);
        assert!(late.head.contains("connection: close"), "{}", late.head);
        let mut last = (requests(&first), Instant::now());
        until("nothing comes any more", || {
            let now = requests(&first);
            if now != last.0 {
                last = (now, Instant::now());
            }
            last.1.elapsed() > Duration::from_secs(3)
        });
        let noticed = last.1 - said;
        first.stop();
        pause(Duration::from_secs(1));
        noticed
    });
    println!(
        "end of a proxy: sent {sent}, failed {failed}; the last request came {noticed:?} after it said so"
    );
    assert_eq!(failed, 0);
    assert!(sent >= 100);
    // It is told to stop 20 s after it said so.
    assert!(noticed < Duration::from_secs(20), "{noticed:?}");
}
