//! Whether the tables are what the generator makes from the sources that it names. Nothing is built: the
//! marks at the head of the table are compared with what stands in the generator's folder. The full
//! comparison is `cargo run --release --manifest-path compiler/kube-tables/Cargo.toml check`.

use sha2::{Digest as _, Sha256};

use crate::support::{home, read};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_table_is_fresh() {
    let table = read(&home().join("tables/kubernetes.txt"));
    let mut head = table.lines();
    assert_eq!(head.next(), Some("platc-kube tables 1"));
    let mut mark = |word: &str| {
        let line = head.next().unwrap_or("");
        line.strip_prefix(word).unwrap_or_else(|| panic!("`{line}` begins with `{word}`")).trim().to_owned()
    };
    let (source, generator, body) = (mark("source"), mark("generator"), mark("body"));
    let again = "run the generator: the table is older than what it is made from";

    let lock = read(&home().join("../kube-tables/Cargo.lock"));
    let package =
        lock.split("[[package]]").find(|package| package.contains("name = \"k8s-openapi\"")).unwrap();
    for word in source.split(' ').skip(1) {
        assert!(package.contains(&format!("\"{word}\"")), "{again}");
    }
    let mut hash = Sha256::new();
    for name in ["main.rs", "schema.rs", "source.rs", "table.rs"] {
        hash.update(read(&home().join("../kube-tables/src").join(name)));
    }
    assert_eq!(generator, hex(&hash.finalize()), "{again}");

    let text = table.splitn(6, '\n').nth(5).unwrap();
    assert_eq!(body, hex(&Sha256::digest(text)), "the table was changed by hand");
}
