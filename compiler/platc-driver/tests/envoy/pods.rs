//! What stands in for a cluster on loopback: pods that fail on demand, and a DNS that says where they are.
//!
//! Start with [`Network`].

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is added to each port of a bootstrap, so that nothing that runs on this machine is in the way.
pub(crate) const PORTS: u16 = 30_000;

/// Addresses below 127.0.0.0/8 that belong to one test.
#[derive(Clone, Copy)]
pub(crate) struct Network([u8; 2]);

impl Network {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let process = u16::try_from(std::process::id() % 400).unwrap_or(0);
        let number = process * 64 + NEXT.fetch_add(1, SeqCst) % 64;
        let [high, low] = number.to_be_bytes();
        Self([64 + high % 128, low])
    }

    pub(crate) fn address(self, host: u8) -> Ipv4Addr {
        let [high, low] = self.0;
        Ipv4Addr::new(127, high, low, host)
    }

    pub(crate) fn at(self, host: u8, port: u16) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(self.address(host)), port + PORTS)
    }
}

/// What a pod does with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Does {
    Answer,
    Fail,
    Hang,
}

/// A pod that answers on one port.
pub(crate) struct Pod {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

struct State {
    does: AtomicU8,
    /// Milliseconds before each answer.
    delay: AtomicU32,
    /// What it says when it is asked for its health.
    well: AtomicBool,
    gone: AtomicBool,
    requests: AtomicU32,
    checks: AtomicU32,
    connections: Mutex<Vec<TcpStream>>,
}

impl Pod {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("an address of our own");
        let state = Arc::new(State {
            does: AtomicU8::new(Does::Answer as u8),
            delay: AtomicU32::new(0),
            well: AtomicBool::new(true),
            gone: AtomicBool::new(false),
            requests: AtomicU32::new(0),
            checks: AtomicU32::new(0),
            connections: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if shared.gone.load(SeqCst) {
                    break;
                }
                shared.connections.lock().expect("no panic").extend(connection.try_clone());
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || shared.serve(&connection));
            }
        });
        Self { address, state }
    }

    pub(crate) fn does(&self, what: Does) {
        self.state.does.store(what as u8, SeqCst);
    }

    pub(crate) fn delays(&self, delay: Duration) {
        self.state.delay.store(u32::try_from(delay.as_millis()).expect("a short delay"), SeqCst);
    }

    pub(crate) fn is_well(&self, well: bool) {
        self.state.well.store(well, SeqCst);
    }

    pub(crate) fn requests(&self) -> u32 {
        self.state.requests.load(SeqCst)
    }

    pub(crate) fn checks(&self) -> u32 {
        self.state.checks.load(SeqCst)
    }

    /// From now on nothing is accepted, and what was is cut.
    pub(crate) fn dies(&self) {
        self.state.gone.store(true, SeqCst);
        // Wakes the thread that accepts, which lets go of the port. Until it has, the system accepts for it.
        for _ in 0..100 {
            if TcpStream::connect(self.address).is_err() {
                break;
            }
            pause(Duration::from_millis(20));
        }
        for connection in self.state.connections.lock().expect("no panic").drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        self.dies();
    }
}

impl State {
    fn serve(&self, connection: &TcpStream) {
        let mut reader = BufReader::new(connection);
        while let Some(path) = head(&mut reader) {
            let status = if path == "/ready" {
                self.checks.fetch_add(1, SeqCst);
                if self.well.load(SeqCst) { 200 } else { 503 }
            } else {
                self.requests.fetch_add(1, SeqCst);
                pause(Duration::from_millis(u64::from(self.delay.load(SeqCst))));
                match self.does.load(SeqCst) {
                    does if does == Does::Hang as u8 => {
                        // Until the other side has had enough.
                        let _ = reader.read_to_end(&mut Vec::new());
                        return;
                    }
                    does if does == Does::Fail as u8 => 503,
                    _ => 200,
                }
            };
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 2\r\n\r\nok");
            if (&*connection).write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// The path of the next request; requests here have no bodies.
fn head(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if line == "\r\n" {
            break;
        }
    }
    first.split(' ').nth(1).map(str::to_owned)
}

/// Names and where they lead, asked by UDP.
pub(crate) struct Dns {
    names: Arc<Mutex<BTreeMap<String, Vec<Ipv4Addr>>>>,
}

impl Dns {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).expect("an address of our own");
        let names: Arc<Mutex<BTreeMap<String, Vec<Ipv4Addr>>>> = Arc::default();
        let shared = Arc::clone(&names);
        std::thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((n, from)) = socket.recv_from(&mut packet) {
                let names = shared.lock().expect("no panic");
                if let Some(answer) = packet.get(..n).and_then(|question| answer(question, &names)) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { names }
    }

    /// What a name stands for from now on.
    pub(crate) fn say<'p>(&self, name: &str, pods: impl IntoIterator<Item = &'p Pod>) {
        let addresses = pods.into_iter().map(|pod| match pod.address.ip() {
            IpAddr::V4(address) => address,
            IpAddr::V6(_) => unreachable!("pods of tests have IPv4"),
        });
        self.names.lock().expect("no panic").insert(name.to_owned(), addresses.collect());
    }
}

/// An answer to a question for addresses: RFC 1035, section 4.
fn answer(question: &[u8], names: &BTreeMap<String, Vec<Ipv4Addr>>) -> Option<Vec<u8>> {
    let mut labels = Vec::new();
    let mut at = 12;
    while let length @ 1.. = usize::from(*question.get(at)?) {
        labels.push(String::from_utf8_lossy(question.get(at + 1..at + 1 + length)?).to_lowercase());
        at += 1 + length;
    }
    let end = at + 5;
    let wants_ipv4 = question.get(at + 1..at + 3)? == [0, 1];
    let found = names.get(&labels.join("."));
    let addresses = found.filter(|_| wants_ipv4).map_or(&[][..], Vec::as_slice);
    let mut answer = question.get(..2)?.to_vec();
    // A response, authoritative; NXDOMAIN for what nobody knows.
    answer.extend([0x85, if found.is_some() { 0x80 } else { 0x83 }]);
    answer.extend([0, 1, 0, u8::try_from(addresses.len()).ok()?, 0, 0, 0, 0]);
    answer.extend(question.get(12..end)?);
    for address in addresses {
        // The name of the question, an address, internet, 5 s.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}

/// Waits; nothing here can tell a test when time has passed.
pub(crate) fn pause(time: Duration) {
    let (_open, never) = std::sync::mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
}
