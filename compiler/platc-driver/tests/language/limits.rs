//! Limits whose examples are too long for a page.
//!
//! Start with `more_declarations_than_the_limit_are_one_finding`.

use platc_diag::limits;

use super::platform::findings;

/// As many secrets, made by two loops.
fn secrets(rows: usize, columns: usize) -> Vec<(String, String)> {
    let text = format!(
        "platform own {{ kubernetes \"1.35.7\" }}\n\
         for a in=\"${{range(0, {rows})}}\" {{\n\
         \x20   for b in=\"${{range(0, {columns})}}\" {{ secret \"s-${{a}}-${{b}}\" {{ keys k }} }}\n}}\n"
    );
    vec![("platform.kdl".to_owned(), text)]
}

#[test]
fn more_declarations_than_the_limit_are_one_finding() {
    let rows = 40;
    let columns = limits::DECLARATIONS / rows;
    let above = findings(&secrets(rows, columns));
    assert_eq!(above.len(), 1, "{above:?}");
    assert!(above[0].starts_with("E0212"), "{above:?}");
}
