//! Registries that want a token from another server, as the large ones do: a server of the test's own says what
//! it was asked. (Debian's registry knows passwords only without a server that signs tokens.)

#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "a test: it fails loudly")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use platc_remote::plugin::fetch;
use platc_remote::{Credentials, Error, Reference, Registry, Silent};

/// A server that gives the token `T` to whom it may, and has nothing.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, port, &log);
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panicked").clone()
    }
}

/// One request a connection. The log has its first line, its login and its body.
fn answer(mut stream: TcpStream, port: u16, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let (mut head, mut line) = (Vec::new(), String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        head.push(std::mem::take(&mut line).trim_end().to_owned());
    }
    let header = |name: &str| {
        let find = |line: &String| {
            line.split_once(": ")
                .filter(|(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        head.iter().find_map(find).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).expect("a body");
    let (first, login) = (head.first().cloned().unwrap_or_default(), header("authorization"));
    let text = format!("{first} [{login}] {}", String::from_utf8_lossy(&body));
    log.lock().expect("no thread panicked").push(text);
    let (status, extra, body) = if first.contains(" /token") {
        let may = login == "Basic bWU6c2VjcmV0" || String::from_utf8_lossy(&body).contains("refresh_token=R");
        if may {
            ("200 OK", String::new(), r#"{"token":"T"}"#)
        } else {
            ("401 Unauthorized", String::new(), "{}")
        }
    } else if login == "Bearer T" {
        ("404 Not Found", String::new(), "{}")
    } else {
        let challenge = format!(
            "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"s\",scope=\"x\"\r\n"
        );
        ("401 Unauthorized", challenge, r#"{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}"#)
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\n{extra}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).expect("it listens");
}

/// What comes of asking for a plugin, and what the server was asked.
fn ask(auth: &str) -> (Error, Vec<String>) {
    let server = Server::start();
    let dir = tempfile::tempdir().expect("a directory");
    let registry = format!("127.0.0.1:{}", server.port);
    std::fs::write(dir.path().join("config.json"), format!("{{\"auths\":{{\"{registry}\":{auth}}}}}"))
        .expect("a file");
    let reference = Reference::parse(&format!("{registry}/a/b:1")).expect("a reference");
    let registry = Registry::open(&reference, Credentials { docker_config: Some(dir.path().to_owned()) });
    let twice = [fetch(&registry, &Silent), fetch(&registry, &Silent)]
        .map(|result| result.expect_err("it has nothing"));
    let [first, _] = twice;
    (first, server.asked())
}

#[test]
fn a_password_is_exchanged_for_a_token_once() {
    let (error, asked) = ask(r#"{"auth":"bWU6c2VjcmV0"}"#);
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(
        asked,
        [
            "GET /v2/a/b/manifests/1 HTTP/1.1 [] ",
            "GET /token?scope=repository%3Aa%2Fb%3Apull&service=s HTTP/1.1 [Basic bWU6c2VjcmV0] ",
            "GET /v2/a/b/manifests/1 HTTP/1.1 [Bearer T] ",
            "GET /v2/a/b/manifests/1 HTTP/1.1 [Bearer T] ",
        ]
    );
}

#[test]
fn an_identity_token_is_exchanged_in_the_way_that_it_wants() {
    let (error, asked) = ask(r#"{"identitytoken":"R"}"#);
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(
        asked.get(1).map(String::as_str),
        Some(
            "POST /token HTTP/1.1 [] scope=repository%3Aa%2Fb%3Apull&service=s&grant_type=refresh_token&client_id=platc&refresh_token=R"
        )
    );
}

#[test]
fn a_wrong_password_is_told_without_showing_it() {
    let (error, _) = ask(r#"{"auth":"bWU6d3Jvbmc="}"#);
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");
}
