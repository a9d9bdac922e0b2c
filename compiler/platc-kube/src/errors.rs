//! The wording of every finding: one constructor for each code, and some for what they have in common.

use platc_diag::codes::{
    E0601, E0602, E0603, E0604, E0605, E0606, E0607, E0608, E0609, E0610, E0611, E0612, E0613, E0614, E0615,
    E0616, E0617, E0618, E0619,
};
use platc_diag::did_you_mean;

use crate::finding::Finding;
use crate::minor::{Minor, Minors};
use crate::table::Lifecycle;

/// The last key of a pointer, as an author would write it; for an item, the list that it is in.
fn name_of(pointer: &str) -> String {
    let mut tokens = pointer.rsplit('/');
    let last = tokens.next().unwrap_or("");
    let plain = |token: &str| token.replace("~1", "/").replace("~0", "~");
    let is_index = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    match tokens.next() {
        Some(list) if is_index && !list.is_empty() => format!("an item of `{}`", plain(list)),
        _ if last.is_empty() => String::from("the document"),
        _ => format!("`{}`", plain(last)),
    }
}

/// `a Pod`, `an Ingress`.
pub(crate) fn with_article(name: &str) -> String {
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// At most this much of an author's text is repeated in a message.
const SHOWN_CHARS: usize = 60;

/// The author's text, shortened.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARS {
        return text.to_owned();
    }
    let start: String = text.chars().take(SHOWN_CHARS).collect();
    format!("{start}…")
}

pub(crate) fn unknown_field<'a>(
    pointer: String,
    owner: &str,
    minor: Minor,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Finding {
    let name = name_of(&pointer);
    let message = format!("{owner} of Kubernetes {minor} has no field {name}");
    let wanted = name.trim_matches('`');
    let help = did_you_mean(wanted, known, "its fields");
    Finding::new(E0601, pointer, message).on_key().maybe_help(help)
}

/// An unknown field of something that is not Kubernetes's own.
pub(crate) fn unknown_key<'a>(
    pointer: String,
    owner: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Finding {
    let name = name_of(&pointer);
    let help = did_you_mean(name.trim_matches('`'), known, "its fields");
    Finding::new(E0601, pointer, format!("{owner} has no field {name}")).on_key().maybe_help(help)
}

pub(crate) fn wrong_type(pointer: String, wanted: &str, found: &str) -> Finding {
    let message = format!("{} is {found}, and {wanted} is expected", name_of(&pointer));
    Finding::new(E0602, pointer, message)
}

pub(crate) fn missing_field(pointer: String, owner: &str) -> Finding {
    let message = format!("{} of {owner} is missing", name_of(&pointer));
    Finding::new(E0603, pointer, message)
}

/// What is missing because of something else that is there.
pub(crate) fn missing_in(pointer: String, message: impl Into<String>) -> Finding {
    Finding::new(E0603, pointer, message.into())
}

pub(crate) fn field_too_new(pointer: String, since: Minor, minor: Minor) -> Finding {
    let message = format!("{} needs Kubernetes {since}, and the cluster runs {minor}", name_of(&pointer));
    Finding::new(E0604, pointer, message)
        .on_key()
        .help(format!("leave it out, or raise the cluster's version to {since}"))
}

/// A value that an older minor does not have.
pub(crate) fn value_too_new(pointer: String, value: &str, since: Minor, minor: Minor) -> Finding {
    let message =
        format!("the value `{}` needs Kubernetes {since}, and the cluster runs {minor}", shown(value));
    Finding::new(E0604, pointer, message)
        .help(format!("use another value, or raise the cluster's version to {since}"))
}

pub(crate) fn field_gone(pointer: String, until: Option<Minor>, minor: Minor) -> Finding {
    let when = until.map_or(String::from("long ago"), |until| format!("after {until}"));
    let message = format!("{} is gone from Kubernetes {minor}: it went {when}", name_of(&pointer));
    Finding::new(E0605, pointer, message).on_key().help("leave it out")
}

/// A field that other minors have.
pub(crate) fn field_elsewhen(pointer: String, life: Minors, minor: Minor) -> Finding {
    match life.since {
        Some(since) if minor < since => field_too_new(pointer, since, minor),
        _ => field_gone(pointer, life.until, minor),
    }
}

/// A flag that a component no longer has.
pub(crate) fn flag_gone(
    pointer: String,
    component: &str,
    flag: &str,
    removed: Minor,
    instead: &str,
) -> Finding {
    let message = format!("the flag `--{flag}` of {component} was removed in Kubernetes {removed}");
    Finding::new(E0605, pointer, message).help(instead.to_owned())
}

pub(crate) fn unknown_kind<'a>(
    pointer: String,
    api_version: &str,
    kind: &str,
    minor: Minor,
    near: impl IntoIterator<Item = &'a str> + Clone,
) -> Finding {
    let message = format!("Kubernetes {minor} has no `{}` in `{}`", shown(kind), shown(api_version));
    Finding::new(E0606, pointer, message).maybe_help(did_you_mean(kind, near, "there are"))
}

/// A kind that stands in other API versions.
pub(crate) fn kind_elsewhere(pointer: String, api_version: &str, kind: &str, versions: &[&str]) -> Finding {
    let message = format!("`{kind}` is not in `{}`", shown(api_version));
    let listed: Vec<String> = versions.iter().map(|version| format!("`{version}`")).collect();
    Finding::new(E0606, pointer, message).help(format!("it is in {}", listed.join(" and ")))
}

