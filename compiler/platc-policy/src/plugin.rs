//! [`Plugin`]: a policy's file, compiled and asked what it is; or the same from the cache, whose code is
//! not even read until something has to run.
//!
//! Not here: what a platform makes of it (settings, level, limits: [`crate::panel`]).
//!
//! Start with [`Plugin::load`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use platc_artifact::judge::{Description, LimitOverrides};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::budget::Limits;
use crate::cache::{CacheTrouble, Directory};
use crate::contract::{Code, Offers};
use crate::inspect::{Form, Refusal, inspect};
use crate::run::{self, Fault};
use crate::wrap::wrap;
use crate::{Clock, description, engine, hex};

/// The bytes of a policy's file.
#[derive(Clone)]
pub(crate) enum Bytes {
    /// Of the library.
    Static(&'static [u8]),
    /// Of a file.
    Shared(Arc<[u8]>),
}

/// What loading needs: the engine, the cache, and a clock for the report of timings.
pub(crate) struct Workshop {
    pub(crate) engine: Engine,
    offers: Offers,
    compatibility: [u8; 32],
    cache: Option<PathBuf>,
    clock: Option<Clock>,
}

/// A policy that can run.
pub(crate) struct Plugin {
    /// SHA-256 of its file.
    pub(crate) digest: [u8; 32],
    pub(crate) description: Description,
    /// Whether its description, and so its code, came from the cache.
    pub(crate) cached: bool,
    bytes: Bytes,
    code: OnceLock<Result<Code, Refusal>>,
    /// Troubles with the cache, until somebody reports them.
    troubles: Mutex<Vec<CacheTrouble>>,
    compile_time: Mutex<Option<Duration>>,
}

/// Why a file did not become a plugin.
#[derive(Clone, Debug)]
pub(crate) enum LoadTrouble {
    /// It is no policy.
    Refused(Refusal),
    /// It did not finish saying what it is.
    Fault(Fault),
    /// What it says of itself cannot be used.
    Description(String),
}

impl Bytes {
    pub(crate) fn get(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl Workshop {
    pub(crate) fn new(cache: Option<PathBuf>, clock: Option<Clock>) -> wasmtime::Result<Self> {
        let engine = engine::engine()?;
        let compatibility = engine::compatibility(&engine);
        let offers = Offers::new(&engine)?;
        Ok(Self { engine, offers, compatibility, cache, clock })
    }

    /// What results depend on beside plugin and input.
    pub(crate) fn compatibility(&self) -> &[u8; 32] {
        &self.compatibility
    }

    fn directory(&self, troubles: &mut Vec<CacheTrouble>) -> Option<Directory> {
        let opened = Directory::open(self.cache.as_deref()?);
        opened.map_err(|trouble| troubles.push(trouble)).ok()
    }

    /// Name in the cache, without an ending: of this file, for this engine on this processor.
    fn key(&self, digest: &[u8; 32]) -> String {
        let parts = [b"plugin 1\n".as_slice(), digest, &self.compatibility];
        hex(&Sha256::digest(parts.concat()).into())
    }

    fn timed<T>(&self, work: impl FnOnce() -> T) -> (T, Option<Duration>) {
        let begin = self.clock.as_ref().map(|clock| clock());
        let result = work();
        let end = self.clock.as_ref().map(|clock| clock());
        (result, end.zip(begin).map(|(end, begin)| end.saturating_sub(begin)))
    }
}

impl Plugin {
    /// Takes a plugin from the cache, or compiles it, asks it what it is, and stores both. `digest` is the
    /// SHA-256 of its bytes.
    pub(crate) fn load(shop: &Workshop, bytes: Bytes, digest: [u8; 32]) -> Result<Self, LoadTrouble> {
        let mut troubles = Vec::new();
        let directory = shop.directory(&mut troubles);
        let key = shop.key(&digest);
        if let Some(description) = directory.as_ref().and_then(|dir| stored(dir, &key, &mut troubles)) {
            return Ok(Self {
                digest,
                description,
                cached: true,
                bytes,
                code: OnceLock::new(),
                troubles: Mutex::new(troubles),
                compile_time: Mutex::default(),
            });
        }
        let (compiled, time) = shop.timed(|| compile(shop, bytes.get()));
        let (component, code) = compiled.map_err(LoadTrouble::Refused)?;
        let description = ask(&shop.engine, &code)?;
        if let Some(directory) = &directory {
            // The code first: the description stands for both.
            let stored = store_code(directory, &key, &component).and_then(|()| {
                directory.write(&note_name(&key), description::to_json(&description).as_bytes())
            });
            troubles.extend(stored.err());
        }
        Ok(Self {
            digest,
            description,
            cached: false,
            bytes,
            code: OnceLock::from(Ok(code)),
            troubles: Mutex::new(troubles),
            compile_time: Mutex::new(time),
        })
    }

    /// The code, from the cache if it has not been needed before.
    pub(crate) fn code(&self, shop: &Workshop) -> Result<&Code, Refusal> {
        self.code.get_or_init(|| self.fetch(shop)).as_ref().map_err(Clone::clone)
    }

    /// Troubles with the cache that nobody has reported yet.
    pub(crate) fn take_troubles(&self) -> Vec<CacheTrouble> {
        std::mem::take(&mut *self.troubles.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long the first compile took, if nobody has asked yet.
    pub(crate) fn take_compile_time(&self) -> Option<Duration> {
        self.compile_time.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fetch(&self, shop: &Workshop) -> Result<Code, Refusal> {
        let mut troubles = Vec::new();
        let key = shop.key(&self.digest);
        let directory = shop.directory(&mut troubles);
        let read = directory.as_ref().and_then(|dir| stored_code(shop, dir, &key, &mut troubles));
        let result = match read {
            Some(code) => Ok(code),
            None => {
                let (compiled, time) = shop.timed(|| compile(shop, self.bytes.get()));
                *self.compile_time.lock().unwrap_or_else(PoisonError::into_inner) = time;
                compiled.map(|(component, code)| {
                    let stored = directory.as_ref().map(|dir| store_code(dir, &key, &component));
                    troubles.extend(stored.and_then(Result::err));
                    code
                })
            }
        };
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).extend(troubles);
        result
    }
}

fn compile(shop: &Workshop, bytes: &[u8]) -> Result<(Component, Code), Refusal> {
    let wrapped;
    let bytes = match inspect(bytes)? {
        Form::Component => bytes,
        Form::CoreModule { version } => {
            wrapped = wrap(bytes, &version)?;
            &wrapped
        }
    };
    let component = Component::from_binary(&shop.engine, bytes)
        .map_err(|error| Refusal::Damaged { reason: error.root_cause().to_string() })?;
    let code = shop
        .offers
        .bind(&component)
        .map_err(|error| Refusal::OtherContract { reason: run::chain(&error) })?;
    Ok((component, code))
}

fn ask(engine: &Engine, code: &Code) -> Result<Description, LoadTrouble> {
    let limits = Limits::of(&LimitOverrides::default(), 0);
    let metadata = run::describe(engine, code, &limits).result.map_err(LoadTrouble::Fault)?;
    description::check(metadata).map_err(LoadTrouble::Description)
}

fn note_name(key: &str) -> String {
    format!("{key}.json")
}

fn code_name(key: &str) -> String {
    format!("{key}.cwasm")
}

fn stored(directory: &Directory, key: &str, troubles: &mut Vec<CacheTrouble>) -> Option<Description> {
    match directory.read(&note_name(key)) {
        Ok(note) => description::from_json(note?.contents()),
        Err(trouble) => {
            troubles.push(trouble);
            None
        }
    }
}

fn store_code(directory: &Directory, key: &str, component: &Component) -> Result<(), CacheTrouble> {
    let code = component.serialize().map_err(|error| CacheTrouble::NotWritten(error.to_string()))?;
    directory.write(&code_name(key), &code)
}

fn stored_code(
    shop: &Workshop,
    directory: &Directory,
    key: &str,
    troubles: &mut Vec<CacheTrouble>,
) -> Option<Code> {
    match directory.read(&code_name(key)) {
        Ok(file) => {
            let file = file?;
            // SAFETY: `deserialize` maps these bytes as native code and trusts them. They come from a file
            // that belongs to us, in a directory that belongs to us, neither writable by others, both
            // checked on the opened descriptors; their SHA-256 has just been checked; and their name is made
            // of the plugin's digest and of everything that the engine's code depends on. So they are what
            // `Component::serialize` of this very engine gave us.
            #[expect(unsafe_code, reason = "the only way to use code that was compiled before")]
            let component = unsafe { Component::deserialize(&shop.engine, file.contents()) };
            component.and_then(|component| shop.offers.bind(&component)).ok()
        }
        Err(trouble) => {
            troubles.push(trouble);
            None
        }
    }
}
