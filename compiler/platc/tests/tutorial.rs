//! What the tutorial shows is what happens: its commands are run in order with the real program and the real
//! cargo, its files are written, its excerpts are looked up in the sources that they are from.
//!
//! `console` blocks: a line behind `$` is run and must succeed (in `console fails`, the last must not), and the
//! lines below it must come in this order, perhaps with others between. Blocks of other languages with a path are
//! files to write; of `rust`, parts of a file that is there.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: it runs programs and fails loudly"
)]

#[allow(dead_code, reason = "the other tests use the rest")]
mod sandbox;

use std::fs;
use std::path::Path;

use sandbox::Sandbox;

#[test]
fn what_the_tutorial_of_policies_shows_happens() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policies/tutorial.md");
    let page = fs::read_to_string(page).expect("the tutorial");
    let mut sandbox = Sandbox::empty().with_compilers();
    let mut n_commands = 0;
    for (info, text) in blocks(&page) {
        let (language, rest) = info.split_once(' ').unwrap_or((&info, ""));
        match language {
            "console" => {
                for (command, shown) in commands(&text) {
                    n_commands += 1;
                    sandbox = step(sandbox, &command, &shown, rest == "fails");
                }
            }
            "rust" => {
                let source = fs::read_to_string(sandbox.path(rest)).expect("the file of an excerpt");
                assert!(source.contains(&text), "{rest} does not have:\n{text}");
            }
            _ => fs::write(sandbox.path(rest), text).expect("it can be written"),
        }
    }
    assert!(n_commands > 15, "the tutorial shows the whole way: {n_commands}");
}

fn step(sandbox: Sandbox, command: &str, shown: &[String], fails: bool) -> Sandbox {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["cd", dir] => sandbox.within(dir),
        ["cp", from, to] => {
            fs::copy(sandbox.path(from), sandbox.path(to)).expect("it can be copied");
            sandbox
        }
        ["platc", args @ ..] => {
            let run = sandbox.platc(args);
            assert_eq!(run.code, i32::from(fails), "{command}: {run:?}");
            let said = run.stdout + &run.stderr;
            let mut lines = said.lines();
            for line in shown.iter().filter(|line| !line.is_empty()) {
                let found = lines.any(|said| said.trim_end().starts_with(line.as_str()));
                assert!(found, "`{command}` does not say, in this order,\n{line}\nbut\n{said}");
            }
            sandbox
        }
        _ => panic!("{command}: a reader has only `cd`, `cp` and `platc`"),
    }
}

fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
            found.push((info.trim().to_owned(), text));
        }
    }
    found
}

fn commands(block: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => found.push((command.to_owned(), Vec::new())),
            None => found.last_mut().expect("a command comes first").1.push(line.to_owned()),
        }
    }
    found
}
