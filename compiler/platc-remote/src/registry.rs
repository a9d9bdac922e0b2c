//! [`Registry`]: one repository over the OCI distribution protocol: blobs and manifests, up and down.
//!
//! Every transfer is tried again when the network fails, an interrupted download goes on where it broke off if
//! the registry can, and everything that comes down has the digest that it was asked for by. Not here: what
//! the blobs are. Start at [`Registry::open`].

use std::io::Read as _;
use std::time::Duration;

use platc_store::Digest;
use ureq::Body;
use ureq::http::{Response, StatusCode, header};

use crate::http::{Ask, Http, read, said};
use crate::image::{Image, MANIFEST_BYTES_MAX, MEDIA_MANIFEST, tampered};
use crate::{Credentials, Descriptor, Error, Progress, Reference, Result};

/// How often something is tried without any progress.
const TRIES: u32 = 5;
/// The first wait; each is twice the one before.
const WAIT: Duration = Duration::from_millis(100);

/// All that a tag may stand for: one image, or one for each architecture, in the words of either specification.
const MEDIA_IMAGES: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
const DIGEST: &str = "docker-content-digest";

const PULL: &str = "pull";
const PUSH: &str = "pull,push";

/// A repository in a registry.
pub struct Registry {
    http: Http,
    reference: Reference,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Registry").field(&self.reference).finish()
    }
}

impl Registry {
    /// The repository of a reference. Asks nothing yet.
    pub fn open(reference: &Reference, credentials: Credentials) -> Self {
        let http = Http::new(&reference.registry, reference.is_local(), credentials);
        Self { http, reference: reference.clone() }
    }

