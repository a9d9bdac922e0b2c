//! `platc.lock`: read from its tree, and written.
//!
//! It is KDL, sorted, one fact a node, so that a merge conflict in it can be read. It is written by platc
//! and committed by people; a line that says nothing sensible is an error, because guessing would give
//! something a new number.
//!
//! Start with [`read`] and [`write`].

use std::fmt::Write as _;

use platc_diag::Problems;
use platc_model::scalar::Digest;
use platc_model::{Lock, PluginPin, Text};
use platc_syntax::{Literal, Node, Tree, quoted};

use crate::errors;

/// The version of the format.
const VERSION: i128 = 1;
const HEAD: &str = "// Written by platc; commit it. What was given out once is never renumbered, and what is gone keeps\n\
    // its number until somebody releases it.\n";

/// What a lock file says.
pub fn read(tree: &Tree, problems: &mut Problems) -> Lock {
    let mut lock = Lock::default();
    let mut version = false;
    for node in tree.nodes() {
        let name = node.name();
        let fine = match &*name {
            "lock" => {
                version = node.arg(0).map(platc_syntax::Value::decode) == Some(Literal::Int(VERSION));
                version
            }
            "image" => digest(node).map(|(name, digest)| lock.images.insert(name, digest)).is_some(),
            "plugin" => plugin(node).map(|(name, pin)| lock.plugins.insert(name, pin)).is_some(),
            "pods" => numbers(node, |of, key, n| {
                Some(lock.pods.entry(of).or_default().insert(key, u32::try_from(n).ok()?))
            }),
            "vrid" => numbers(node, |of, key, n| {
                Some(lock.vrids.entry(of).or_default().insert(key, u8::try_from(n).ok()?))
            }),
            "table" => numbers(node, |of, key, n| {
                Some(lock.tables.entry(of).or_default().insert(key, u8::try_from(n).ok()?))
            }),
            "sidecar-port" => numbers(node, |of, key, n| {
                lock.ports.insert(&of, &key, u16::try_from(n).ok()?);
                Some(None::<()>)
            }),
            "settled" => settled(node, &mut lock),
            "stateful" => {
                let mut names =
                    node.args().filter_map(platc_syntax::Value::text).map(|name| Text::from(&*name));
                names.next().map(|name| lock.statefuls.push((name, names.collect()))).is_some()
            }
            _ => false,
        };
        if !fine && !node.is_broken() {
            problems.push(errors::bad_lock_line(node.header_span()));
        }
    }
    if !version && tree.nodes().next().is_some() && problems.is_empty() {
        let span =
            tree.nodes().next().map_or(platc_diag::Span::start_of(platc_diag::FileId(0)), Node::header_span);
        problems.push(errors::bad_lock_line(span));
    }
    lock
}

fn digest(node: Node<'_>) -> Option<(Text, Digest)> {
    let name = node.arg(0)?.text()?;
    let digest = node.prop("digest")?.value().text()?;
    Some((name.as_ref().into(), Digest::parse(&digest).ok()?))
}

/// `plugin mine digest="sha256:…" from="oci://…"`; a file of the platform has no `from`.
fn plugin(node: Node<'_>) -> Option<(Text, PluginPin)> {
    let (name, digest) = digest(node)?;
    let from = match node.prop("from") {
        Some(from) => Some(Text::from(&*from.value().text()?)),
        None => None,
    };
    Some((name, PluginPin { digest, from }))
}

/// `pods prod-a a-m1=1 a-m2=2`: numbers by name. None of them may come twice.
fn numbers<T>(node: Node<'_>, mut add: impl FnMut(Text, Text, i128) -> Option<Option<T>>) -> bool {
    let Some(of) = node.arg(0).and_then(platc_syntax::Value::text) else { return false };
    node.props().all(|prop| {
        let name = prop.name().unwrap_or_default();
        match prop.value().decode() {
            Literal::Int(n) => {
                add(of.as_ref().into(), name.as_ref().into(), n).is_some_and(|old| old.is_none())
            }
            _ => false,
        }
    })
}

/// `settled cluster prod-a pods="10.244.0.0/18"`: texts by name. None of them may come twice.
fn settled(node: Node<'_>, lock: &mut Lock) -> bool {
    let word = |at: usize| node.arg(at).and_then(platc_syntax::Value::text).map(|text| Text::from(&*text));
    let (Some(sort), Some(name)) = (word(0), word(1)) else { return false };
    let known = lock.settled.entry((sort, name)).or_default();
    node.props().all(|prop| {
        let key = prop.name().unwrap_or_default();
        let value = prop.value().text().map(|text| Text::from(&*text));
        value.is_some_and(|value| known.insert(key.as_ref().into(), value).is_none())
    })
}

