//! The pages of this crate's codes: what they call wrong gives exactly that code, what they call right
//! gives none.
//!
//! Not here: whether the pages read well.
//!
//! Start with `each_page_keeps_its_word`. The whole compiler executes the pages again; here they are held
//! to what syntax alone can say.

use platc_diag::codes::{Code, E0111, E0112};
use platc_syntax::Value;

use crate::promises::read;

#[test]
fn each_page_keeps_its_word() {
    let mut executed = 0;
    for code in Code::all().filter(|code| code.id().starts_with("E01")) {
        let page = code.page();
        let example = |title: &str| {
            let (_, rest) = page.split_once(title)?;
            let (_, block) = rest.split_once("```kdl\n")?;
            block.split_once("```").map(|(text, _)| text)
        };
        let (Some(wrong), Some(right)) = (example("## Wrong"), example("## Right")) else {
            assert!(page.contains("This page has no example, because"), "{code:?} says why it has none");
            continue;
        };
        assert_eq!(codes(wrong, code), [code.id()], "{wrong}");
        assert_eq!(codes(right, code), [""; 0], "{right}");
        executed += 1;
    }
    assert_eq!(executed, 7);
}

/// What is reported on a text; on its values as well, if the code is about them.
fn codes(text: &str, code: Code) -> Vec<String> {
    let parsed = read(text);
    let mut problems = parsed.problems;
    let values = parsed.tree.all_nodes().flat_map(|node| node.entries().map(platc_syntax::Entry::value));
    let values: Vec<Value<'_>> = values.collect();
    if code == E0111 {
        problems
            .extend(values.iter().filter_map(|value| value.template()).flat_map(|parsed| parsed.problems));
    }
    if code == E0112 {
        problems
            .extend(values.iter().filter_map(|value| value.type_expr()).flat_map(|parsed| parsed.problems));
    }
    problems.iter().map(|problem| problem.code().id().to_owned()).collect()
}
