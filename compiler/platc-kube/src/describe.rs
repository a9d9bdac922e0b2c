//! Descriptions of types and fields, for hover and completion.
//!
//! They are a megabyte, stand compressed in `tables/descriptions.deflate`, and are unpacked when the
//! first one is asked for. A description is that of the newest minor that has the field.
//!
//! Start with [`of_field`] and [`of_type`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

const PACKED: &[u8] = include_bytes!("../tables/descriptions.deflate");

/// What the tables unpack to is about 1 MB; a damaged file must not fill the memory.
const UNPACKED_BYTES_MAX: usize = 16 << 20;

struct Descriptions {
    /// Lines `=TYPE<TAB>TEXT` and `FIELD<TAB>TEXT`.
    text: String,
    /// Where the lines of a type are.
    blocks: BTreeMap<String, std::ops::Range<usize>>,
}

fn descriptions() -> &'static Descriptions {
    static DESCRIPTIONS: OnceLock<Descriptions> = OnceLock::new();
    DESCRIPTIONS.get_or_init(|| {
        let unpacked = miniz_oxide::inflate::decompress_to_vec_with_limit(PACKED, UNPACKED_BYTES_MAX);
        let text = unpacked.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let blocks = index(&text);
        Descriptions { text, blocks }
    })
}

fn index(text: &str) -> BTreeMap<String, std::ops::Range<usize>> {
    let mut blocks = BTreeMap::new();
    let mut offset = 0;
    let mut open: Option<(String, usize)> = None;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix('=') {
            if let Some((name, start)) = open.take() {
                blocks.insert(name, start..offset);
            }
            open = rest.split_once('\t').map(|(name, _)| (name.to_owned(), offset));
        }
        offset += line.len();
    }
    if let Some((name, start)) = open {
        blocks.insert(name, start..offset);
    }
    blocks
}

fn lines(type_name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = descriptions();
    let block = all.blocks.get(type_name).and_then(|range| all.text.get(range.clone())).unwrap_or("");
    block.lines().filter_map(|line| line.split_once('\t'))
}

/// The description of a type by its name (`core.v1.Container`).
pub fn of_type(type_name: &str) -> Option<String> {
    let (_, text) = lines(type_name).next()?;
    Some(unescape(text)).filter(|text| !text.is_empty())
}

/// The description of a field of a type.
pub fn of_field(type_name: &str, field: &str) -> Option<String> {
    lines(type_name).skip(1).find(|(name, _)| *name == field).map(|(_, text)| unescape(text))
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_and_a_type_are_described() {
        let replicas = of_field("apps.v1.DeploymentSpec", "replicas").unwrap();
        assert!(replicas.starts_with("Number of desired pods."), "{replicas}");
        assert!(of_type("core.v1.Container").unwrap().contains("single application container"));
        assert_eq!(of_field("core.v1.Container", "nonsense"), None);
        assert_eq!(of_type("nonsense"), None);
    }

    #[test]
    fn nearly_all_fields_are_described() {
        let tables = crate::Tables::get();
        let (mut all, mut described) = (0_u32, 0_u32);
        for name in tables.type_names() {
            let id = tables.type_named(name).unwrap();
            for field in &tables.type_of(id).fields {
                all += 1;
                described += u32::from(of_field(name, field.name).is_some());
            }
        }
        assert!(described * 100 >= all * 98, "{described} of {all}");
    }

    #[test]
    fn line_breaks_and_backslashes_come_back() {
        assert_eq!(unescape(r"a\nb\\n"), "a\nb\\n");
    }
}
