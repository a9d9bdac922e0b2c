//! The files that Ansible reads.

use platc_artifact::{Artifact, Mode, Target};
use platc_plan::Plan;

use super::inventory;
use crate::{Emitter, Job, Subject};

/// The target.
pub(crate) struct Ansible;

/// Kind, path, mode and text of what is the same everywhere.
const FIXED: [(&str, &str, Mode, &str); 4] = [
    ("ansible-playbook", "ansible/site.yml", Mode::FILE, include_str!("site.yml")),
    ("ansible-upgrade", "ansible/upgrade.yml", Mode::FILE, include_str!("upgrade.yml")),
    ("ansible-script", "ansible/files/platc-install", Mode::SCRIPT, include_str!("platc-install.sh")),
    ("ansible-prune", "ansible/files/platc-prune", Mode::SCRIPT, include_str!("platc-prune.sh")),
];

impl Emitter for Ansible {
    fn name(&self) -> &'static str {
        "ansible"
    }

    fn jobs(&self, _plan: &Plan) -> Vec<Job> {
        let job = |kind, path: &str| Job::new(path.to_owned(), kind, Target::Platform, Subject::Platform);
        let inventory = job("ansible-inventory", "ansible/inventory.yml");
        let fixed = FIXED.iter().map(|(kind, path, ..)| job(kind, path));
        std::iter::once(inventory).chain(fixed).collect()
    }

    fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
        match FIXED.iter().find(|(kind, ..)| *kind == job.kind) {
            Some((_, _, mode, text)) => {
                artifact.mode = *mode;
                artifact.text(*text);
            }
            None => inventory::write(plan, artifact),
        }
    }
}
