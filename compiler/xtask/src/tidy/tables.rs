//! Complete tables: what lies in a folder is in the table that the compiler goes by, and the other way.
//!
//! Not here: tables that generated code is made of; their freshness is tested where they are generated.
//! Each rule finds nothing while its folder does not exist.

use super::tree::line_of;
use super::{Finding, Tree, file_name, has_extension};

/// Each folder of `platc-emit/src` that emits is in `EMITTERS` and has a case.
pub fn emitters(tree: &Tree) -> Vec<Finding> {
    const FOLDER: &str = "compiler/platc-emit/src";
    let folders = tree.folders(FOLDER);
    let targets = folders.into_iter().filter(|name| tree.has(&format!("{FOLDER}/{name}/emit.rs")));
    let table = tree.texts_of("rs").find_map(|(path, text)| {
        let from = text.split_once("EMITTERS: ").filter(|_| path.starts_with(FOLDER))?.1;
        Some(from.split_once("];").map_or(from, |(table, _)| table))
    });
    let mut findings = Vec::new();
    for target in targets {
        let file = format!("{FOLDER}/{target}/emit.rs");
        if !table.is_some_and(|table| table.contains(&format!("{target}::"))) {
            let help = "add it to EMITTERS of platc-emit: what is not there is never emitted";
            findings.push(Finding::new(&file, 1, format!("`{target}` is not in EMITTERS"), help));
        }
        if !tree.files().any(|path| is_case_of(path, target)) {
            let help = format!("write one, such as compiler/platc-emit/src/{target}/cases/first.md");
            findings.push(Finding::new(&file, 1, format!("no case shows what `{target}` emits"), help));
        }
    }
    findings
}

/// A Markdown file in some `cases` folder of a crate that belongs to `target`: in its folder, in a folder of
/// its name, or itself of its name.
fn is_case_of(path: &str, target: &str) -> bool {
    let name = file_name(path).trim_end_matches(".md");
    let named = path.split('/').any(|part| part == target)
        || name == target
        || name.strip_prefix(target).is_some_and(|rest| rest.starts_with('-'));
    path.starts_with("compiler/") && path.contains("/cases/") && has_extension(path, "md") && named
}

/// Each code has a page, each page a code, and each code an example that gives it: in its page, or in a case.
pub fn codes(tree: &Tree) -> Vec<Finding> {
    const TABLE: &str = "compiler/platc-diag/src/codes.rs";
    const PAGES: &str = "compiler/platc-diag/codes";
    let text = tree.text(TABLE).unwrap_or_default();
    let listed = listed_codes(text);
    let mut findings = Vec::new();
    for page in tree.below(PAGES).filter(|page| has_extension(page, "md")) {
        if !listed.contains(&page.trim_end_matches(".md")) {
            let help =
                "add its line to the table in codes.rs, or remove the page; numbers are never used again";
            findings.push(Finding::new(&format!("{PAGES}/{page}"), 1, "no code has this page", help));
        }
    }
    for code in listed {
        let line = line_of(text, &format!("{code} \""));
        let Some(page) = tree.text(&format!("{PAGES}/{code}.md")) else {
            let help =
                format!("write {PAGES}/{code}.md, with an example that is wrong and one that is right");
            findings.push(Finding::new(TABLE, line, format!("{code} has no page"), help));
            continue;
        };
        // The driver's cases come last: before there are any, no code can be asked for all of its cases.
        let is_complete = tree.has("compiler/platc-driver/cases");
        if is_complete && !page.contains("\n## Wrong\n") && !has_case(tree, code) {
            let help = "give its page a `## Wrong` example, or write a case that expects it";
            findings.push(Finding::new(TABLE, line, format!("nothing shows when {code} comes"), help));
        }
    }
    findings
}

/// Codes in the `codes!` table, in its order.
fn listed_codes(text: &str) -> Vec<&str> {
    let table = text.split_once("\ncodes! {\n").map_or("", |(_, rest)| rest);
    let table = table.split_once("\n}").map_or(table, |(table, _)| table);
    let words = table.lines().filter_map(|line| line.split_whitespace().next());
    let is_code = |word: &&str| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_uppercase());
        digits.len() == 4 && word.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.filter(is_code).collect()
}

fn has_case(tree: &Tree, code: &str) -> bool {
    let cases = tree.texts_of("md").filter(|(path, _)| path.contains("/cases/"));
    let mut sources = cases.chain(tree.texts_of("rs").filter(|(path, _)| path.contains("/tests/")));
    sources.any(|(_, text)| text.contains(code))
}

/// Each file of the standard library is embedded, once one of them is.
pub fn stdlib(tree: &Tree) -> Vec<Finding> {
    let sources: Vec<&str> = tree
        .texts_of("rs")
        .filter(|(path, text)| !path.starts_with("compiler/xtask/") && text.contains("include_str!"))
        .map(|(_, text)| text)
        .collect();
    let is_embedded = |file: &str| sources.iter().any(|text| text.contains(&format!("/stdlib/{file}\"")));
    let files: Vec<&str> = tree.below("stdlib").filter(|file| has_extension(file, "kdl")).collect();
    if !files.iter().any(|file| is_embedded(file)) {
        return Vec::new();
    }
    let missing = files.into_iter().filter(|file| !is_embedded(file));
    let help = "add its `include_str!` beside the others: platc reads no standard library from disk";
    missing.map(|file| Finding::new(&format!("stdlib/{file}"), 1, "the file is not embedded", help)).collect()
}

