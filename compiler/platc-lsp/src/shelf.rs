//! The standard library as files on a disk, for clients that open nothing else: where a definition leads into
//! it, an editor opens a real file, which nobody can write.
//!
//! Not here: clients that show documents which are on no disk; they ask for the text (`platc/libraryText`).
//!
//! Start with [`put`].

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Puts the files into a directory of this version below `cache`, and gives it. What is there and the same
/// stays as it is.
///
/// # Errors
/// Where the disk refuses.
#[expect(
    clippy::disallowed_methods,
    reason = "what is written is a copy of what the program holds, no output"
)]
pub(crate) fn put(cache: &Path, version: &str) -> io::Result<PathBuf> {
    let dir = cache.join(format!("stdlib-{version}"));
    for (path, text) in platc_sema::stdlib::sources() {
        let file = dir.join(path);
        if fs::read(&file).is_ok_and(|there| there == text.as_bytes()) {
            continue;
        }
        let above = file.parent().unwrap_or(&dir);
        fs::create_dir_all(above)?;
        // Under another name first: an editor may be reading it, and another server writing it.
        let new = above.join(format!(".new-{}", std::process::id()));
        fs::write(&new, text)?;
        let mut permissions = fs::metadata(&new)?.permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&new, permissions)?;
        fs::rename(&new, &file)?;
    }
    // A link on the way would be another name for it than the client's.
    dir.canonicalize()
}
