//! What really is, compared with a build: what hosts say of their files (`sha256sum`, `stat`), and what
//! clusters say of their objects (`kubectl get -o yaml`). Offline: somebody else has asked them.
//!
//! Only what we wrote counts. What an API server adds by itself is no drift; what somebody changed in a
//! field of ours is, and so are elements that somebody put into a list of ours. Each drift is told with what
//! delivering the build again would do about it.
//!
//! Start with [`of_host`] and [`of_cluster`].

use std::collections::{BTreeMap, BTreeSet};

use platc_store::host::{HostManifest, MANIFEST};
use serde::Serialize;
use serde_json::Value;

use crate::fields::{Field, contradictions};
use crate::hosts::meaning;
use crate::objects::{Key, keyed, parse, read};
use crate::pods::roll_of;
use crate::side::Side;

/// The form of the JSON.
pub const FORMAT: &str = "platc-drift-1";

/// How what is differs from a build.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Drift {
    /// [`FORMAT`].
    pub format: &'static str,
    /// `host a-m1`, `cluster prod-a`.
    pub of: String,
    /// The build.
    pub build: String,
    /// Files or objects that were compared.
    pub compared: usize,
    /// What differs.
    pub found: Vec<Drifted>,
    /// What was not compared, and why.
    pub unknown: Vec<String>,
}

/// Something that is not as the build has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Drifted {
    /// `/etc/hosts`, `Deployment metrics/ingest-a`.
    pub subject: String,
    /// How it differs.
    pub how: Strayed,
    /// Values that differ; the build's are before.
    pub fields: Vec<Field>,
    /// What delivering the build again does about it.
    pub again: String,
}

/// How something differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strayed {
    /// It is not there.
    Missing,
    /// It is another one.
    Changed,
    /// It is ours and no longer in the build.
    Left,
}

/// A file, as a host says it is.
#[derive(Default)]
struct Said {
    digest: Option<String>,
    /// Mode and owner: `644 root:root`.
    mode: Option<String>,
    missing: bool,
}

/// What a host says of its files, compared with a build. The report has lines of `sha256sum`, and may have
/// lines of `stat -c '%a %U:%G %n'`; paths from `/` or from `.`, as `ROOT` is computed.
///
/// # Errors
/// A sentence for people: the build has no such host, or the report has no line that says anything.
pub fn of_host(side: &dyn Side, host: &str, report: &str) -> Result<Drift, String> {
    let wanted = |path: &str| {
        crate::hosts::parts(path).is_some_and(|(_, name, rest)| name == host && rest == MANIFEST)
    };
    let entry = side.manifest().entries().iter().find(|entry| wanted(entry.path.as_str()));
    let entry = entry.ok_or_else(|| format!("{} has nothing for a host `{host}`", side.name()))?;
    let list = HostManifest::parse(&side.bytes(entry)?)
        .map_err(|line| format!("line {line} of `{}` cannot be read", entry.path.as_str()))?;
    let (said, strange) = read_report(report);
    if said.is_empty() {
        return Err("the report has no line of `sha256sum` or of `stat -c '%a %U:%G %n'`".to_owned());
    }
    let mut found = Vec::new();
    let mut unasked = Vec::new();
    for line in list.lines() {
        let Some(said) = said.get(&*line.path) else {
            unasked.push(line.path.to_string());
            continue;
        };
        let mut fields = Vec::new();
        let mut differs = |path: &str, ours: String, theirs: &Option<String>| {
            if let Some(theirs) = theirs.as_ref().filter(|theirs| **theirs != ours) {
                let (before, after) = (Some(ours), Some(theirs.clone()));
                fields.push(Field { path: path.to_owned(), before, after });
            }
        };
        differs("SHA-256", line.digest.to_string(), &said.digest);
        differs("mode and owner", format!("{:o} {}", line.mode.bits(), line.owner), &said.mode);
        if said.missing || !fields.is_empty() {
            let how = if said.missing { Strayed::Missing } else { Strayed::Changed };
            let doing = |unit: &platc_store::Unit| {
                meaning(unit.as_str())
                    .map_or_else(|| format!("`{}` is run", unit.as_str()), |own| own.words.to_owned())
            };
            let does: Vec<String> = line.restart.iter().map(doing).collect();
            let again = if does.is_empty() {
                "the file is written again; nothing restarts".to_owned()
            } else {
                format!("the file is written again; {}", does.join("; "))
            };
            found.push(Drifted { subject: line.path.to_string(), how, fields, again });
        }
    }
    let mut unknown = Vec::new();
    if !unasked.is_empty() {
        let some: Vec<&str> = unasked.iter().take(5).map(String::as_str).collect();
        let more = if unasked.len() > some.len() { ", …" } else { "" };
        unknown.push(format!("{} files are not in the report: {}{more}", unasked.len(), some.join(", ")));
    }
    if strange > 0 {
        unknown.push(format!("{strange} lines of the report say nothing that is understood"));
    }
    let compared = list.lines().len() - unasked.len();
    Ok(Drift {
        format: FORMAT,
        of: format!("host {host}"),
        build: side.name().to_owned(),
        compared,
        found,
        unknown,
    })
}

