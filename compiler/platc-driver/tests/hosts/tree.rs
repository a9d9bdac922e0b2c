//! A build of the files of hosts in a folder, with the lists that delivery goes by.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use platc_artifact::Target;
use platc_diag::Diagnostic;
use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::emission::emit_all;
use platc_driver::world::Memory;
use sha2::{Digest as _, Sha256};

/// A platform's analysis, which has no errors.
pub(crate) fn analysed(files: &[(&str, &str)]) -> Analysis {
    let mut world = Memory::default();
    for (path, text) in files {
        world.insert(Path::new("p").join(path), *text);
    }
    let analysis = analyse(&world, Path::new("p"), AnalysisOptions { today: None });
    let errors: Vec<String> = analysis
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .map(Diagnostic::message)
        .map(str::to_owned)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    analysis
}

/// An empty folder of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosts").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target directory can be written");
    folder
}

/// Writes what goes to hosts, and what Ansible reads.
pub(crate) fn write(analysis: &Analysis, folder: &Path) {
    let mut lists: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    let done = emit_all::<()>(
        &analysis.plan,
        |_| true,
        |file| {
            let path = file.artifact.path.as_str();
            if matches!(file.artifact.target, Target::Cluster(_)) {
                return Ok(());
            }
            let place = folder.join(path);
            std::fs::create_dir_all(place.parent().expect("a file is in a folder")).expect("a folder");
            std::fs::write(&place, &file.bytes).expect("a file");
            let mode = u32::from(file.artifact.mode.bits());
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)).expect("its mode");
            if let Some((host, on_host)) = path.split_once("/rootfs") {
                let actions: Vec<String> = file.artifact.on_change.iter().map(ToString::to_string).collect();
                let actions = if actions.is_empty() { "-".to_owned() } else { actions.join(",") };
                let sum: String =
                    Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                let list = lists.entry(host.to_owned()).or_default();
                let _ = writeln!(
                    list,
                    "{on_host}\t{}\t{}\t{sum}\t{actions}",
                    file.artifact.mode, file.artifact.owner
                );
            }
            Ok(())
        },
    );
    assert!(done.is_ok(), "{done:?}");
    for (host, list) in lists {
        let root: String = Sha256::digest(list.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(folder.join(&host).join("MANIFEST"), &list).expect("a list");
        std::fs::write(folder.join(&host).join("ROOT"), format!("{root}\n")).expect("a hash");
    }
}
