//! The program `envoy`, and files for it.
//!
//! Start with [`validate`].

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a program said before its end.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) text: String,
}

/// `envoy --mode validate`.
pub(crate) fn validate(envoy: &Path, bootstrap: &[u8]) -> Said {
    let file = scratch("bootstrap.yaml");
    std::fs::write(&file, bootstrap).expect("a writable target directory");
    let output = Command::new(envoy)
        .args(["--mode", "validate", "--log-level", "warn", "--config-path"])
        .arg(&file)
        .env("NODE_NAME", "m1")
        .stdin(Stdio::null())
        .output()
        .expect("envoy starts");
    let _ = std::fs::remove_file(&file);
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Said { status: output.status, text }
}

/// The same for balancers: `haproxy -c`, and `nginx -t` with a main file around the one of ours.
pub(crate) fn check(program: &Path, config: &[u8]) -> Said {
    let folder = scratch("balancer");
    std::fs::create_dir_all(&folder).expect("a writable target directory");
    let file = folder.join("config");
    std::fs::write(&file, config).expect("a writable target directory");
    let mut command = Command::new(program);
    if program.ends_with("nginx") {
        let main = folder.join("main");
        let text = "pid nginx.pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; include config; }\n";
        std::fs::write(&main, text).expect("a writable target directory");
        command.args(["-t", "-q", "-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(&main);
    } else {
        command.args(["-c", "-dW", "-f"]).arg(&file);
    }
    let output = command.stdin(Stdio::null()).output().expect("it starts");
    let _ = std::fs::remove_dir_all(&folder);
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Said { status: output.status, text }
}

/// A path of our own in the target directory.
pub(crate) fn scratch(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{}-{number}-{name}", std::process::id()))
}

/// Paths of a certificate and its key, made for this test.
pub(crate) fn certificate() -> (String, String) {
    let (certificate, key) = (scratch("tls.crt"), scratch("tls.key"));
    let done = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-subj", "/CN=test", "-days", "2", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stdin(Stdio::null())
        .output()
        .expect("openssl starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    (certificate.to_string_lossy().into_owned(), key.to_string_lossy().into_owned())
}
