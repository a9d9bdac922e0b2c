//! A difference in words: sections with entries with lines, the same for a terminal and for Markdown.
//!
//! What has one cause is told once: workloads that change in the same fields share an entry, and so do
//! hosts on which the same is done. Not here: colours, widths, marks (`text`, `markdown`).
//!
//! Start with [`sections`].

use crate::diff::Diff;
use crate::drift::{Drift, Strayed};
use crate::fields::Field;
use crate::hosts::{FileDiff, HostDiff, Stops, meaning};
use crate::meanwhile::count;
use crate::pods::{Came, ClusterDiff, How, Own, Roll, Settled};

/// A part with a title.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) tone: Tone,
    pub(crate) entries: Vec<Entry>,
}

/// How much a section wants to be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It may be too late afterwards.
    Alarm,
    /// Somebody should think about it.
    Care,
    /// It is told.
    Plain,
}

/// One thing.
pub(crate) struct Entry {
    pub(crate) head: String,
    pub(crate) lines: Vec<Line>,
}

/// A line of an entry.
pub(crate) enum Line {
    /// Words.
    Text(String),
    /// A value that is another one.
    Field(Field),
    /// Something that came or went.
    Sign(char, String),
    /// Where it is declared.
    Place(String),
}

/// Values of one entry that are shown.
const FIELDS_SHOWN: usize = 8;
/// Files of one entry that are shown.
const FILES_SHOWN: usize = 8;
/// Names of one entry that are shown.
const NAMES_SHOWN: usize = 12;

/// The first line: what is compared, and how much differs.
pub(crate) fn headline(diff: &Diff) -> String {
    format!("{} → {}", diff.before.name, diff.after.name)
}

/// The second line: what it comes to.
pub(crate) fn summary(diff: &Diff) -> String {
    if diff.is_empty() {
        return "nothing changes".to_owned();
    }
    let mut parts = Vec::new();
    let n_lost = diff.irreversible.len();
    if n_lost > 0 {
        parts.push(format!("{} cannot be taken back", count(n_lost, "change")));
    }
    parts.push(match diff.pods() {
        0 => "no pod restarts".to_owned(),
        1 => "1 pod is replaced".to_owned(),
        n => format!("{n} pods are replaced"),
    });
    let touched: Vec<&HostDiff> = diff.hosts.iter().filter(|host| host.how == Came::Changed).collect();
    let reboots = touched.iter().filter(|host| host.stops() == Stops::Everything).count();
    parts.push(match (touched.len(), reboots) {
        (0, _) => "no host is touched".to_owned(),
        (n, 0) => format!("{} touched, none reboots", hosts_are(n)),
        (n, reboots) => format!(
            "{} touched, {reboots} of them {}",
            hosts_are(n),
            if reboots == 1 { "reboots" } else { "reboot" }
        ),
    });
    let n_last = diff.meanwhile.iter().chain(&diff.afterwards).filter(|weaker| weaker.last).count();
    if n_last > 0 {
        parts.push(format!("in {} nothing more may be lost", count(n_last, "case")));
    }
    parts.join("; ")
}

fn hosts_are(n: usize) -> String {
    if n == 1 { "1 host is".to_owned() } else { format!("{n} hosts are") }
}