/// Folders of `snapshots/` that are no build of an example: texts of the command line.
const NO_BUILDS: &[&str] = &["cli"];

/// Each example has its golden build and each golden build its example.
pub fn goldens(tree: &Tree) -> Vec<Finding> {
    let (examples, snapshots) = (tree.folders("examples"), tree.folders("snapshots"));
    if snapshots.is_empty() {
        return Vec::new();
    }
    let orphans = snapshots.iter().filter(|name| !examples.contains(name) && !NO_BUILDS.contains(name));
    let orphans = orphans.map(|name| {
        let message = format!("there is no example `{name}`");
        Finding::new(&format!("snapshots/{name}"), 0, message, "remove the folder, or bring its example back")
    });
    // What several examples share has no platform of its own.
    let platforms = examples.iter().filter(|name| has_platform(tree, name));
    let bare = platforms.filter(|name| !snapshots.contains(name)).map(|name| {
        let message = format!("the example `{name}` has no golden build");
        Finding::new(&format!("examples/{name}"), 0, message, "`cargo xtask bless` writes snapshots/")
    });
    orphans.chain(bare).collect()
}

fn has_platform(tree: &Tree, example: &str) -> bool {
    tree.below(&format!("examples/{example}")).any(|path| file_name(path) == "platform.kdl")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(findings: Vec<Finding>) -> Vec<String> {
        findings.into_iter().map(|finding| format!("{}: {}", finding.file, finding.message)).collect()
    }

    #[test]
    fn an_emitter_is_in_the_table_and_has_a_case() {
        let table =
            "pub const EMITTERS: &[Emitter] = &[\n    routes::EMITTER,\n    envoy::EMITTER,\n];\n// host::\n";
        let tree = Tree::of([
            ("compiler/platc-emit/src/lib.rs", table),
            ("compiler/platc-emit/src/routes/emit.rs", ""),
            ("compiler/platc-emit/src/envoy/emit.rs", ""),
            ("compiler/platc-emit/src/host/emit.rs", ""),
            ("compiler/platc-emit/src/shared/names.rs", ""),
            ("compiler/platc-emit/src/envoy/cases/a.md", ""),
            ("compiler/platc-driver/cases/host-sysctl.md", ""),
        ]);
        let found = messages(emitters(&tree));
        assert_eq!(
            found,
            [
                "compiler/platc-emit/src/host/emit.rs: `host` is not in EMITTERS",
                "compiler/platc-emit/src/routes/emit.rs: no case shows what `routes` emits",
            ]
        );
    }

    const CODES: &str = "macro_rules! codes {}\n\ncodes! {\n    // E01: syntax.\n    E0101 \"a\" Error,\n    L0002 \"b\" Warning,\n}\n";

    #[test]
    fn codes_and_pages_belong_together() {
        let tree = Tree::of([
            ("compiler/platc-diag/src/codes.rs", CODES),
            ("compiler/platc-diag/codes/E0101.md", ""),
            ("compiler/platc-diag/codes/E0199.md", ""),
        ]);
        let found = codes(&tree);
        assert_eq!(found[1].line, 6);
        assert_eq!(
            messages(found),
            [
                "compiler/platc-diag/codes/E0199.md: no code has this page",
                "compiler/platc-diag/src/codes.rs: L0002 has no page",
            ]
        );
    }

    #[test]
    fn a_code_has_an_example_once_there_are_cases() {
        let pages = |case: &str| {
            Tree::of([
                ("compiler/platc-diag/src/codes.rs", CODES),
                ("compiler/platc-diag/codes/E0101.md", "# E0101\n\n## Wrong\n"),
                ("compiler/platc-diag/codes/L0002.md", "# L0002\n"),
                ("compiler/platc-driver/cases/a.md", case),
            ])
        };
        assert_eq!(
            messages(codes(&pages(""))),
            ["compiler/platc-diag/src/codes.rs: nothing shows when L0002 comes"]
        );
        assert!(codes(&pages("// warning: [L0002]")).is_empty());
    }

    #[test]
    fn the_standard_library_is_embedded_as_a_whole() {
        let with = |source: &str| {
            let files = [
                ("stdlib/kinds/a.kdl", ""),
                ("stdlib/b.kdl", ""),
                ("compiler/platc-driver/src/s.rs", source),
            ];
            messages(stdlib(&Tree::of(files)))
        };
        assert!(with("").is_empty());
        let one = with("include_str!(\"../../../stdlib/kinds/a.kdl\")");
        assert_eq!(one, ["stdlib/b.kdl: the file is not embedded"]);
    }

    #[test]
    fn examples_and_golden_builds_belong_together() {
        let tree = Tree::of([
            ("examples/a/platform.kdl", ""),
            ("examples/b/prod/platform.kdl", ""),
            ("examples/shared/library.kdl", ""),
            ("snapshots/a/build.json", ""),
            ("snapshots/c/build.json", ""),
            ("snapshots/cli/help.txt", ""),
        ]);
        let found = messages(goldens(&tree));
        assert_eq!(
            found,
            ["snapshots/c: there is no example `c`", "examples/b: the example `b` has no golden build"]
        );
        assert!(goldens(&Tree::of([("examples/a/platform.kdl", "")])).is_empty());
    }
}