fn read_report(report: &str) -> (BTreeMap<String, Said>, usize) {
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    let mut strange = 0;
    for line in report.lines().filter(|line| !line.trim().is_empty()) {
        let understood = match sum(line) {
            Some((path, digest)) => {
                said.entry(path).or_default().digest = Some(digest);
                true
            }
            None => match mode(line) {
                Some((path, mode)) => {
                    said.entry(path).or_default().mode = Some(mode);
                    true
                }
                None => missing(line).is_some_and(|path| {
                    said.entry(path).or_default().missing = true;
                    true
                }),
            },
        };
        strange += usize::from(!understood);
    }
    (said, strange)
}

/// `<64 digits>  <path>`; a backslash before says that the path is escaped, a star that it was read as bytes.
fn sum(line: &str) -> Option<(String, String)> {
    let escaped = line.strip_prefix('\\');
    let (digest, path) = escaped.unwrap_or(line).split_once(' ')?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let path = path.strip_prefix([' ', '*']).filter(|_| is_digest)?;
    let path =
        if escaped.is_some() { path.replace("\\n", "\n").replace("\\\\", "\\") } else { path.to_owned() };
    Some((absolute(&path)?, digest.to_ascii_lowercase()))
}

/// `644 root:root ./etc/hosts`.
fn mode(line: &str) -> Option<(String, String)> {
    let mut parts = line.splitn(3, ' ');
    let (mode, owner, path) = (parts.next()?, parts.next()?, parts.next()?);
    let fine =
        !mode.is_empty() && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) && owner.contains(':');
    fine.then(|| Some((absolute(path)?, format!("{} {owner}", mode.trim_start_matches('0')))))?
}

/// `sha256sum: ./etc/hosts: No such file or directory`, in whatever language.
fn missing(line: &str) -> Option<String> {
    let rest = line.strip_prefix("sha256sum: ").or_else(|| line.strip_prefix("stat: "))?;
    let start = rest.find(['/'])?;
    let path = rest.get(start..)?;
    let end = path.find(['\'', ':', '’', '"']).unwrap_or(path.len());
    path.get(..end).map(str::to_owned)
}

fn absolute(path: &str) -> Option<String> {
    let path = path.strip_prefix('.').unwrap_or(path);
    path.starts_with('/').then(|| path.to_owned())
}