/// All that there is to say, in the order of what matters.
pub(crate) fn sections(diff: &Diff) -> Vec<Section> {
    let mut found = Vec::new();
    let mut add = |title: String, tone: Tone, entries: Vec<Entry>| {
        if !entries.is_empty() {
            found.push(Section { title, tone, entries });
        }
    };
    let lost = diff.irreversible.iter().map(|lost| said(&lost.subject, &lost.text));
    add("Cannot be taken back".to_owned(), Tone::Alarm, joined(lost));
    let weaker =
        |list: &[crate::Weaker]| joined(list.iter().map(|weaker| said(&weaker.subject, &weaker.text)));
    let tone =
        |list: &[crate::Weaker]| if list.iter().any(|weaker| weaker.last) { Tone::Alarm } else { Tone::Care };
    add("Weaker meanwhile".to_owned(), tone(&diff.meanwhile), weaker(&diff.meanwhile));
    add("Weaker from now on".to_owned(), tone(&diff.afterwards), weaker(&diff.afterwards));
    let n_pods = diff.pods();
    let pods = usize::try_from(n_pods).unwrap_or(usize::MAX);
    add(
        format!("Pods that are replaced: {pods}"),
        Tone::Care,
        diff.clusters.iter().flat_map(rolls).collect(),
    );
    add("More or fewer pods".to_owned(), Tone::Plain, diff.clusters.iter().flat_map(scales).collect());
    add("New and gone".to_owned(), Tone::Plain, diff.clusters.iter().flat_map(come_and_gone).collect());
    add(format!("Hosts: {}", diff.hosts.len()), Tone::Care, hosts(&diff.hosts));
    add("Routes".to_owned(), Tone::Plain, routes(diff));
    add("In place, no pod stops".to_owned(), Tone::Plain, settled(&diff.clusters));
    add("Judged otherwise".to_owned(), Tone::Care, judging(diff));
    add(
        "Other files".to_owned(),
        Tone::Plain,
        diff.others
            .iter()
            .map(|file| Entry { head: file_head(file), lines: file_lines(file, FILES_SHOWN) })
            .collect(),
    );
    let unknown = |reason: &String| Entry { head: reason.clone(), lines: Vec::new() };
    add("Not compared".to_owned(), Tone::Care, diff.unknown.iter().map(unknown).collect());
    found
}

fn said(subject: &str, text: &str) -> Entry {
    Entry { head: subject.to_owned(), lines: vec![Line::Text(text.to_owned())] }
}

/// What is said of one subject stands under one head.
fn joined(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for entry in entries {
        match found.iter_mut().find(|own| own.head == entry.head) {
            Some(same) => same.lines.extend(entry.lines),
            None => found.push(entry),
        }
    }
    found
}

fn rolls(cluster: &ClusterDiff) -> Vec<Entry> {
    let mut groups: Vec<Vec<&Roll>> = Vec::new();
    for roll in &cluster.rolls {
        match groups.iter_mut().find(|own| own.first().is_some_and(|first| first.fields == roll.fields)) {
            Some(group) => group.push(roll),
            None => groups.push(vec![roll]),
        }
    }
    groups.iter().map(|group| roll_entry(&cluster.cluster, group)).collect()
}

fn roll_entry(cluster: &str, group: &[&Roll]) -> Entry {
    let named = |roll: &&Roll| format!("{}/{}", roll.namespace, roll.name);
    let names: Vec<String> = group.iter().map(named).collect();
    let mut lines = Vec::new();
    let first_way = group.first().map(|roll| way(roll)).unwrap_or_default();
    if group.iter().all(|roll| way(roll) == first_way) {
        let each = if group.len() > 1 { "each: " } else { "" };
        lines.push(Line::Text(format!("{each}{first_way}")));
    } else {
        for roll in group.iter().take(NAMES_SHOWN) {
            lines.push(Line::Text(format!("{}: {}", named(roll), way(roll))));
        }
        lines.extend(more(group.len(), NAMES_SHOWN, "workload"));
    }
    if let Some(roll) = group.first() {
        lines.extend(fields(&roll.fields));
    }
    let mut places: Vec<&str> = group.iter().filter_map(|roll| roll.place.as_deref()).collect();
    places.dedup();
    if let [place] = places.as_slice() {
        lines.push(Line::Place((*place).to_owned()));
    }
    let pods: u64 = group.iter().map(|roll| roll.pods).sum();
    let total = if group.len() > 1 { format!(" ({pods} pods)") } else { String::new() };
    Entry { head: format!("{cluster}: {}{total}", few(&names)), lines }
}