/// The text of a lock file.
pub fn write(lock: &Lock) -> String {
    let mut out = format!("{HEAD}lock {VERSION}\n");
    let mut section = |lines: Vec<String>| {
        if !lines.is_empty() {
            out.push('\n');
            for line in lines {
                let _ = writeln!(out, "{line}");
            }
        }
    };
    let digests = |word: &str, all: &std::collections::BTreeMap<Text, Digest>| -> Vec<String> {
        all.iter()
            .map(|(name, digest)| {
                format!("{word} {} digest={}", always_quoted(name), always_quoted(digest.as_str()))
            })
            .collect()
    };
    let plugin = |(name, pin): (&Text, &PluginPin)| {
        let from =
            pin.from.as_deref().map(|from| format!(" from={}", always_quoted(from))).unwrap_or_default();
        format!("plugin {} digest={}{from}", always_quoted(name), always_quoted(pin.digest.as_str()))
    };
    section(lock.plugins.iter().map(plugin).collect());
    section(digests("image", &lock.images));
    let pods = lock.pods.iter().filter(|(_, hosts)| !hosts.is_empty());
    section(pods.map(|(cluster, hosts)| line("pods", cluster, hosts.iter())).collect());
    let vrids = lock.vrids.iter().filter(|(_, vips)| !vips.is_empty());
    section(vrids.map(|(dc, vips)| line("vrid", dc, vips.iter())).collect());
    let tables = lock.tables.iter().filter(|(_, networks)| !networks.is_empty());
    section(tables.map(|(dc, networks)| line("table", dc, networks.iter())).collect());
    let mut workloads: Vec<&str> = lock.ports.iter().map(|(workload, ..)| workload).collect();
    workloads.dedup();
    let ports = |workload: &&str| {
        let calls: Vec<(Text, u16)> =
            lock.ports.of(workload).map(|(call, port)| (Text::from(call), port)).collect();
        line("sidecar-port", workload, calls.iter().map(|(call, port)| (call, port)))
    };
    section(workloads.iter().map(ports).collect());
    let settled = |((sort, name), values): (&(Text, Text), &std::collections::BTreeMap<Text, Text>)| {
        let pair = |(key, value): (&Text, &Text)| format!(" {}={}", quoted(key), always_quoted(value));
        format!("settled {sort} {}{}", quoted(name), values.iter().map(pair).collect::<String>())
    };
    section(lock.settled.iter().filter(|(_, values)| !values.is_empty()).map(settled).collect());
    let hosts = |hosts: &[Text]| hosts.iter().map(|host| format!(" {}", quoted(host))).collect::<String>();
    section(
        lock.statefuls.iter().map(|(name, own)| format!("stateful {}{}", quoted(name), hosts(own))).collect(),
    );
    out
}

fn line<'l, N: std::fmt::Display + 'l>(
    word: &str,
    of: &str,
    numbers: impl Iterator<Item = (&'l Text, &'l N)>,
) -> String {
    let pairs = numbers.map(|(name, number)| format!(" {}={number}", quoted(name)));
    format!("{word} {}{}", quoted(of), pairs.collect::<String>())
}

fn always_quoted(text: &str) -> String {
    let quoted = quoted(text);
    if quoted.starts_with('"') { quoted.into_owned() } else { format!("\"{quoted}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platc_diag::FileId;

    const TEXT: &str = r#"lock 1

plugin "near" digest="sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
plugin "remote" digest="sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" from="oci://r.example/p:1"

image "okm/web:1" digest="sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

pods prod-a a-m1=1 a-w1=11

vrid dc-a "10.118.11.20"=51

table dc-a public=100

sidecar-port ingest auth=8102 storage=8101

settled cluster prod-a pods="10.244.0.0/18" services="10.96.0.0/20"
settled volume "prod-a/metrics/tsdb" data="100GiB" pods="3"

stateful kafka a-m1 a-m2
stateful cassandra a-w1
"#;

    fn read_text(text: &str) -> (Lock, Problems) {
        let parsed = platc_syntax::parse(FileId(0), text.into());
        let mut problems = parsed.problems;
        (read(&parsed.tree, &mut problems), problems)
    }

    #[test]
    fn a_lock_is_written_as_it_was_read() {
        let (lock, problems) = read_text(TEXT);
        assert_eq!(problems, []);
        assert_eq!(lock.pods["prod-a"]["a-w1"], 11);
        assert_eq!(lock.ports.port("ingest", "auth"), Some(8102));
        assert_eq!(lock.stateful_rank("cassandra"), 1);
        assert_eq!(write(&lock), format!("{HEAD}{TEXT}"));
    }

    #[test]
    fn a_line_that_says_nothing_sensible_is_an_error() {
        for line in [
            "pods prod-a a-m1=x",
            "pods prod-a a=1 a=2",
            "image x",
            "vrid dc a=300",
            "lock 2",
            "what 1",
            "plugin p digest=x",
            "settled a",
            "settled a b c=1",
        ] {
            let (_, problems) = read_text(&format!("lock 1\n{line}\n"));
            assert_eq!(problems.len(), 1, "{line}");
        }
        assert_eq!(read_text("pods a b=1\n").1.len(), 1, "no version");
        assert_eq!(read_text("").1.len(), 0);
    }
}