/// What a cluster says of its objects, compared with a build: the output of `kubectl get … -o yaml` or
/// `-o json`, or several of them.
///
/// # Errors
/// A sentence for people: the build has no such cluster, or the report cannot be read.
pub fn of_cluster(side: &dyn Side, cluster: &str, report: &str) -> Result<Drift, String> {
    let ours = objects_of(side, cluster)?;
    let mut theirs: BTreeMap<Key, Value> = BTreeMap::new();
    for object in parse(report)? {
        if let Some((key, object)) = keyed(cluster, object) {
            theirs.insert(key, object);
        }
    }
    if theirs.is_empty() {
        return Err("the report has no object: give it what `kubectl get … -o yaml` prints".to_owned());
    }
    let kinds: BTreeSet<&str> = theirs.keys().map(|key| &*key.kind).collect();
    let mut found = Vec::new();
    let mut compared = 0;
    for (key, object) in ours.iter().filter(|(key, _)| kinds.contains(&*key.kind)) {
        compared += 1;
        match theirs.get(key) {
            None if is_gone_by_itself(key) => {}
            None => found.push(Drifted {
                subject: named(key),
                how: Strayed::Missing,
                fields: Vec::new(),
                again: "it is made again".to_owned(),
            }),
            Some(is) => {
                let fields = contradictions(object, is);
                if !fields.is_empty() {
                    let again = again(key, object, is, side);
                    found.push(Drifted { subject: named(key), how: Strayed::Changed, fields, again });
                }
            }
        }
    }
    for (key, object) in theirs.iter().filter(|(key, object)| is_ours(object) && !ours.contains_key(key)) {
        let finished = key.kind == "Job" && object.pointer("/status/completionTime").is_some();
        if !finished && !has_owner(object) {
            found.push(Drifted {
                subject: named(key),
                how: Strayed::Left,
                fields: Vec::new(),
                again: "it is ours and not in this build: an apply with pruning deletes it".to_owned(),
            });
        }
    }
    let unasked: BTreeSet<&str> =
        ours.keys().map(|key| &*key.kind).filter(|kind| !kinds.contains(kind)).collect();
    let mut unknown = Vec::new();
    if !unasked.is_empty() {
        let kinds: Vec<&str> = unasked.into_iter().collect();
        unknown.push(format!("the report has no object of these kinds: {}", kinds.join(", ")));
    }
    Ok(Drift {
        format: FORMAT,
        of: format!("cluster {cluster}"),
        build: side.name().to_owned(),
        compared,
        found,
        unknown,
    })
}

fn objects_of(side: &dyn Side, cluster: &str) -> Result<BTreeMap<Key, Value>, String> {
    let folder = format!("clusters/{cluster}/");
    let mut ours = BTreeMap::new();
    for entry in side.manifest().entries().iter().filter(|entry| entry.path.as_str().starts_with(&folder)) {
        for object in read(side, entry)? {
            if let Some((key, object)) = keyed(cluster, object) {
                ours.insert(key, object);
            }
        }
    }
    if ours.is_empty() {
        Err(format!("{} has nothing for a cluster `{cluster}`", side.name()))
    } else {
        Ok(ours)
    }
}

/// What delivering the build again does to an object that somebody changed.
fn again(key: &Key, ours: &Value, is: &Value, side: &dyn Side) -> String {
    let template = |object: &Value| object.pointer("/spec/template").cloned().unwrap_or(Value::Null);
    if contradictions(&template(ours), &template(is)).is_empty() {
        return match (ours.pointer("/spec/replicas"), is.pointer("/spec/replicas")) {
            (Some(ours), Some(is)) if ours != is => format!("{is} → {ours} pods; none is replaced"),
            _ => "set back in place; no pod stops".to_owned(),
        };
    }
    match roll_of(key, ours, side) {
        Some((pods, steps)) => format!("set back: {pods} pods are replaced, in {steps} steps"),
        None => "set back for the next run".to_owned(),
    }
}

/// Jobs go by themselves some time after their end.
fn is_gone_by_itself(key: &Key) -> bool {
    key.kind == "Job"
}

fn is_ours(object: &Value) -> bool {
    let label = object.pointer("/metadata/labels/app.kubernetes.io~1managed-by").and_then(Value::as_str);
    label == Some("platc")
}

/// What a controller made for an object of ours has its labels, too.
fn has_owner(object: &Value) -> bool {
    object.pointer("/metadata/ownerReferences").is_some()
}

fn named(key: &Key) -> String {
    if key.namespace.is_empty() {
        format!("{} {}", key.kind, key.name)
    } else {
        format!("{} {}/{}", key.kind, key.namespace, key.name)
    }
}
