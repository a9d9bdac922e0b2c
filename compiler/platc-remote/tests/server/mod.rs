//! Debian's `docker-registry` on loopback, and a relay before it that cuts connections.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A registry with a disk of its own. It ends with the test.
pub(crate) struct Registry {
    child: Child,
    dir: tempfile::TempDir,
    port: u16,
}

/// Whether a registry wants a login.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Everybody,
    /// Of the user `me` with the password `secret`.
    Login,
    /// Of everybody, by TLS, with a certificate for `registry.test` from an authority of its own.
    Tls,
}

impl Registry {
    /// Starts one; nothing where the program is missing, which the testkit tells.
    pub(crate) fn start(access: Access) -> Option<Self> {
        let program = platc_testkit::tools::need("docker-registry")?;
        let dir = tempfile::tempdir().expect("a directory");
        // Another may take the port before the registry does; then it ends at once, and we try again.
        (0..5).find_map(|_| Self::try_start(&program, dir.path(), access)).map(|(child, port)| Self {
            child,
            dir,
            port,
        })
    }

    fn try_start(program: &Path, dir: &Path, access: Access) -> Option<(Child, u16)> {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let mut config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
            dir.join("data").display()
        );
        if access == Access::Login {
            // `secret`, by bcrypt: the one form that the registry takes.
            let line = "me:$2b$04$ONcKPtwMyuQMwgOK/XQ.SeLP6WMwt.nWVgrxBnAq80sSFIICtOhyu\n";
            fs::write(dir.join("htpasswd"), line).expect("a file");
            config +=
                &format!("auth: {{htpasswd: {{realm: test, path: {}}}}}\n", dir.join("htpasswd").display());
        }
        if access == Access::Tls {
            certify(&platc_testkit::tools::need("openssl")?, dir);
            config = config.replace(
                "http: {",
                &format!(
                    "http: {{tls: {{certificate: {0}/server.pem, key: {0}/server.key}}, ",
                    dir.display()
                ),
            );
        }
        fs::write(dir.join("config.yml"), config).expect("a file");
        let mut command = Command::new(program);
        command.arg("serve").arg(dir.join("config.yml")).env_clear();
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the registry starts");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if child.try_wait().expect("it can be asked").is_some() {
                child.wait().expect("it has ended");
                return None;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some((child, port));
            }
            thread::park_timeout(Duration::from_millis(20));
        }
        child.kill().and_then(|()| child.wait()).expect("it ends");
        panic!("the registry does not answer");
    }

    /// `127.0.0.1:PORT/NAME`.
    pub(crate) fn reference(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that certified a registry with TLS.
    pub(crate) fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The file of a blob on the registry's disk.
    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.dir.path().join("data/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data")
    }

    /// The manifest of a pushed reference, `…@sha256:DIGEST`.
    pub(crate) fn manifest(&self, pushed: &str) -> serde_json::Value {
        let (_, digest) = pushed.trim().split_once('@').expect("a digest");
        serde_json::from_slice(&fs::read(self.blob(digest)).expect("a manifest")).expect("JSON")
    }
}

/// Makes an authority, and a certificate for `registry.test`.
fn certify(openssl: &Path, dir: &Path) {
    let make = |name: &str, more: &[&str]| {
        let usual = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
        let mut command = Command::new(openssl);
        command.args(usual.split(' ')).args([
            "-subj",
            &format!("/CN={name}"),
            "-out",
            &format!("{name}.pem"),
        ]);
        command.args(["-keyout", &format!("{name}.key")]).args(more).current_dir(dir);
        let answer = command.output().expect("openssl starts");
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    };
    make("ca", &[]);
    let of = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
    make("server", &[&of[..], &["-addext", "subjectAltName=DNS:registry.test"]].concat());
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes connections on, and cuts each after so many bytes in one direction.
pub(crate) struct Relay {
    port: u16,
    left: Arc<AtomicUsize>,
    down_max: Arc<AtomicUsize>,
    up_max: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// The first `cuts` connections break off after `down_max` bytes of answers or `up_max` of requests.
    pub(crate) fn start(to: u16, cuts: usize, down_max: usize, up_max: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let relay = Self {
            port: listener.local_addr().expect("an address").port(),
            left: Arc::new(AtomicUsize::new(cuts)),
            down_max: Arc::new(AtomicUsize::new(down_max)),
            up_max: Arc::new(AtomicUsize::new(up_max)),
            heads: Arc::default(),
        };
        let (left, heads) = (Arc::clone(&relay.left), Arc::clone(&relay.heads));
        let (down_max, up_max) = (Arc::clone(&relay.down_max), Arc::clone(&relay.up_max));
        // It ends with the process: nothing waits for it.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let cut =
                    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
                let most = |max: &AtomicUsize| if cut { max.load(Ordering::SeqCst) } else { usize::MAX };
                let (down, up) = (most(&down_max), most(&up_max));
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let pair = |a: &TcpStream, b: &TcpStream| {
                    (a.try_clone().expect("a socket"), b.try_clone().expect("a socket"))
                };
                let (from, into) = pair(&client, &server);
                let heads = Arc::clone(&heads);
                thread::spawn(move || pass(from, into, up, Some(&heads)));
                thread::spawn(move || pass(server, client, down, None));
            }
        });
        relay
    }

    pub(crate) fn reference(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }

    /// How many connections it still cuts.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// From now on it cuts so many.
    pub(crate) fn cut(&self, cuts: usize) {
        self.left.store(cuts, Ordering::SeqCst);
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> String {
        self.heads.lock().expect("no thread panicked").concat()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, most: usize, heads: Option<&Mutex<Vec<String>>>) {
    let (mut passed, mut buffer) = (0, [0; 4096]);
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let count = count.min(most - passed);
        if let Some(heads) = heads {
            heads
                .lock()
                .expect("no thread panicked")
                .push(String::from_utf8_lossy(&buffer[..count]).into_owned());
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
        passed += count;
        if passed >= most {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