/// How pods are replaced: `6 pods in 6 steps, 1 more meanwhile, never fewer; at least 60 s`.
fn way(roll: &Roll) -> String {
    let pods = |n: u64| if n == 1 { "1 pod".to_owned() } else { format!("{n} pods") };
    let mut text = match roll.how {
        How::AllAtOnce => {
            format!("all {} at once: the {} is deleted and made anew", pods(roll.pods), roll.kind)
        }
        How::OnDelete => format!("{}, each when somebody deletes it", pods(roll.pods)),
        How::WithHost => {
            format!(
                "static, {}: each when its host has the file, and no host waits for another's",
                pods(roll.pods)
            )
        }
        How::Rolling => {
            let steps = if roll.steps == 1 { "1 step".to_owned() } else { format!("{} steps", roll.steps) };
            let surge = match roll.surge {
                0 => String::new(),
                n => format!(", {n} more meanwhile"),
            };
            let fewer = match roll.unavailable {
                0 => ", never fewer".to_owned(),
                n => format!(", {n} fewer meanwhile"),
            };
            format!("{} in {steps}{surge}{fewer}", pods(roll.pods))
        }
    };
    if let Some(before) = roll.pods_before {
        text.push_str(&format!("; {before} before"));
    }
    if roll.seconds_min > 0 && roll.how == How::Rolling {
        text.push_str(&format!("; at least {}", time(roll.seconds_min)));
    }
    text
}

