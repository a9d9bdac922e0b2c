//! Signatures by SSH keys, in the format of `ssh-keygen -Y`: with it alone, too, they can be made and verified.
//!
//! What is signed is a file: a build's `build.json`, whose SHA-256 is the build's id, or a plugin. A key is a
//! file of OpenSSH, or its public half while an agent holds the other. Not here: whose signature counts; see
//! `trust`. Start at [`Key::open`] and [`Signature::parse`].

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use platc_store::{BuildId, Digest};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::{Error, Result};

/// What a signature is for; `-n` of `ssh-keygen -Y`. A signature for one purpose is none for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Of a build's `build.json`: `platc-build`.
    Build,
    /// Of a plugin: `platc-plugin`.
    Plugin,
}

/// Something that can sign.
#[derive(Debug)]
pub struct Key {
    public: PublicKey,
    private: Private,
}

#[derive(Debug)]
enum Private {
    File(Box<PrivateKey>),
    Agent(PathBuf),
}

/// A signature, whoever made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    inner: SshSig,
}

/// Largest file of a signature or a key that is read.
const BYTES_MAX: u64 = 64 << 10;
/// An agent may ask its owner first.
const AGENT: Duration = Duration::from_secs(60);

impl Purpose {
    /// The namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Build => "platc-build",
            Self::Plugin => "platc-plugin",
        }
    }
}

impl Key {
    /// Opens a key file of OpenSSH. With its public half (`….pub`), the agent at `agent` signs; so does it for
    /// a private key that has a passphrase.
    ///
    /// # Errors
    /// Where it is no key, or has a passphrase and there is no agent.
    pub fn open(path: &Path, agent: Option<&Path>) -> Result<Self> {
        let bad = |reason: String| Error::Key { path: path.to_owned(), reason };
        let text = read(path)?;
        if let Ok(public) = PublicKey::from_openssh(text.trim()) {
            let agent = agent.ok_or_else(|| {
                bad("a public key signs by an agent, and `SSH_AUTH_SOCK` names none".to_owned())
            })?;
            return Ok(Self { public, private: Private::Agent(agent.to_owned()) });
        }
        let key = PrivateKey::from_openssh(&text)
            .map_err(|error| bad(format!("it is no key of OpenSSH: {error}")))?;
        let public = key.public_key().clone();
        let private = match agent {
            _ if !key.is_encrypted() => Private::File(Box::new(key)),
            Some(agent) => Private::Agent(agent.to_owned()),
            None => return Err(bad("it has a passphrase; give it to an agent with `ssh-add`".to_owned())),
        };
        Ok(Self { public, private })
    }

    /// Signs a file's bytes.
    ///
    /// # Errors
    /// Where the key is of a kind that platc does not sign with, or the agent refuses.
    pub fn sign(&self, purpose: Purpose, bytes: &[u8]) -> Result<Signature> {
        let failed = |reason: String| Error::Sign { reason };
        let inner = match &self.private {
            Private::File(key) => key.sign(purpose.namespace(), HashAlg::Sha512, bytes).map_err(|error| {
                failed(format!("this key cannot sign: {error}; platc signs with Ed25519 keys"))
            })?,
            Private::Agent(socket) => {
                let data = SshSig::signed_data(purpose.namespace(), HashAlg::Sha512, bytes)
                    .map_err(|error| failed(error.to_string()))?;
                let key = self.public.to_bytes().map_err(|error| failed(error.to_string()))?;
                let signature = ask_agent(socket, &key, &data)?;
                let signature = ssh_key::Signature::try_from(signature.as_slice())
                    .map_err(|error| failed(format!("what the agent gives is no signature: {error}")))?;
                SshSig::new(self.public.key_data().clone(), purpose.namespace(), HashAlg::Sha512, signature)
                    .map_err(|error| failed(error.to_string()))?
            }
        };
        let signature = Signature { inner };
        // An agent may have signed with another key of that name; nothing is written that does not hold.
        signature
            .holds(purpose, bytes)
            .then_some(signature)
            .ok_or_else(|| failed("the signature does not fit the key".to_owned()))
    }
}

