//! A directory that only we write to, and files in it that are what we stored.
//!
//! What lies here is run as native code, and the engine does not notice a flipped bit. So a file is taken
//! only if it and its directory belong to us and nobody else may write to them, and if its contents have
//! the digest that stands before them. Everything is opened relative to the directory that was checked,
//! and no symbolic link is followed, so nothing can be exchanged in between.
//!
//! Not here: what the files hold ([`crate::plugin`], [`crate::memo`]) and where the directory is (the
//! caller knows). The rule that files go through `World` does not hold here, because `World` knows neither
//! owners nor modes; nothing in this directory is an input of a build.
//!
//! Start with [`Directory::open`].

use std::fmt;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// A directory that can be trusted.
#[derive(Debug)]
pub(crate) struct Directory {
    #[cfg(unix)]
    fd: std::os::fd::OwnedFd,
    shown: String,
}

/// Why a file was not read or written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum CacheTrouble {
    /// Somebody else could have written it, or it is not what was stored.
    NotTrusted(String),
    /// The system said no.
    NotWritten(String),
}

/// Bytes of the digest before the contents.
const SEAL: usize = 32;

impl Directory {
    /// Reads a file; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Sealed>, CacheTrouble> {
        let Some(bytes) = self.read_raw(name)? else { return Ok(None) };
        let stored = bytes.get(..SEAL).zip(bytes.get(SEAL..));
        match stored {
            Some((seal, contents)) if Sha256::digest(contents).as_slice() == seal => Ok(Some(Sealed(bytes))),
            _ => Err(self.distrust(name, "its contents are not what was stored")),
        }
    }

    /// Writes a file, whole or not at all.
    pub(crate) fn write(&self, name: &str, contents: &[u8]) -> Result<(), CacheTrouble> {
        let seal: [u8; SEAL] = Sha256::digest(contents).into();
        self.write_raw(name, &seal, contents)
    }

    fn distrust(&self, name: &str, reason: &str) -> CacheTrouble {
        CacheTrouble::NotTrusted(format!("`{}/{name}`: {reason}", self.shown))
    }
}

/// Contents whose digest was checked.
#[derive(Debug)]
pub(crate) struct Sealed(Vec<u8>);

impl Sealed {
    /// The contents.
    pub(crate) fn contents(&self) -> &[u8] {
        self.0.get(SEAL..).unwrap_or_default()
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{DirBuilder, File};
    use std::io::{self, Read as _, Write as _};
    use std::os::unix::fs::DirBuilderExt as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, renameat, unlinkat};

    use super::{CacheTrouble, Directory, Path};

    impl Directory {
        /// Opens a directory and checks that nobody else can write to it; makes it if there is none.
        pub(crate) fn open(path: &Path) -> Result<Self, CacheTrouble> {
            let shown = path.display().to_string();
            let not_written = |error: io::Error| CacheTrouble::NotWritten(format!("`{shown}`: {error}"));
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(not_written)?;
            let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
            let fd = openat(CWD, path, flags, Mode::empty()).map_err(|error| not_written(error.into()))?;
            let stat = fstat(&fd).map_err(|error| not_written(error.into()))?;
            match others_can_write(&stat) {
                Some(reason) => Err(CacheTrouble::NotTrusted(format!("`{shown}`: {reason}"))),
                None => Ok(Self { fd, shown }),
            }
        }

        pub(super) fn read_raw(&self, name: &str) -> Result<Option<Vec<u8>>, CacheTrouble> {
            // A pipe in place of a file must not make us wait: hence NONBLOCK.
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let fd = match openat(&self.fd, name, flags, Mode::empty()) {
                Ok(fd) => fd,
                Err(rustix::io::Errno::NOENT) => return Ok(None),
                Err(rustix::io::Errno::LOOP) => return Err(self.distrust(name, "it is a symbolic link")),
                Err(error) => return Err(self.distrust(name, &error.to_string())),
            };
            let stat = fstat(&fd).map_err(|error| self.distrust(name, &error.to_string()))?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                return Err(self.distrust(name, "it is no file"));
            }
            if let Some(reason) = others_can_write(&stat) {
                return Err(self.distrust(name, reason));
            }
            let mut bytes = Vec::with_capacity(usize::try_from(stat.st_size).unwrap_or(0));
            match File::from(fd).read_to_end(&mut bytes) {
                Ok(_) => Ok(Some(bytes)),
                Err(error) => Err(self.distrust(name, &error.to_string())),
            }
        }

        pub(super) fn write_raw(&self, name: &str, seal: &[u8], contents: &[u8]) -> Result<(), CacheTrouble> {
            // Unique in this process by the counter, among processes by the number of ours.
            static COUNTER: AtomicU64 = AtomicU64::new(0);
            let n = COUNTER.fetch_add(1, Ordering::Relaxed);
            let temporary = format!(".{name}.{}-{n}", std::process::id());
            let written = self
                .write_temporary(&temporary, seal, contents)
                .and_then(|()| renameat(&self.fd, &temporary, &self.fd, name).map_err(io::Error::from));
            written.map_err(|error| {
                // Nothing to be done if this fails too: the name begins with a dot and is never read.
                let _ = unlinkat(&self.fd, &temporary, AtFlags::empty());
                CacheTrouble::NotWritten(format!("`{}/{name}`: {error}", self.shown))
            })
        }

        fn write_temporary(&self, name: &str, seal: &[u8], contents: &[u8]) -> io::Result<()> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mut file = File::from(openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?);
            file.write_all(seal)?;
            file.write_all(contents)
        }
    }

    fn others_can_write(stat: &Stat) -> Option<&'static str> {
        if stat.st_uid != rustix::process::geteuid().as_raw() {
            return Some("it belongs to somebody else");
        }
        (stat.st_mode & 0o022 != 0).then_some("others may write to it")
    }
}

#[cfg(not(unix))]
impl Directory {
    /// Refuses: without owners and modes there is nothing to trust, so plugins are compiled each time.
    pub(crate) fn open(path: &Path) -> Result<Self, CacheTrouble> {
        let shown = path.display();
        Err(CacheTrouble::NotTrusted(format!("`{shown}`: this system does not say who may write to it")))
    }

    fn read_raw(&self, name: &str) -> Result<Option<Vec<u8>>, CacheTrouble> {
        Err(self.distrust(name, "this system does not say who may write to it"))
    }

    fn write_raw(&self, name: &str, _seal: &[u8], _contents: &[u8]) -> Result<(), CacheTrouble> {
        Err(CacheTrouble::NotWritten(format!("`{}/{name}`", self.shown)))
    }
}

impl fmt::Display for CacheTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::NotTrusted(text) | Self::NotWritten(text)) = self;
        f.write_str(text)
    }
}
