//! Requests and the login that a registry asks for.
//!
//! A registry answers a request without login with what it wants: a password, or a token that another server
//! gives for it. What it wanted is remembered, so that is asked once. Not here: what is requested; see
//! `registry`. Start at [`Http::send`].

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use ureq::http::{Request, Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::credentials::Login;
use crate::{Credentials, Error, Result};

/// A registry that says nothing for that long is not there.
const CONNECT: Duration = Duration::from_secs(10);
/// A registry may look long before it answers, when it takes a large blob to its own storage.
const RESPOND: Duration = Duration::from_secs(120);
/// One download; what it brought is kept, and the rest is asked for again.
const RECEIVE: Duration = Duration::from_secs(300);
/// Largest answer that is no blob: a token, a refusal.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Requests to one registry.
pub(crate) struct Http {
    agent: Agent,
    base: String,
    registry: String,
    credentials: Credentials,
    login: OnceLock<Option<Login>>,
    /// `Authorization` by scope.
    granted: Mutex<BTreeMap<&'static str, String>>,
}

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'static str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    pub(crate) body: Option<&'a [u8]>,
    /// What it needs to be allowed: `pull` or `pull,push`.
    pub(crate) actions: &'static str,
    pub(crate) repository: &'a str,
}

/// What a registry wants to see.
#[derive(PartialEq, Eq, Debug)]
enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String> },
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Http {
    pub(crate) fn new(registry: &str, local: bool, credentials: Credentials) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(RESPOND))
            .timeout_recv_body(Some(RECEIVE))
            .user_agent(concat!("platc/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls);
        if local {
            // A proxy cannot know which machine is meant.
            config = config.proxy(None);
        }
        let scheme = if local { "http" } else { "https" };
        // The one registry whose interface lies elsewhere than its name.
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        Self {
            agent: config.build().new_agent(),
            base: format!("{scheme}://{host}"),
            registry: registry.to_owned(),
            credentials,
            login: OnceLock::new(),
            granted: Mutex::default(),
        }
    }

    /// `http://host:port`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Asks, with a login where the registry wants one.
    ///
    /// # Errors
    /// Where there is no answer, or the registry refuses us.
    pub(crate) fn send(&self, ask: &Ask<'_>) -> Result<Response<Body>> {
        // A blob may be uploaded to or downloaded from another server, which our login is none of.
        let ours = ask.url.strip_prefix(&self.base).is_some_and(|rest| rest.starts_with('/'));
        let known = if ours { self.granted().get(ask.actions).cloned() } else { None };
        let response = self.once(ask, known.as_deref())?;
        if response.status() != 401 || !ours {
            return self.allowed(response);
        }
        let challenge = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let challenge = challenge.filter_map(|value| challenge_of(value.to_str().ok()?)).next();
        let granted = self.answer(challenge.as_ref(), ask)?;
        let response = self.once(ask, Some(&granted))?;
        if response.status() != 401 {
            self.granted().insert(ask.actions, granted);
        }
        self.allowed(response)
    }

    fn once(&self, ask: &Ask<'_>, authorization: Option<&str>) -> Result<Response<Body>> {
        let failed = |error: ureq::Error| match error {
            // What is read before an answer is there is TLS, whose troubles no other try mends.
            ureq::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                Error::Tls { registry: self.registry.clone(), reason: error.to_string() }
            }
            error => {
                Error::Http { request: format!("{} {}", ask.method, ask.url), reason: error.to_string() }
            }
        };
        let mut request = Request::builder().method(ask.method).uri(ask.url);
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        match ask.body {
            Some(body) => self.agent.run(request.body(body).map_err(|error| failed(error.into()))?),
            None => self.agent.run(request.body(()).map_err(|error| failed(error.into()))?),
        }
        .map_err(failed)
    }

    fn allowed(&self, response: Response<Body>) -> Result<Response<Body>> {
        if !matches!(response.status().as_u16(), 401 | 403) {
            return Ok(response);
        }
        let status = response.status();
        let reason = match said(response) {
            text if text.is_empty() => status.to_string(),
            text => text,
        };
        Err(self.denied(reason))
    }

    fn denied(&self, reason: String) -> Error {
        Error::Denied { registry: self.registry.clone(), reason }
    }

    /// What to show the registry.
    fn answer(&self, challenge: Option<&Challenge>, ask: &Ask<'_>) -> Result<String> {
        let login = self.login()?;
        match challenge {
            None => Err(self.denied("it wants a login of a kind that platc does not know".to_owned())),
            Some(Challenge::Basic) => match login {
                Some(Login::Basic { user, password }) => Ok(basic(user, password)),
                _ => Err(self.denied("it wants a login".to_owned())),
            },
            Some(Challenge::Bearer { realm, service }) => self.token(realm, service.as_deref(), login, ask),
        }
    }

    /// Exchanges the login for a token. Without one, many registries give a token to anybody who reads.
    fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        login: Option<&Login>,
        ask: &Ask<'_>,
    ) -> Result<String> {
        let scope = format!("repository:{}:{}", ask.repository, ask.actions);
        let mut query = vec![("scope", scope.as_str())];
        query.extend(service.map(|service| ("service", service)));
        if let Some(Login::Identity(token)) = login {
            query.extend([("grant_type", "refresh_token"), ("client_id", "platc"), ("refresh_token", token)]);
        }
        let query: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let query = query.join("&");
        let (url, body, method);
        let headers: &[(&str, &str)] = match login {
            Some(Login::Identity(_)) => {
                (method, url, body) = ("POST", realm.to_owned(), Some(query.as_bytes()));
                &[("content-type", "application/x-www-form-urlencoded")]
            }
            _ => {
                let joint = if realm.contains('?') { '&' } else { '?' };
                (method, url, body) = ("GET", format!("{realm}{joint}{query}"), None);
                &[]
            }
        };
        if !url.starts_with("https://") && !self.base.starts_with("http://") {
            return Err(self.denied("it sends the login to a server without TLS".to_owned()));
        }
        let authorization = match login {
            Some(Login::Basic { user, password }) => Some(basic(user, password)),
            _ => None,
        };
        let ask = Ask { method, url: &url, headers, body, actions: ask.actions, repository: ask.repository };
        let response = self.allowed(self.once(&ask, authorization.as_deref())?)?;
        let failed = |reason: String| Error::Http { request: format!("{method} {realm}"), reason };
        if !response.status().is_success() {
            return Err(failed(response.status().to_string()));
        }
        let bytes = read(response, ANSWER_BYTES_MAX).map_err(failed)?;
        let token: Token = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        let token = token.token.or(token.access_token);
        token.map(|token| format!("Bearer {token}")).ok_or_else(|| failed("it gives no token".to_owned()))
    }

    fn login(&self) -> Result<Option<&Login>> {
        if let Some(login) = self.login.get() {
            return Ok(login.as_ref());
        }
        let found = self.credentials.find(&self.registry)?;
        Ok(self.login.get_or_init(|| found).as_ref())
    }

    fn granted(&self) -> MutexGuard<'_, BTreeMap<&'static str, String>> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole body, if it is no longer than that.
