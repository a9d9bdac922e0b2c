//! The operations on the disk, each relative to an open directory, each one system call.
//!
//! Paths relative to a directory that stays open are shorter for the kernel to walk and mean the same
//! place whatever happens to the names above it. Every operation that changes something asks
//! [`Faults::step`] first: in the product that is nothing, in tests it is where a build is killed or
//! told that the disk is full. Not here: what the names mean. Start at [`Dir`].

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, OFlags, RenameFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::digest::Hasher;
use crate::{Action, Digest, Error, Fault, Result};

/// Mode of every file of a build and every object: nobody writes them again. What a file must have where
/// it is delivered is in the manifest, because hard links share one mode.
pub(crate) const SEALED_FILE: u32 = 0o444;
/// Mode of every directory of a finished build.
pub(crate) const SEALED_DIR: u32 = 0o555;
/// Mode of a directory that still takes names.
pub(crate) const OPEN_DIR: u32 = 0o755;
/// Mode of the store's own files.
pub(crate) const OWN_FILE: u32 = 0o644;

/// An open directory, with its path for messages.
#[derive(Debug)]
pub(crate) struct Dir {
    fd: OwnedFd,
    path: PathBuf,
    faults: Faults,
}

/// What a name is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    File,
    Directory,
    Symlink,
    Other,
}

/// What the system says of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stat {
    pub(crate) shape: Shape,
    /// Permission bits.
    pub(crate) mode: u32,
    pub(crate) size: u64,
    pub(crate) inode: Inode,
}

/// Device and number: two names with equal ones are one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Inode(u64, u64);

/// A name in a directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Listed {
    pub(crate) name: OsString,
    /// Whether it is a directory itself; links to directories are not.
    pub(crate) is_directory: bool,
    /// The number of its inode, on the device of the directory (unless something is mounted there).
    pub(crate) inode_number: u64,
}

/// Whether a directory was there before it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Made {
    New,
    Before,
}

/// The operations that change something, for counting and breaking them in tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    MakeDir,
    Create,
    Write,
    Link,
    Rename,
    Exchange,
    Symlink,
    Remove,
    ChangeMode,
    Sync,
}

/// Where a test breaks in. Without tests it holds nothing and does nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    #[cfg(test)]
    pub(crate) plan: Option<std::sync::Arc<crate::tests::faults::Plan>>,
    /// What every hard link is refused with.
    #[cfg(test)]
    pub(crate) no_links: Option<Errno>,
    /// Nothing is brought to the disk: a kill loses nothing that the system has, and waiting for the disk
    /// thousands of times would take minutes.
    #[cfg(test)]
    pub(crate) no_sync: bool,
}

impl Faults {
    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the shape of the one for tests")]
    fn step(&self, _: Op) -> rustix::io::Result<()> {
        Ok(())
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "the shape of the one for tests")]
    fn sync_file_system(&self, fd: &OwnedFd) -> rustix::io::Result<()> {
        sync_file_system(fd)
    }

    #[cfg(test)]
    fn sync_file_system(&self, fd: &OwnedFd) -> rustix::io::Result<()> {
        if self.no_sync { Ok(()) } else { sync_file_system(fd) }
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "the shape of the one for tests")]
    fn parts<'a>(&self, bytes: &'a [u8]) -> [&'a [u8]; 2] {
        [bytes, &[]]
    }

    #[cfg(test)]
    fn step(&self, op: Op) -> rustix::io::Result<()> {
        self.plan.as_ref().map_or(Ok(()), |plan| plan.step(op))?;
        self.no_links.filter(|_| op == Op::Link).map_or(Ok(()), Err)
    }

    /// A write is two steps, so that a test can stop between the halves.
    #[cfg(test)]
    fn parts<'a>(&self, bytes: &'a [u8]) -> [&'a [u8]; 2] {
        let middle = if self.plan.is_some() { bytes.len() / 2 } else { bytes.len() };
        <[u8]>::split_at(bytes, middle).into()
    }
}