impl Signature {
    /// Reads what `ssh-keygen -Y sign` writes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        SshSig::from_pem(text).map(|inner| Self { inner }).map_err(|error| error.to_string())
    }

    /// As `ssh-keygen -Y sign` writes it.
    pub fn to_text(&self) -> Vec<u8> {
        match self.inner.to_pem(LineEnding::LF) {
            Ok(text) => text.into_bytes(),
            Err(error) => unreachable!("a signature that was made or read can be written: {error}"),
        }
    }

    /// Whether its own key made it for these bytes and this purpose. Says nothing of whose key that is.
    pub fn holds(&self, purpose: Purpose, bytes: &[u8]) -> bool {
        let key = PublicKey::from(self.inner.public_key().clone());
        key.verify(purpose.namespace(), bytes, &self.inner).is_ok()
    }

    /// `SHA256:…`, as `ssh-keygen -l` writes it.
    pub fn fingerprint(&self) -> String {
        self.inner.public_key().fingerprint(HashAlg::Sha256).to_string()
    }

    pub(crate) fn key(&self) -> &KeyData {
        self.inner.public_key()
    }

    /// The name of its file: one key signs a build once.
    fn file_name(&self) -> String {
        let digest = Digest::of(self.fingerprint().as_bytes()).to_string();
        format!("{}.sig", digest.get(..16).unwrap_or(&digest))
    }
}

/// The directory of the signatures of a build. It outlives the build: what gives the same id again has
/// the same bytes, and is signed already.
fn directory(dist: &Path, id: &BuildId) -> PathBuf {
    dist.join("signatures").join(id.to_string())
}

/// The signatures of a build that lie in a `dist`, each with its file, by name.
///
/// # Errors
/// Where one cannot be read.
pub fn signatures(dist: &Path, id: &BuildId) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let dir = directory(dist, id);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", dir)(error)),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sig"));
    paths.sort();
    paths.into_iter().map(|path| Ok((path.clone(), read(&path)?.into_bytes()))).collect()
}

/// Keeps a signature of a build in a `dist`.
///
/// # Errors
/// Where the disk refuses.
pub fn keep(dist: &Path, id: &BuildId, signature: &Signature) -> Result<PathBuf> {
    let dir = directory(dist, id);
    fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
    let path = dir.join(signature.file_name());
    let temporary = dir.join(format!(".{}.new", std::process::id()));
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(&signature.to_text())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    };
    write().map_err(Error::io("write", &path))?;
    Ok(path)
}

fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(BYTES_MAX).read_to_string(&mut text));
    read.map_err(Error::io("read", path))?;
    Ok(text)
}

/// One request to an agent, by draft-ietf-sshm-ssh-agent: sign (13), answered by a signature (14).
fn ask_agent(socket: &Path, key: &[u8], data: &[u8]) -> Result<Vec<u8>> {
    const SIGN_REQUEST: u8 = 13;
    const SIGN_RESPONSE: u8 = 14;
    let failed = |error: std::io::Error| Error::Sign {
        reason: format!("the agent at `{}`: {error}", socket.display()),
    };
    let mut request = vec![SIGN_REQUEST];
    for part in [key, data] {
        request.extend_from_slice(&length(part));
        request.extend_from_slice(part);
    }
    // No flags: they are about RSA.
    request.extend_from_slice(&[0; 4]);
    let mut stream = UnixStream::connect(socket).map_err(failed)?;
    stream.set_read_timeout(Some(AGENT)).map_err(failed)?;
    let message = [&length(&request)[..], &request].concat();
    stream.write_all(&message).map_err(failed)?;
    let answer = read_string(&mut stream).map_err(failed)?;
    match answer.split_first() {
        Some((&SIGN_RESPONSE, mut rest)) => read_string(&mut rest).map_err(failed),
        _ => {
            Err(Error::Sign { reason: "the agent does not hold this key; `ssh-add` gives it one".to_owned() })
        }
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

fn read_string(from: &mut impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut bytes = Vec::new();
    from.take(length.min(BYTES_MAX)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
}