    /// The reference that it was opened with.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Whether a blob is there.
    pub(crate) fn has_blob(&self, digest: &Digest) -> Result<bool> {
        let url = self.url(&format!("blobs/sha256:{digest}"));
        let response = self.retried(|| self.ask("HEAD", &url, &[], None, PULL))?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(failed("HEAD", &url, response)),
        }
    }

    /// Uploads a blob; tells whether it was not there before.
    pub(crate) fn put_blob(&self, blob: &Descriptor, bytes: &[u8]) -> Result<bool> {
        if self.has_blob(&blob.digest)? {
            return Ok(false);
        }
        self.retried(|| {
            let url = self.url("blobs/uploads/");
            let response = self.ask("POST", &url, &[], Some(b""), PUSH)?;
            if response.status() != StatusCode::ACCEPTED {
                return Err(failed("POST", &url, response));
            }
            let place = self.location(&response).ok_or_else(|| Error::Http {
                request: format!("POST {url}"),
                reason: "it does not say where the blob goes".to_owned(),
            })?;
            let joint = if place.contains('?') { '&' } else { '?' };
            let place = format!("{place}{joint}digest=sha256:{}", blob.digest);
            let headers = [("content-type", "application/octet-stream")];
            let response = self.ask("PUT", &place, &headers, Some(bytes), PUSH)?;
            if response.status() == StatusCode::CREATED {
                Ok(())
            } else {
                Err(failed("PUT", &place, response))
            }
        })?;
        Ok(true)
    }

    /// Names a manifest.
    pub(crate) fn put_manifest(&self, version: &str, bytes: &[u8]) -> Result<()> {
        let url = self.url(&format!("manifests/{version}"));
        let headers = [("content-type", MEDIA_MANIFEST)];
        self.retried(|| {
            let response = self.ask("PUT", &url, &headers, Some(bytes), PUSH)?;
            if response.status() == StatusCode::CREATED { Ok(()) } else { Err(failed("PUT", &url, response)) }
        })
    }

    /// The image of the reference, and the digest of its manifest, which is that of the reference if it has one.
    pub(crate) fn image(&self) -> Result<(Image, Digest)> {
        let url = self.url(&format!("manifests/{}", self.reference.version()));
        let subject = self.reference.to_string();
        let bytes = self.retried(|| {
            let response = self.ask("GET", &url, &[("accept", MEDIA_MANIFEST)], None, PULL)?;
            match response.status() {
                StatusCode::OK => read(response, MANIFEST_BYTES_MAX)
                    .map_err(|reason| Error::Http { request: format!("GET {url}"), reason }),
                StatusCode::NOT_FOUND => Err(Error::NotFound { reference: subject.clone() }),
                _ => Err(failed("GET", &url, response)),
            }
        })?;
        let digest = Digest::of(&bytes);
        if let Some(expected) = self.reference.digest.filter(|expected| *expected != digest) {
            let message =
                format!("its manifest has the digest `sha256:{digest}` instead of `sha256:{expected}`");
            return Err(tampered(&subject, message).into());
        }
        Ok((Image::parse(&bytes, &subject)?, digest))
    }

    /// The digest of whatever image is there. Nothing is pulled: registries count that.
    pub(crate) fn digest(&self) -> Result<Digest> {
        let url = self.url(&format!("manifests/{}", self.reference.version()));
        self.retried(|| {
            let response = self.ask("HEAD", &url, &[("accept", MEDIA_IMAGES)], None, PULL)?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => {
                    return Err(Error::NotFound { reference: self.reference.to_string() });
                }
                _ => return Err(failed("HEAD", &url, response)),
            }
            let said = response.headers().get(DIGEST).and_then(|value| value.to_str().ok());
            let digest = said.and_then(|said| Digest::parse(said.strip_prefix("sha256:")?).ok());
            digest.ok_or_else(|| Error::Http {
                request: format!("HEAD {url}"),
                reason: "it does not say the SHA-256 of the image".to_owned(),
            })
        })
    }

    /// A blob, with the digest that it must have.
    pub(crate) fn blob(&self, blob: &Descriptor, progress: &dyn Progress) -> Result<Vec<u8>> {
        let url = self.url(&format!("blobs/sha256:{}", blob.digest));
        let size = usize::try_from(blob.size).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        let mut tries = 0;
        loop {
            let before = bytes.len();
            let brought = self.continue_blob(&url, blob, &mut bytes);
            progress.advance((bytes.len().saturating_sub(before)) as u64);
            match brought {
                Ok(()) if bytes.len() >= size => break,
                Ok(()) => {}
                Err(error) if !error.is_passing() || tries >= TRIES => return Err(error),
                Err(_) => {}
            }
            tries = if bytes.len() > before { 0 } else { tries + 1 };
            if tries > TRIES {
                let reason = format!("it breaks off after {} of {size} bytes", bytes.len());
                return Err(Error::Http { request: format!("GET {url}"), reason });
            }
            wait(tries);
        }
        let found = Digest::of(&bytes);
        if bytes.len() != size || found != blob.digest {
            let message = format!(
                "the blob `sha256:{}` has other bytes: their digest is `sha256:{found}`",
                blob.digest
            );
            return Err(tampered(&self.reference.to_string(), message).into());
        }
        Ok(bytes)
    }

    /// Gets what is missing of a blob, as far as the connection lasts.
    fn continue_blob(&self, url: &str, blob: &Descriptor, bytes: &mut Vec<u8>) -> Result<()> {
        let range = format!("bytes={}-", bytes.len());
        let ranged = [("range", range.as_str())];
        let headers: &[(&str, &str)] = if bytes.is_empty() { &[] } else { &ranged };
        let response = self.ask("GET", url, headers, None, PULL)?;
        match response.status() {
            StatusCode::OK => bytes.clear(),
            StatusCode::PARTIAL_CONTENT if begins_at(&response, bytes.len()) => {}
            StatusCode::NOT_FOUND => {
                let subject = self.reference.to_string();
                let message =
                    format!("the registry lacks the blob `sha256:{}` that its manifest names", blob.digest);
                return Err(tampered(&subject, message).into());
            }
            _ => return Err(failed("GET", url, response)),
        }
        // One byte more than promised is enough to see that it is another blob.
        let most = blob.size.saturating_add(1).saturating_sub(bytes.len() as u64);
        let mut body = response.into_body().into_reader().take(most);
        // What came before the connection broke is in `bytes` then.
        let read = body.read_to_end(bytes);
        read.map(drop)
            .map_err(|error| Error::Http { request: format!("GET {url}"), reason: error.to_string() })
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/v2/{}/{rest}", self.http.base(), self.reference.name)
    }

    fn ask(
        &self,
        method: &'static str,
        url: &str,
        headers: &[(&'static str, &str)],
        body: Option<&[u8]>,
        actions: &'static str,
    ) -> Result<Response<Body>> {
        let response =
            self.http.send(&Ask { method, url, headers, body, actions, repository: &self.reference.name })?;
        // Busy, or in trouble of its own: both pass.
        if response.status() == StatusCode::TOO_MANY_REQUESTS || response.status().is_server_error() {
            return Err(failed(method, url, response));
        }
        Ok(response)
    }

    /// Where an upload goes: absolute, or from the registry's root.
    fn location(&self, response: &Response<Body>) -> Option<String> {
        let place = response.headers().get(header::LOCATION)?.to_str().ok()?;
        Some(if place.starts_with('/') { format!("{}{place}", self.http.base()) } else { place.to_owned() })
    }

    fn retried<T>(&self, act: impl Fn() -> Result<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            match act() {
                Err(error) if error.is_passing() && tries < TRIES => tries += 1,
                done => return done,
            }
            wait(tries);
        }
    }
}

/// `Content-Range: bytes 100-199/200` begins where we asked.
fn begins_at(response: &Response<Body>, offset: usize) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let begin = range.and_then(|range| range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok());
    begin == Some(offset)
}

fn failed(method: &str, url: &str, response: Response<Body>) -> Error {
    let status = response.status();
    let reason = match said(response) {
        text if text.is_empty() => format!("the registry answers {status}"),
        text => format!("the registry answers {status}: {text}"),
    };
    Error::Http { request: format!("{method} {url}"), reason }
}

fn wait(tries: u32) {
    if tries > 0 {
        // Nothing tells when a registry has recovered; being woken early costs a try.
        std::thread::park_timeout(WAIT * (1 << (tries - 1).min(TRIES)));
    }
}