impl Dir {
    /// Opens a directory by its path, following links.
    pub(crate) fn open(path: &Path, faults: &Faults) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = retry_on_intr(|| fs::open(path, flags, fs::Mode::empty()))
            .map_err(|errno| failed(Action::Open, path.to_owned(), errno))?;
        Ok(Self { fd, path: path.to_owned(), faults: faults.clone() })
    }

    /// Opens a directory in this one, following links: a store may lie elsewhere.
    pub(crate) fn sub(&self, name: impl AsRef<Path>) -> Result<Self> {
        self.sub_with(name.as_ref(), OFlags::empty())
    }

    fn sub_with(&self, name: &Path, more: OFlags) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
        let fd = retry_on_intr(|| fs::openat(&self.fd, name, flags, fs::Mode::empty()))
            .map_err(|errno| self.failed(Action::Open, name, errno))?;
        Ok(Self { fd, path: self.path.join(name), faults: self.faults.clone() })
    }

    /// Its path, as it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a name in it.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// An error about a name in this directory.
    pub(crate) fn failed(&self, action: Action, name: impl AsRef<Path>, errno: Errno) -> Error {
        failed(action, self.path.join(name), errno)
    }

    /// An error about a name in this directory that is there, but wrong.
    pub(crate) fn damaged(&self, name: impl AsRef<Path>, fault: Fault) -> Error {
        Error::Damaged { path: self.path.join(name), fault }
    }

    /// Makes a directory that takes names. One that is there is left as it is.
    pub(crate) fn make(&self, name: impl AsRef<Path>) -> rustix::io::Result<Made> {
        self.faults.step(Op::MakeDir)?;
        match fs::mkdirat(&self.fd, name.as_ref(), mode_of(OPEN_DIR)) {
            Ok(()) => Ok(Made::New),
            Err(Errno::EXIST) => Ok(Made::Before),
            Err(errno) => Err(errno),
        }
    }

    /// Makes and opens a directory of the store's own, whose mode does not depend on the umask.
    pub(crate) fn make_sub(&self, name: &str) -> Result<Self> {
        match self.make(name).map_err(|errno| self.failed(Action::Create, name, errno))? {
            Made::New => self.change_mode(name, OPEN_DIR)?,
            Made::Before => {}
        }
        self.sub(name)
    }

    /// Makes the directories above `name`; whoever else makes them at the same time is welcome. Mostly
    /// only the innermost is missing, so it is tried first.
    pub(crate) fn make_above(&self, name: &str) -> Result<()> {
        let mut missing = Vec::new();
        for directory in crate::names::ancestors(name).rev() {
            match self.make(directory) {
                Ok(_) => break,
                Err(Errno::NOENT) => missing.push(directory),
                Err(errno) => return Err(self.failed(Action::Create, directory, errno)),
            }
        }
        missing.into_iter().rev().try_for_each(|directory| {
            self.make(directory).map(drop).map_err(|errno| self.failed(Action::Create, directory, errno))
        })
    }

    /// What a name is; nothing where there is none. Does not follow links.
    pub(crate) fn stat(&self, name: impl AsRef<Path>) -> Result<Option<Stat>> {
        match fs::statat(&self.fd, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Stat::from(&stat))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(self.failed(Action::Inspect, name, errno)),
        }
    }

    /// What this directory itself is.
    pub(crate) fn own_stat(&self) -> Result<Stat> {
        stat_of(&self.fd).map_err(|errno| self.failed(Action::Inspect, "", errno))
    }

    /// The names in it, sorted: the order of a directory means nothing.
    pub(crate) fn list(&self) -> Result<Vec<Listed>> {
        let fail = |errno| self.failed(Action::List, "", errno);
        let mut names = Vec::new();
        for found in fs::Dir::read_from(&self.fd).map_err(fail)? {
            let found = found.map_err(fail)?;
            let bytes = found.file_name().to_bytes();
            if matches!(bytes, b"." | b"..") {
                continue;
            }
            let name = OsStr::from_bytes(bytes).to_owned();
            let is_directory = match found.file_type() {
                FileType::Directory => true,
                // Some file systems do not say it in the list.
                FileType::Unknown => self.stat(&name)?.is_some_and(|stat| stat.shape == Shape::Directory),
                _ => false,
            };
            names.push(Listed { name, is_directory, inode_number: found.ino() });
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Makes a file that was not there, with the mode of a sealed one whatever the umask says.
    pub(crate) fn create(&self, name: impl AsRef<Path>) -> rustix::io::Result<OwnedFd> {
        self.create_with(name.as_ref(), OFlags::EXCL, SEALED_FILE)
    }

    /// Makes a file of the store's own that was not there, for reading and writing.
    pub(crate) fn create_own(&self, name: &str) -> rustix::io::Result<OwnedFd> {
        self.create_with(Path::new(name), OFlags::EXCL, OWN_FILE)
    }

    /// Opens a file of the store's own for reading and writing, making it where it was not there.
    pub(crate) fn open_or_create_own(&self, name: &str, more: OFlags) -> rustix::io::Result<OwnedFd> {
        loop {
            match self.open_own_existing(name, more) {
                Err(Errno::NOENT) => {}
                opened => return opened,
            }
            match self.create_with(Path::new(name), OFlags::EXCL | more, OWN_FILE) {
                // Another process made it in between.
                Err(Errno::EXIST) => {}
                made => return made,
            }
        }
    }

    /// Opens a file of the store's own for reading and writing; it must be there.
    pub(crate) fn open_own_existing(&self, name: &str, more: OFlags) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | more;
        retry_on_intr(|| fs::openat(&self.fd, name, flags, fs::Mode::empty()))
    }

    /// Opens a file for reading.
    pub(crate) fn open_existing(&self, name: &str) -> rustix::io::Result<OwnedFd> {
        self.open_to_read(Path::new(name))
    }

    fn create_with(&self, name: &Path, more: OFlags, mode: u32) -> rustix::io::Result<OwnedFd> {
        self.faults.step(Op::Create)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | more;
        let fd = retry_on_intr(|| fs::openat(&self.fd, name, flags, mode_of(mode)))?;
        // A look at the inode costs far less than setting the mode each time; a strict umask is rare.
        if stat_of(&fd)?.mode != mode {
            self.faults.step(Op::ChangeMode)?;
            fs::fchmod(&fd, mode_of(mode))?;
        }
        Ok(fd)
    }

    /// Writes all bytes where the file's offset is.
    pub(crate) fn write_all(&self, file: impl AsFd, bytes: &[u8]) -> rustix::io::Result<()> {
        for mut part in self.faults.parts(bytes) {
            if part.is_empty() {
                continue;
            }
            self.faults.step(Op::Write)?;
            while !part.is_empty() {
                let written = retry_on_intr(|| rustix::io::write(&file, part))?;
                // A file that takes nothing and says no error would keep this here for ever.
                part = part.get(written..).filter(|_| written > 0).ok_or(Errno::IO)?;
            }
        }
        Ok(())
    }

    /// A sealed file with these bytes.
    pub(crate) fn write_new(&self, name: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
        let name = name.as_ref();
        let file = self.create(name).map_err(|errno| self.failed(Action::Create, name, errno))?;
        self.write_all(&file, bytes).map_err(|errno| self.failed(Action::Write, name, errno))
    }

    /// All bytes of a file; nothing where there is none, or something else. Does not follow links.
    ///
    /// # Errors
    /// Where it has more than `size_max` bytes, or cannot be read.
    pub(crate) fn read(&self, name: impl AsRef<Path>, size_max: u64) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        match self.read_into(name.as_ref(), size_max, &mut bytes)? {
            Some(stat) if stat.size > size_max => {
                Err(self.damaged(name, Fault::Size { expected: size_max, found: stat.size }))
            }
            Some(stat) if stat.shape == Shape::File => Ok(Some(bytes)),
            _ => Ok(None),
        }
    }

    /// All bytes of a file into a buffer that is used again, and what the file is; nothing where there
    /// is none. Anything but a file has no bytes, and one of more than `size_max` is not read: whoever
    /// asks looks at the size first.
    pub(crate) fn read_into(
        &self,
        name: impl AsRef<Path>,
        size_max: u64,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<Stat>> {
        let name = name.as_ref();
        bytes.clear();
        let file = match self.open_to_read(name) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
            // What `NOFOLLOW` says of a link.
            Err(Errno::LOOP) => return self.stat(name),
            Err(errno) => return Err(self.failed(Action::Open, name, errno)),
        };
        let stat = stat_of(&file).map_err(|errno| self.failed(Action::Inspect, name, errno))?;
        if stat.shape == Shape::File && stat.size <= size_max {
            read_to_end(&file, stat.size, bytes).map_err(|errno| self.failed(Action::Read, name, errno))?;
        }
        Ok(Some(stat))
    }

    /// The digest of a file, through a buffer that is used again, and what the file is; nothing where
    /// there is none. Anything but a file has the digest of no bytes.
    pub(crate) fn digest(&self, name: impl AsRef<Path>, buffer: &mut [u8]) -> Result<Option<(Stat, Digest)>> {
        let name = name.as_ref();
        let file = match self.open_to_read(name) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
            Err(Errno::LOOP) => return Ok(self.stat(name)?.map(|stat| (stat, Digest::of(b"")))),
            Err(errno) => return Err(self.failed(Action::Open, name, errno)),
        };
        let stat = stat_of(&file).map_err(|errno| self.failed(Action::Inspect, name, errno))?;
        let mut hasher = Hasher::default();
        if stat.shape == Shape::File {
            hash_to_end(&file, stat.size, buffer, &mut hasher)
                .map_err(|errno| self.failed(Action::Read, name, errno))?;
        }
        Ok(Some((stat, hasher.digest())))
    }

    /// Without following links, and without waiting for the other end of a pipe.
    fn open_to_read(&self, name: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        retry_on_intr(|| fs::openat(&self.fd, name, flags, fs::Mode::empty()))
    }

    /// Where a symbolic link points; nothing where there is no name or something else.
    pub(crate) fn read_link(&self, name: &str) -> Result<Option<PathBuf>> {
        match fs::readlinkat(&self.fd, name, Vec::new()) {
            Ok(target) => Ok(Some(PathBuf::from(OsStr::from_bytes(target.as_bytes())))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::INVAL) => Ok(None),
            Err(errno) => Err(self.failed(Action::Read, name, errno)),
        }
    }

    /// A second name for a file.
    pub(crate) fn link(&self, name: &str, to: &Self, to_name: &str) -> rustix::io::Result<()> {
        self.faults.step(Op::Link)?;
        fs::linkat(&self.fd, name, &to.fd, to_name, AtFlags::empty())
    }

    /// Another name for a file or directory; a file or an empty directory that has it is replaced.
    pub(crate) fn rename(&self, name: &str, to: &Self, to_name: &str) -> rustix::io::Result<()> {
        self.faults.step(Op::Rename)?;
        fs::renameat(&self.fd, name, &to.fd, to_name)
    }

    /// Two names change places, in one instant.
    pub(crate) fn exchange(&self, name: &str, other: &str) -> rustix::io::Result<()> {
        self.faults.step(Op::Exchange)?;
        fs::renameat_with(&self.fd, name, &self.fd, other, RenameFlags::EXCHANGE)
    }

    /// A symbolic link.
    pub(crate) fn symlink(&self, target: &str, name: &str) -> Result<()> {
        self.faults
            .step(Op::Symlink)
            .and_then(|()| fs::symlinkat(target, &self.fd, name))
            .map_err(|errno| self.failed(Action::Create, name, errno))
    }

    /// Sets the permission bits of a name in it.
    pub(crate) fn change_mode(&self, name: impl AsRef<Path>, mode: u32) -> Result<()> {
        let name = name.as_ref();
        self.change_mode_raw(name, mode).map_err(|errno| self.failed(Action::ChangeMode, name, errno))
    }

    /// As [`change_mode`](Self::change_mode), with the system's own word for a refusal.
    pub(crate) fn change_mode_raw(&self, name: impl AsRef<Path>, mode: u32) -> rustix::io::Result<()> {
        self.faults.step(Op::ChangeMode)?;
        fs::chmodat(&self.fd, name.as_ref(), mode_of(mode), AtFlags::empty())
    }

    /// Removes a name and, where it is a directory, all below. What is not there is no error.
    pub(crate) fn remove(&self, name: impl AsRef<Path>) -> Result<()> {
        let name = name.as_ref();
        match self.unlink(name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            // Linux says the one of a directory, POSIX the other.
            Err(Errno::ISDIR | Errno::PERM) => self.remove_directory(name),
            Err(errno) => Err(self.failed(Action::Remove, name, errno)),
        }
    }

    fn remove_directory(&self, name: &Path) -> Result<()> {
        let inside = self.sub_with(name, OFlags::NOFOLLOW)?;
        // Directories of a build take no names away either, except for root.
        if inside.own_stat()?.mode & OPEN_DIR != OPEN_DIR {
            self.change_mode(name, OPEN_DIR)?;
        }
        for listed in inside.list()? {
            if listed.is_directory {
                inside.remove_directory(Path::new(&listed.name))?;
            } else {
                inside.remove(&listed.name)?;
            }
        }
        match self.unlink(name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(self.failed(Action::Remove, name, errno)),
        }
    }

    fn unlink(&self, name: &Path, flags: AtFlags) -> rustix::io::Result<()> {
        self.faults.step(Op::Remove)?;
        fs::unlinkat(&self.fd, name, flags)
    }

    /// Brings everything that was written to this file system to the disk.
    pub(crate) fn sync_file_system(&self) -> Result<()> {
        self.faults
            .step(Op::Sync)
            .and_then(|()| self.faults.sync_file_system(&self.fd))
            .map_err(|errno| self.failed(Action::Sync, "", errno))
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn sync_file_system(fd: &OwnedFd) -> rustix::io::Result<()> {
    fs::syncfs(fd)
}

/// Elsewhere there is only the call for all file systems.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[expect(clippy::unnecessary_wraps, reason = "the shape of the one that can fail")]
fn sync_file_system(_: &OwnedFd) -> rustix::io::Result<()> {
    fs::sync();
    Ok(())
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_possible_truncation,
    reason = "the width differs between systems"
)]
fn mode_of(bits: u32) -> fs::Mode {
    fs::Mode::from_raw_mode(bits as fs::RawMode)
}

