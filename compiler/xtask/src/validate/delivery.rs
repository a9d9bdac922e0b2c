//! Checks of what clusters and delivery read: Kubernetes objects, YAML, JSON, Ansible.
//!
//! Not here: the loops over documents. Python and Node have the readers, so scripts in `tools/` ask them, a
//! whole build at a time.

use super::Run;
use super::job::ask;
use crate::Outcome;

/// `kubernetes-validate --strict` for the minor that each cluster declares and the next two.
pub(super) fn kubernetes(run: &Run<'_>) -> Outcome {
    let files = run.write("files", &run.job.files.join("\n"))?;
    ask(run.python("kubernetes.py")?.arg(&run.job.build).arg(files), &[])
}

/// PyYAML, go-yaml through `kubectl kustomize`, and js-yaml read the same values, also from YAML within
/// strings.
pub(super) fn yaml(run: &Run<'_>) -> Outcome {
    let files = run.write("files", &run.job.files.join("\n"))?;
    let (kubectl, node) = (run.tool("kubectl")?, run.tool("node")?);
    let mut command = run.python("yaml_readers.py")?;
    command.arg(&run.job.build).arg(files).arg(kubectl.get_program()).arg(node.get_program());
    ask(command.arg(run.module("js-yaml")?), &[])
}

/// The file is JSON.
pub(super) fn json(run: &Run<'_>) -> Outcome {
    let text = run.text(run.file())?;
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(&text);
    parsed.map(drop).map_err(|error| error.to_string())
}

/// `ansible-playbook --syntax-check` with the inventory, without a warning.
pub(super) fn ansible(run: &Run<'_>) -> Outcome {
    let find = |name: &str| {
        run.job.files.iter().find(|file| file.rsplit('/').next() == Some(name)).map(|file| run.readable(file))
    };
    let (Some(inventory), Some(site)) = (find("inventory.yml"), find("site.yml")) else {
        return Err("there are not both inventory.yml and site.yml".to_owned());
    };
    // Nobody's own settings, and no traces in anybody's home folder.
    let config = run.write("ansible.cfg", "")?;
    let mut command = run.tool("ansible-playbook")?;
    command.arg("--syntax-check").arg("--inventory").arg(inventory?).arg(site?);
    command.env("ANSIBLE_CONFIG", config).env("ANSIBLE_HOME", run.scratch.join("home"));
    command.env("HOME", &run.scratch).env("ANSIBLE_NOCOLOR", "1").env("ANSIBLE_DEPRECATION_WARNINGS", "1");
    ask(&mut command, &["[WARNING]", "[DEPRECATION WARNING]", "[ERROR]"])
}
