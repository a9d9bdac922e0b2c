//! What the README shows is what happens: its `console` blocks are run, line by line, as a reader would.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "the other tests use the rest")]
mod sandbox;

use std::path::Path;

use sandbox::Sandbox;

/// Commands with what is shown below each.
fn commands(readme: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            match line.strip_prefix("$ ") {
                Some(command) => found.push((command.to_owned(), Vec::new())),
                None => found.last_mut().expect("a command comes first").1.push(line.to_owned()),
            }
        }
    }
    found
}

#[test]
fn what_the_readme_shows_happens() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let commands = commands(&readme);
    assert!(commands.len() >= 4, "the README shows how to begin: {commands:?}");
    let mut sandbox = Sandbox::empty();
    for (command, shown) in commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words[0] {
            "cd" => sandbox = sandbox.within(words[1]),
            "platc" => {
                let run = sandbox.platc(&words[1..]);
                assert_eq!(run.code, 0, "{command}: {run:?}");
                let said = run.stdout + &run.stderr;
                for line in shown {
                    assert!(said.contains(&line), "`{command}` does not say `{line}` but {said}");
                }
            }
            other => panic!("{other}: a reader of the README has only `cd` and `platc`"),
        }
    }
}

/// The first of the README's two commands: what it says at the end is what is printed.
#[test]
fn the_readme_shows_the_build_of_the_large_example() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let sandbox = Sandbox::repository("okmeter");
    let run = sandbox.platc(&["build", "examples/okmeter"]);
    assert_eq!(run.code, 0, "{run:?}");
    let last = run.stderr.lines().last().expect("it says what it built");
    assert!(readme.lines().any(|line| line == last), "the README shows another build than\n{last}");
}