/// What an open file is.
pub(crate) fn stat_of(fd: impl AsFd) -> rustix::io::Result<Stat> {
    fs::fstat(fd).map(|stat| Stat::from(&stat))
}

/// Whether this refusal of a second name means that there can be none: another file system, one
/// without hard links, too many of them, or (`protected_hardlinks`) a file of another user.
pub(crate) fn cannot_link(errno: Errno) -> bool {
    matches!(errno, Errno::XDEV | Errno::MLINK | Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS)
}

/// Whether this refusal of an exchange means that the file system has none.
pub(crate) fn cannot_exchange(errno: Errno) -> bool {
    matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

fn failed(action: Action, path: PathBuf, errno: Errno) -> Error {
    Error::Io { action, path, source: io::Error::from(errno) }
}

/// One read gives a file of the size that the inode tells, and shows that it ends there: the buffer
/// has room for a byte more.
fn read_to_end(file: &OwnedFd, size: u64, bytes: &mut Vec<u8>) -> rustix::io::Result<()> {
    bytes.reserve(usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1));
    loop {
        let room = bytes.capacity() - bytes.len();
        let read = retry_on_intr(|| rustix::io::read(file, rustix::buffer::spare_capacity(bytes)))?;
        if read < room && bytes.len() as u64 >= size || read == 0 {
            return Ok(());
        }
        bytes.reserve(bytes.len().max(PAGE));
    }
}

