//! Who we are to a registry: what `docker login` left behind.
//!
//! `config.json` names a password, a token or a program (`docker-credential-…`) for each registry; this is
//! where people's logins are already, so platc has no store of its own. Not here: how they are shown to a
//! registry. Start at [`Credentials::find`].

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::{Error, Result};

/// Where Docker's configuration is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Credentials {
    /// The directory with `config.json`: `$DOCKER_CONFIG`, or `~/.docker`. Without one nobody is logged in.
    pub docker_config: Option<PathBuf>,
}

/// What is shown to a registry.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Login {
    /// A name and a password.
    Basic { user: String, password: String },
    /// A token that is exchanged for others.
    Identity(String),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Auth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Auth {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

/// What a helper prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// The login for a registry; nothing where nobody logged in.
    ///
    /// # Errors
    /// Where the file or what a helper prints cannot be read.
    pub(crate) fn find(&self, registry: &str) -> Result<Option<Login>> {
        let Some(path) = self.docker_config.as_ref().map(|dir| dir.join("config.json")) else {
            return Ok(None);
        };
        let bad = |reason: String| Error::Credentials { what: path.display().to_string(), reason };
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(bad(error.to_string())),
        };
        let config: Config = serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
        let keys = keys(registry);
        let helper = keys.iter().find_map(|key| config.cred_helpers.get(key)).or(config.creds_store.as_ref());
        if let Some(helper) = helper {
            for key in &keys {
                if let Some(login) = ask(helper, key)? {
                    return Ok(Some(login));
                }
            }
        }
        let auth = keys.iter().find_map(|key| config.auths.get(key)).filter(|auth| !auth.is_empty());
        auth.map(|auth| auth.login().ok_or_else(|| bad(format!("the login for `{registry}` cannot be read"))))
            .transpose()
    }
}

impl Auth {
    fn is_empty(&self) -> bool {
        [&self.auth, &self.username, &self.identitytoken].iter().all(|text| text.is_empty())
    }

    fn login(&self) -> Option<Login> {
        if !self.identitytoken.is_empty() {
            return Some(Login::Identity(self.identitytoken.clone()));
        }
        if self.auth.is_empty() {
            return Some(Login::Basic { user: self.username.clone(), password: self.password.clone() });
        }
        let decoded = String::from_utf8(BASE64_STANDARD.decode(self.auth.trim()).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        // Docker pads with zeros at times.
        Some(Login::Basic { user: user.to_owned(), password: password.trim_end_matches('\0').to_owned() })
    }
}

/// The names under which a registry may stand in the file.
fn keys(registry: &str) -> Vec<String> {
    let mut keys = vec![registry.to_owned(), format!("https://{registry}"), format!("http://{registry}")];
    if registry == "docker.io" {
        keys.push("https://index.docker.io/v1/".to_owned());
    }
    keys
}

/// Asks a helper; nothing where it has no login for that registry.
fn ask(helper: &str, registry: &str) -> Result<Option<Login>> {
    let program = format!("docker-credential-{helper}");
    let bad = |reason: String| Error::Credentials { what: program.clone(), reason };
    if Path::new(helper).components().count() != 1 {
        return Err(bad("a helper is named without directories".to_owned()));
    }
    let mut command = Command::new(&program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| bad(format!("cannot be started: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ends without reading says why in its output.
        let _ = stdin.write_all(registry.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| bad(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let unknown = said.contains("credentials not found");
        return if unknown { Ok(None) } else { Err(bad(format!("fails: {said}"))) };
    }
    let helped: Helped = serde_json::from_slice(&output.stdout).map_err(|error| bad(error.to_string()))?;
    Ok(Some(match helped.username.as_str() {
        "<token>" => Login::Identity(helped.secret),
        _ => Login::Basic { user: helped.username, password: helped.secret },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: &str, registry: &str) -> Result<Option<Login>> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.json"), config).unwrap();
        Credentials { docker_config: Some(dir.path().to_owned()) }.find(registry)
    }

    #[test]
    fn logins_are_found_under_every_name_that_docker_uses() {
        let basic =
            |user: &str, password: &str| Login::Basic { user: user.into(), password: password.into() };
        // `printf me:pa:ss | base64`
        for key in ["r.example", "https://r.example"] {
            let config = format!(r#"{{"auths":{{"{key}":{{"auth":"bWU6cGE6c3M="}}}}}}"#);
            assert!(find(&config, "r.example").unwrap() == Some(basic("me", "pa:ss")), "{key}");
            assert!(find(&config, "other.example").unwrap().is_none());
        }
        let plain = r#"{"auths":{"r.example":{"username":"me","password":"x"}}}"#;
        assert!(find(plain, "r.example").unwrap() == Some(basic("me", "x")));
        let token = r#"{"auths":{"r.example":{"identitytoken":"t"}},"HttpHeaders":{}}"#;
        assert!(find(token, "r.example").unwrap() == Some(Login::Identity("t".into())));
        assert!(find(r#"{"auths":{"r.example":{}}}"#, "r.example").unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_never_guessed() {
        for wrong in ["{", r#"{"auths":{"r.example":{"auth":"!"}}}"#, r#"{"credsStore":"../evil"}"#] {
            assert!(matches!(find(wrong, "r.example"), Err(Error::Credentials { .. })), "{wrong}");
        }
        let missing = r#"{"credHelpers":{"r.example":"platc-has-no-such-helper"}}"#;
        let Err(error) = find(missing, "r.example") else { panic!("there is no such program") };
        assert!(error.to_string().contains("docker-credential-platc-has-no-such-helper"), "{error}");
    }

    #[test]
    fn without_a_file_nobody_is_logged_in() {
        assert!(Credentials::default().find("r.example").unwrap().is_none());
        let nowhere = Credentials { docker_config: Some("no-such-directory".into()) };
        assert!(nowhere.find("r.example").unwrap().is_none());
    }
}
