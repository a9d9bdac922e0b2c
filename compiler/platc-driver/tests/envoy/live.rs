//! A real Envoy with an emitted bootstrap, on loopback.
//!
//! Start with [`Envoy`].

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::pods::{Network, PORTS, pause};
use crate::program::scratch;

/// Nothing here takes longer, or something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends with its test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Tells it to end, as the kubelet does, and waits until it has.
    pub(crate) fn stop(mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        until("the program ends", || self.0.try_wait().expect("a child of ours").is_some());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An Envoy that runs at one address.
pub(crate) struct Envoy {
    running: Running,
    pub(crate) network: Network,
    pub(crate) host: u8,
    admin: u16,
}

impl Envoy {
    /// Starts it with a bootstrap whose addresses are turned into those of `network`: its own is `host`, that
    /// of all `resolvers` is `dns`.
    pub(crate) fn start(
        bootstrap: &str,
        network: Network,
        host: u8,
        resolvers: &[&str],
        dns: u8,
    ) -> Option<Self> {
        let envoy = platc_testkit::tools::need("envoy")?;
        let mut text = String::new();
        let mut admin = None;
        for line in bootstrap.lines() {
            if let Some((before, port)) = line.split_once("port_value: ") {
                let port: u16 = port.parse().expect("a port");
                admin.get_or_insert(port);
                text += &format!("{before}port_value: {}\n", port + PORTS);
                continue;
            }
            let address = |line: &str, from: &str, to: u8| {
                line.replace(&format!("address: {from}"), &format!("address: {}", network.address(to)))
            };
            let mut line = address(&address(line, "127.0.0.1", host), "0.0.0.0", host);
            for resolver in resolvers {
                line = address(&line, resolver, dns);
            }
            text += &line;
            text.push('\n');
        }
        let file = scratch("live.yaml");
        std::fs::write(&file, text).expect("a writable target directory");
        let child = Command::new(envoy)
            .args(["--disable-hot-restart", "--concurrency", "1", "--log-level", "error", "--config-path"])
            .arg(&file)
            .env("NODE_NAME", "m1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("envoy starts");
        Some(Self { running: Running(child), network, host, admin: admin.expect("an admin interface") })
    }

    /// Waits until it answers 200 at a path.
    pub(crate) fn ready(self, port: u16, path: &str) -> Self {
        let address = self.network.at(self.host, port);
        until("envoy is ready", || get(address, path).is_some_and(|answer| answer.status == 200));
        self
    }

    /// Asks one of its ports.
    pub(crate) fn get(&self, port: u16) -> Option<Answer> {
        get(self.network.at(self.host, port), "/")
    }

    /// A counter.
    pub(crate) fn stat(&self, name: &str) -> u64 {
        let path = format!("/stats?filter=^{}$", name.replace('.', "\\."));
        let answer = get(self.network.at(self.host, self.admin), &path).expect("an admin interface");
        // The body comes in chunks, with their lengths in lines of their own.
        let said = answer.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = said.and_then(|value| value.trim().parse().ok());
        value.expect("a counter of that name")
    }

    /// Connections to a pod, whatever cluster it is in.
    pub(crate) fn connections(&self, pod: SocketAddr) -> u64 {
        let answer = get(self.network.at(self.host, self.admin), "/clusters").expect("an admin interface");
        let of_pod = format!("::{pod}::cx_active::");
        let counts =
            answer.body.lines().filter_map(|line| line.split_once(&of_pod)?.1.trim().parse::<u64>().ok());
        counts.sum()
    }

    /// What a proxy does before it is told to stop.
    pub(crate) fn says_that_it_goes(&self) {
        let admin = self.network.at(self.host, self.admin);
        let answer = ask(admin, "POST", "/healthcheck/fail").expect("an admin interface");
        assert_eq!(answer.status, 200);
    }

    pub(crate) fn stop(self) {
        self.running.stop();
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) took: Duration,
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Option<Answer> {
    ask(address, "GET", path)
}

fn ask(address: SocketAddr, method: &str, path: &str) -> Option<Answer> {
    let started = Instant::now();
    let mut connection = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).ok()?;
    let (head, body) = whole_answer(&mut connection)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body, took: started.elapsed() })
}

/// Head and body of an answer. Where its length is said, its end is not waited for: an Envoy that goes closes
/// connections late, so that its clients do it.
fn whole_answer(connection: &mut TcpStream) -> Option<(String, String)> {
    let (mut text, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let n = connection.read(&mut part).ok()?;
        text.extend(part.get(..n)?);
        let said = String::from_utf8_lossy(&text);
        let Some((head, body)) = said.split_once("\r\n\r\n") else {
            if n == 0 {
                return None;
            }
            continue;
        };
        let head = head.to_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if n == 0 || length.is_some_and(|length| body.len() >= length) {
            return Some((head, body.to_owned()));
        }
    }
}

/// Waits for something to become true.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        pause(Duration::from_millis(20));
    }
}