pub(crate) fn api_too_new(
    pointer: String,
    api_version: &str,
    kind: &str,
    since: Minor,
    minor: Minor,
    instead: Option<&str>,
) -> Finding {
    let message =
        format!("`{kind}` in `{api_version}` needs Kubernetes {since}, and the cluster runs {minor}");
    Finding::new(E0607, pointer, message)
        .maybe_help(instead.map(|version| format!("{minor} has it in `{version}`")))
}

pub(crate) fn api_removed(
    pointer: String,
    api_version: &str,
    kind: &str,
    removed: Minor,
    instead: Option<&str>,
) -> Finding {
    let message = format!("`{kind}` in `{api_version}` was removed in Kubernetes {removed}");
    Finding::new(E0607, pointer, message).maybe_help(instead.map(use_instead))
}

pub(crate) fn api_deprecated(
    pointer: String,
    api_version: &str,
    kind: &str,
    since: Option<Minor>,
    instead: &str,
) -> Finding {
    let when = since.map(|since| format!(" since Kubernetes {since}")).unwrap_or_default();
    let message = format!("`{kind}` in `{api_version}` is deprecated{when}");
    Finding::new(E0608, pointer, message).help(use_instead(instead))
}

/// What to use: a kind in backticks, or the sentence that stands in the list.
fn use_instead(replacement: &str) -> String {
    let is_kind = replacement.split(' ').count() <= 2;
    if is_kind { format!("use `{replacement}`") } else { format!("use {replacement}") }
}

pub(crate) fn replaced(pointer: String, row: &Lifecycle, minor: Minor) -> Option<Finding> {
    let Lifecycle { api_version, kind, deprecated, removed, replacement } = row;
    match removed {
        Some(removed) if *removed <= minor => {
            Some(api_removed(pointer, api_version, kind, *removed, Some(replacement)))
        }
        _ => {
            let since = deprecated.filter(|since| *since <= minor)?;
            Some(api_deprecated(pointer, api_version, kind, Some(since), replacement))
        }
    }
}

pub(crate) fn deprecated(pointer: String, since: Option<Minor>, instead: &str) -> Finding {
    let when = since.map(|since| format!(" since Kubernetes {since}")).unwrap_or_default();
    let message = format!("{} is deprecated{when}", name_of(&pointer));
    Finding::new(E0608, pointer, message).on_key().help(instead.to_owned())
}

pub(crate) fn bad_format(pointer: String, text: &str, noun: &str, right: &str) -> Finding {
    Finding::new(E0609, pointer, format!("`{}` is not {noun}", shown(text)))
        .help(format!("right is: {right}"))
}

pub(crate) fn bad_name(pointer: String, text: &str, noun: &str, right: &str) -> Finding {
    Finding::new(E0610, pointer, format!("`{}` is not {noun}", shown(text)))
        .help(format!("right is: {right}"))
}

pub(crate) fn trap(pointer: String, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding::new(E0611, pointer, message.into()).help(help)
}

pub(crate) fn null(pointer: String) -> Finding {
    let message = format!("{} is null, which is the same as leaving it out", name_of(&pointer));
    trap(pointer, message, "leave it out, or give it a value")
}

pub(crate) fn duplicate(pointer: String, first: &str, what: &str) -> Finding {
    let message = format!("{what} stands twice in the list; first at {first}");
    Finding::new(E0612, pointer, message).help("the API server tells the items apart by this: change one")
}

pub(crate) fn duplicate_key(pointer: String) -> Finding {
    let message = format!("the key {} stands twice", name_of(&pointer));
    Finding::new(E0612, pointer, message).on_key().help("remove one")
}

pub(crate) fn not_one_of<'a>(
    pointer: String,
    text: &str,
    choices: impl IntoIterator<Item = &'a str> + Clone,
) -> Finding {
    let message = format!("{} is `{}`, which is none of its values", name_of(&pointer), shown(text));
    Finding::new(E0613, pointer, message).maybe_help(did_you_mean(text, choices, "right is"))
}

pub(crate) fn out_of_range(pointer: String, found: i64, low: Option<i64>, high: Option<i64>) -> Finding {
    let range = match (low, high) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => String::from("any number"),
    };
    let message = format!("{} is {found}, out of its range", name_of(&pointer));
    Finding::new(E0613, pointer, message).help(format!("right is: {range}"))
}

pub(crate) fn bad_value(pointer: String, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding::new(E0613, pointer, message.into()).help(help)
}

pub(crate) fn refused(pointer: String, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding::new(E0614, pointer, message.into()).help(help)
}

pub(crate) fn gate_off(pointer: String, what: &str, gate: &str, stage: &str, minor: Minor) -> Finding {
    let message =
        format!("{what} needs the feature gate `{gate}`, which is off in Kubernetes {minor} ({stage})");
    Finding::new(E0615, pointer, message)
        .on_key()
        .help(format!("switch `{gate}` on in the cluster's components, or leave it out"))
}

pub(crate) fn unknown_version(pointer: String, version: &str, covered: &[Minor]) -> Finding {
    let listed: Vec<String> = covered.iter().map(|minor| format!("`{minor}`")).collect();
    let message = format!("`{}` is not a version of Kubernetes that can be compiled for", shown(version));
    Finding::new(E0616, pointer, message).help(format!("right is one of {}", listed.join(", ")))
}

pub(crate) fn unknown_gate(pointer: String, message: impl Into<String>, help: Option<String>) -> Finding {
    Finding::new(E0617, pointer, message.into()).on_key().maybe_help(help)
}

pub(crate) fn not_checked(pointer: String, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding::new(E0618, pointer, message.into()).help(help)
}

pub(crate) fn crd_unusable(pointer: String, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding::new(E0619, pointer, message.into()).help(help)
}
