//! Real clients: Neovim with the set-up that we ship, and the protocol library of VS Code. This test program
//! is their server, on its standard streams and over the real disk.
//!
//! A case of a client has the files of a platform and a script; the expected value is what the script prints.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use platc_driver::world::Disk;
use platc_lsp::Options;
use platc_testkit::{Block, Case, tools};

/// The argument by which this program is a server.
pub(crate) const SERVE: &str = "serve-on-stdio";
/// Where the server finds the directory of its cache.
const CACHE: &str = "PLATC_TEST_CACHE";
/// Script of a case that Neovim runs.
const LUA: &str = "script.lua.txt";
/// Script of a case that Node runs.
const JS: &str = "script.js.txt";

/// Serves on the standard streams, as `platc lsp` does.
pub(crate) fn serve_stdio() -> ExitCode {
    let threads = NonZeroUsize::MIN;
    let cache = std::env::var_os(CACHE).map(PathBuf::from);
    let cache = cache.as_deref();
    let options = Options { world: &Disk, today: None, judge: None, threads, cache, version: "0.0.0" };
    match platc_lsp::serve_stdio(options) {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// What a case of a real client gives; `None` for any other case. Without the client, the case is skipped as
/// all cases of missing tools are.
pub(crate) fn run(case: &Case) -> Option<Vec<String>> {
    let values = case.expected.iter().map(|block| match block.tag.as_str() {
        "neovim" => Some(neovim(case).unwrap_or_else(|| block.text.clone())),
        "node" => Some(node(case).unwrap_or_else(|| block.text.clone())),
        "extension" => Some(extension(case).unwrap_or_else(|| block.text.clone())),
        _ => None,
    });
    values.collect()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository is there")
}

/// A fresh directory with the files of a case.
fn directory(case: &Case) -> PathBuf {
    let name: String = case.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a directory for the case");
    for file in &case.files {
        let path = dir.join(file.path());
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory for the file");
        fs::write(path, &file.text).expect("a file of the case");
    }
    dir.canonicalize().expect("it was just made")
}

fn script<'c>(case: &'c Case, name: &str) -> &'c Block {
    case.files.iter().find(|file| file.path() == name).expect("the case has a script")
}

/// What a program prints; that it fails is part of it.
fn output(command: &mut Command, dir: &Path) -> String {
    let done = command.output().expect("the client starts");
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let said = said.replace(&*dir.to_string_lossy(), "DIR").replace('\r', "");
    if done.status.success() { said } else { format!("{said}\n{}\n", done.status) }
}

fn neovim(case: &Case) -> Option<String> {
    let program = tools::need("nvim")?;
    let dir = directory(case);
    let server = std::env::current_exe().expect("this program has a path");
    let set = format!("lua vim.g.platc_command = {{ {:?}, {SERVE:?} }}", server.to_string_lossy());
    let script = dir.join(script(case, LUA).path());
    let mut command = Command::new(program);
    command.args(["--headless", "-n", "-i", "NONE", "--cmd", &set]);
    command.arg("-u").arg(repository().join("editor/neovim/platc.lua"));
    // A script that fails says why, and does not leave the editor waiting for a person.
    let run = format!("local fine, why = pcall(dofile, {:?})", script.to_string_lossy());
    let told =
        "if not fine then io.stdout:write(tostring(why) .. '\\n') vim.cmd('cquit') end vim.cmd('qall!')";
    command.arg("-c").arg(format!("lua {run} {told}"));
    command.current_dir(&dir).env(CACHE, dir.join(".cache"));
    Some(format!("{}\n", output(&mut command, &dir).trim()))
}

fn node(case: &Case) -> Option<String> {
    let (program, module) = tools::need_node_with("vscode-languageserver-protocol")?;
    let dir = directory(case);
    let script = dir.join(script(case, JS).path());
    let modules = module.parent().expect("modules lie in a folder");
    let mut command = Command::new(program);
    command.arg(&script).current_dir(&dir).env("NODE_PATH", modules);
    command.env("PLATC_SERVER", std::env::current_exe().expect("this program has a path"));
    command.env("PLATC_SERVE", SERVE).env("PLATC_REPOSITORY", repository());
    Some(output(&mut command, &dir))
}

/// Type-checks, bundles and packages the extension of VS Code, and lists what is in the package.
fn extension(case: &Case) -> Option<String> {
    let (node, typescript) = tools::need_node_with("typescript")?;
    tools::need_node_with("@vscode/vsce")?;
    let dir = directory(case);
    copy(&repository().join("editor/vscode"), &dir);
    fs::copy(repository().join("LICENSE"), dir.join("LICENSE.txt")).expect("the licence");
    let modules = typescript.parent().expect("modules lie in a folder").canonicalize().expect("it is there");
    std::os::unix::fs::symlink(&modules, dir.join("node_modules")).expect("a link to the modules");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(&node);
        command.arg(modules.join(".bin").join(program)).args(arguments).current_dir(&dir);
        output(&mut command, &dir)
    };
    let mut said = run("tsc", &["--project", "."]);
    let mut bundle = Command::new(modules.join(".bin/esbuild"));
    bundle.args(["src/extension.ts", "--bundle", "--platform=node", "--format=cjs", "--external:vscode"]);
    bundle.args(["--minify", "--log-level=warning", "--outfile=out/extension.js"]).current_dir(&dir);
    said += &output(&mut bundle, &dir);
    // It walks directories side by side and lists what comes first.
    let listed = run("vsce", &["ls", "--no-dependencies"]);
    let mut listed: Vec<&str> = listed.lines().collect();
    listed.sort_unstable();
    let packaged = run("vsce", &["package", "--no-dependencies", "--out", "platc.vsix"]);
    if !dir.join("platc.vsix").is_file() {
        said += &packaged;
    }
    Some(format!("{said}{}\n", listed.join("\n")))
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of the extension") {
        let entry = entry.expect("it can be read");
        let name = entry.file_name();
        let built = ["node_modules", "out"].iter().any(|built| name == *built);
        if entry.path().is_dir() && !built {
            fs::create_dir_all(to.join(&name)).expect("a folder");
            copy(&entry.path(), &to.join(&name));
        } else if !built {
            fs::copy(entry.path(), to.join(&name)).expect("a file of the extension");
        }
    }
}