fn time(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

fn fields(fields: &[Field]) -> Vec<Line> {
    let brief = |field: &Field| {
        let (before, after) = (field.before.as_deref().map(brief), field.after.as_deref().map(brief));
        // Two digests that begin alike must still look different.
        if before == after { field.clone() } else { Field { path: field.path.clone(), before, after } }
    };
    let mut lines: Vec<Line> = fields.iter().take(FIELDS_SHOWN).map(brief).map(Line::Field).collect();
    lines.extend(more(fields.len(), FIELDS_SHOWN, "value"));
    lines
}

/// Digits of a digest that people compare.
const DIGITS_SHOWN: usize = 12;

/// A text with its digests cut short.
fn brief(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive(':') {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        match part.split_at_checked(DIGITS_SHOWN) {
            Some((head, _)) if digits == 64 => {
                out.push_str(head);
                out.push('…');
                out.push_str(part.get(digits..).unwrap_or_default());
            }
            _ => out.push_str(part),
        }
    }
    out
}

fn more(n: usize, shown: usize, word: &str) -> Option<Line> {
    let rest = n.checked_sub(shown).filter(|rest| *rest > 0)?;
    Some(Line::Text(format!("and {} more", count(rest, word))))
}

fn few(names: &[String]) -> String {
    let mut text = names.iter().take(NAMES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if let Some(rest) = names.len().checked_sub(NAMES_SHOWN).filter(|rest| *rest > 0) {
        text.push_str(&format!(" and {rest} more"));
    }
    text
}

fn scales(cluster: &ClusterDiff) -> Vec<Entry> {
    let entry = |scale: &crate::Scale| Entry {
        head: format!("{}: {}/{}", cluster.cluster, scale.own.namespace, scale.own.name),
        lines: std::iter::once(Line::Text(format!("{} → {} pods", scale.pods_before, scale.own.pods)))
            .chain(scale.own.place.clone().map(Line::Place))
            .collect(),
    };
    cluster.scales.iter().map(entry).collect()
}

fn come_and_gone(cluster: &ClusterDiff) -> Vec<Entry> {
    let entry = |sign: char, own: &Own| {
        let pods = if own.pods > 0 { format!(", {} pods", own.pods) } else { String::new() };
        let text = format!("{} {}/{}{pods}", own.kind, own.namespace, own.name);
        Line::Sign(sign, text.replace(", 1 pods", ", 1 pod"))
    };
    let ends = cluster.ends.iter().map(|own| entry('-', own));
    let lines: Vec<Line> = ends.chain(cluster.starts.iter().map(|own| entry('+', own))).collect();
    if lines.is_empty() { Vec::new() } else { vec![Entry { head: cluster.cluster.clone(), lines }] }
}

/// Hosts on which the same is done stand together.
fn hosts(hosts: &[HostDiff]) -> Vec<Entry> {
    let mut groups: Vec<Vec<&HostDiff>> = Vec::new();
    let alike = |one: &HostDiff, two: &HostDiff| {
        let files = |host: &HostDiff| -> Vec<(String, Came)> {
            host.files.iter().map(|file| (file.path.clone(), file.how)).collect()
        };
        one.how == two.how
            && one.datacenter == two.datacenter
            && one.actions == two.actions
            && (files(one) == files(two) || one.how != Came::Changed)
    };
    for host in hosts {
        match groups.iter_mut().find(|own| own.first().is_some_and(|first| alike(first, host))) {
            Some(group) => group.push(host),
            None => groups.push(vec![host]),
        }
    }
    groups.iter().filter_map(|group| host_entry(group)).collect()
}

fn host_entry(group: &[&HostDiff]) -> Option<Entry> {
    let first = group.first()?;
    let names: Vec<String> = group.iter().map(|host| host.host.clone()).collect();
    let head = format!("{}: {}", first.datacenter, few(&names));
    let n_files = first.files.len();
    match first.how {
        Came::Added => {
            let text = format!("new: {}; it joins its cluster when they are there", count(n_files, "file"));
            return Some(Entry { head, lines: vec![Line::Text(text)] });
        }
        Came::Removed => {
            let text = "gone: nothing is delivered to it any more. One that still runs is drained first, \
                        then deleted from its cluster";
            return Some(Entry { head, lines: vec![Line::Text(text.to_owned())] });
        }
        Came::Changed => {}
    }
    let one_by_one = if group.len() > 1 { "one host at a time: " } else { "" };
    let mut lines = Vec::new();
    for action in &first.actions {
        let words = meaning(action).map_or_else(|| format!("`{action}` is run"), |own| own.words.to_owned());
        lines.push(Line::Text(format!("{one_by_one}{words}")));
    }
    if first.static_pods() {
        let words = "the kubelet starts its static pods anew, or ends them, as their files are";
        lines.push(Line::Text(format!("{one_by_one}{words}")));
    } else if first.actions.is_empty() {
        lines.push(Line::Text("files only: nothing is restarted".to_owned()));
    }
    for file in first.files.iter().take(FILES_SHOWN) {
        lines.push(Line::Sign(sign(file.how), with_modes(file)));
        // Where the hosts' lines differ, each has its own, and the file is named only.
        let same =
            |host: &&HostDiff| host.files.iter().any(|own| own.path == file.path && own.lines == file.lines);
        if group.iter().all(same) {
            lines.extend(file_lines(file, 4));
        } else {
            lines.push(Line::Text(format!("other lines on each host, {} here", count(file.n_lines, "line"))));
        }
    }
    lines.extend(more(n_files, FILES_SHOWN, "file"));
    Some(Entry { head, lines })
}

fn sign(how: Came) -> char {
    match how {
        Came::Added => '+',
        Came::Removed => '-',
        Came::Changed => '~',
    }
}

fn with_modes(file: &FileDiff) -> String {
    match &file.modes {
        Some((before, after)) => format!("{} (mode {before} → {after})", file.path),
        None => file.path.clone(),
    }
}

fn file_head(file: &FileDiff) -> String {
    format!("{} {}", sign(file.how), with_modes(file))
}

fn file_lines(file: &FileDiff, shown: usize) -> Vec<Line> {
    let line = |text: &String| {
        let sign = if text.starts_with('-') { '-' } else { '+' };
        Line::Sign(sign, format!("  {}", text.get(2..).unwrap_or_default()))
    };
    let said = file.lines.iter().filter(|text| text.len() > 2);
    let n_empty = file.lines.len() - said.clone().count();
    let mut lines: Vec<Line> = said.take(shown).map(line).collect();
    let shown = lines.len() + n_empty;
    lines.extend(more(file.n_lines, shown, "line"));
    lines
}

fn routes(diff: &Diff) -> Vec<Entry> {
    let mut entries = Vec::new();
    for own in &diff.routes.hosts {
        let removed = own.removed.iter().map(|route| Line::Sign('-', route.clone()));
        let added = own.added.iter().map(|route| Line::Sign('+', route.clone()));
        entries.push(Entry { head: few(&own.hosts), lines: removed.chain(added).collect() });
    }
    let paths = diff.routes.paths.iter().map(|own| {
        let field = Field { path: own.path.clone(), before: own.before.clone(), after: own.after.clone() };
        Entry { head: own.at.clone(), lines: vec![Line::Field(field)] }
    });
    entries.extend(joined(paths));
    entries
}

fn settled(clusters: &[ClusterDiff]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for cluster in clusters {
        let mut groups: Vec<(&Settled, Vec<String>)> = Vec::new();
        for own in &cluster.settles {
            let name = if own.namespace.is_empty() {
                own.name.clone()
            } else {
                format!("{}/{}", own.namespace, own.name)
            };
            let same = |(first, _): &&mut (&Settled, Vec<String>)| {
                first.kind == own.kind && first.how == own.how && first.fields == own.fields
            };
            match groups.iter_mut().find(same) {
                Some((_, names)) => names.push(name),
                None => groups.push((own, vec![name])),
            }
        }
        for (own, names) in groups {
            let how = match own.how {
                Came::Added => "+ ",
                Came::Removed => "- ",
                Came::Changed => "",
            };
            let head = format!("{}: {how}{} {}", cluster.cluster, own.kind, few(&names));
            entries.push(Entry { head, lines: fields(&own.fields) });
        }
    }
    entries
}

fn judging(diff: &Diff) -> Vec<Entry> {
    let entry = |own: &crate::Judging| {
        let text = match (&own.before, &own.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(before), None) => format!("no longer: {before}"),
            (None, Some(after)) => format!("new: {after}"),
            (None, None) => String::new(),
        };
        said(&own.subject, &text)
    };
    diff.judging.iter().map(entry).collect()
}

/// A drift: its first line, its second, and what there is to say. In the order of what is worse.
pub(crate) fn of_drift(drift: &Drift) -> (String, String, Vec<Section>) {
    let summary = match drift.found.len() {
        0 => format!("as it was built: {} compared", drift.compared),
        n => format!("{n} of {} not as built", drift.compared),
    };
    let mut sections = Vec::new();
    for (how, title, tone) in [
        (Strayed::Missing, "Missing", Tone::Alarm),
        (Strayed::Changed, "Changed by somebody", Tone::Care),
        (Strayed::Left, "Left over", Tone::Care),
    ] {
        let of = drift.found.iter().filter(|own| own.how == how);
        let entry = |own: &crate::drift::Drifted| {
            let mut lines = fields(&own.fields);
            lines.push(Line::Text(own.again.clone()));
            Entry { head: own.subject.clone(), lines }
        };
        let entries: Vec<Entry> = of.map(entry).collect();
        if !entries.is_empty() {
            sections.push(Section { title: title.to_owned(), tone, entries });
        }
    }
    let unknown = |reason: &String| Entry { head: reason.clone(), lines: Vec::new() };
    let unknown: Vec<Entry> = drift.unknown.iter().map(unknown).collect();
    if !unknown.is_empty() {
        sections.push(Section { title: "Not compared".to_owned(), tone: Tone::Plain, entries: unknown });
    }
    (format!("{} against {}", drift.of, drift.build), summary, sections)
}