/// A read that does not fill the buffer has met the end, where the inode says so too.
fn hash_to_end(file: &OwnedFd, size: u64, buffer: &mut [u8], hasher: &mut Hasher) -> rustix::io::Result<()> {
    let mut total = 0;
    loop {
        let read = retry_on_intr(|| rustix::io::read(file, &mut *buffer))?;
        hasher.add(buffer.get(..read).unwrap_or_default());
        total += read as u64;
        if read == 0 || read < buffer.len() && total >= size {
            return Ok(());
        }
    }
}

/// The least that is read again where a file is longer than its inode said.
const PAGE: usize = 4096;

impl From<&fs::Stat> for Stat {
    #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "the widths differ between systems")]
    fn from(stat: &fs::Stat) -> Self {
        let shape = match FileType::from_raw_mode(stat.st_mode as _) {
            FileType::RegularFile => Shape::File,
            FileType::Directory => Shape::Directory,
            FileType::Symlink => Shape::Symlink,
            _ => Shape::Other,
        };
        Self {
            shape,
            mode: stat.st_mode as u32 & 0o7777,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            inode: Inode(stat.st_dev as u64, stat.st_ino as u64),
        }
    }
}

impl Stat {
    /// The device, which tells file systems apart.
    pub(crate) fn device(&self) -> u64 {
        self.inode.0
    }

    /// The number of the inode on its device.
    pub(crate) fn inode_number(&self) -> u64 {
        self.inode.1
    }

    /// What is wrong with this as a sealed file of `size` bytes, as far as an inode tells.
    pub(crate) fn fault(&self, size: u64) -> Option<Fault> {
        if self.shape != Shape::File {
            Some(Fault::NotA { expected: "file" })
        } else if self.size != size {
            Some(Fault::Size { expected: size, found: self.size })
        } else if self.mode != SEALED_FILE {
            Some(Fault::Mode { expected: SEALED_FILE, found: self.mode })
        } else {
            None
        }
    }
}