pub(crate) fn read(mut response: Response<Body>, bytes_max: u64) -> Result<Vec<u8>, String> {
    response.body_mut().with_config().limit(bytes_max).read_to_vec().map_err(|error| error.to_string())
}

/// What a registry says of a refusal: the messages of the distribution specification's errors.
pub(crate) fn said(response: Response<Body>) -> String {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let bytes = read(response, ANSWER_BYTES_MAX).unwrap_or_default();
    let Ok(Errors { errors }) = serde_json::from_slice(&bytes) else { return String::new() };
    let one = |One { code, message }: One| if message.is_empty() { code.to_lowercase() } else { message };
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    errors.into_iter().map(one).collect::<Vec<_>>().join(", ").chars().take(300).map(shown).collect()
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// Reads one `WWW-Authenticate`.
fn challenge_of(value: &str) -> Option<Challenge> {
    let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    let mut rest = rest;
    while let Some((name, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"')?;
        match name.trim_matches([',', ' ']) {
            "realm" => realm = Some(value.to_owned()),
            "service" => service = Some(value.to_owned()),
            _ => {}
        }
        rest = after;
    }
    Some(Challenge::Bearer { realm: realm?, service })
}

/// A value in a query.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.into(), service: service.map(Into::into) })
        };
        for (value, challenge) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://a.example/token\",service=\"r.example\",scope=\"repository:a:pull,push\"",
                bearer("https://a.example/token", Some("r.example")),
            ),
            ("bearer service=\"s\", realm=\"https://a\"", bearer("https://a", Some("s"))),
            ("Bearer service=\"s\"", None),
            ("Negotiate", None),
        ] {
            assert_eq!(challenge_of(value), challenge, "{value}");
        }
    }

    #[test]
    fn values_of_queries_are_escaped() {
        assert_eq!(escaped("repository:a/b:pull,push"), "repository%3Aa%2Fb%3Apull%2Cpush");
    }
}
