//! Feature gates: what each minor knows of each, and whether a gate is on in a cluster.
//!
//! Not here: which field needs which gate (`tables/marks.txt`, `x-gate` in the schemas). The limits of
//! what is known stand at the head of `tables/gates.txt`. Start with [`state`] and [`Gates`].

use std::sync::OnceLock;

use crate::errors;
use crate::finding::Finding;
use crate::minor::Minor;

const TEXT: &str = include_str!("../tables/gates.txt");

/// What a minor knows of a gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The name is unknown: setting it stops the component.
    Absent,
    /// Not determined.
    Unknown,
    /// It exists.
    Known {
        /// `alpha`, `beta`, `ga` or `deprecated`.
        stage: &'static str,
        /// What it is when nobody sets it.
        default: bool,
        /// Whether it can only be set to its default.
        locked: bool,
    },
}

#[derive(Debug)]
struct Table {
    minors: Vec<Minor>,
    gates: Vec<(&'static str, &'static str)>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut rows = TEXT.lines().filter(|line| !line.starts_with('#'));
        let minors = rows.next().unwrap_or("").split(' ').skip(1);
        Table {
            minors: minors.filter_map(|minor| minor.parse().ok()).map(Minor::new).collect(),
            gates: rows.filter_map(|row| row.split_once(' ')).collect(),
        }
    })
}

/// What `minor` knows of `gate`; [`State::Unknown`] for a minor that is not covered.
pub fn state(gate: &str, minor: Minor) -> State {
    if matches!(gate, "AllAlpha" | "AllBeta") {
        return State::Known { stage: "beta", default: false, locked: false };
    }
    let table = table();
    let Some(column) = table.minors.iter().position(|covered| *covered == minor) else {
        return State::Unknown;
    };
    let Ok(row) = table.gates.binary_search_by(|(name, _)| (*name).cmp(gate)) else { return State::Absent };
    let cell = table.gates.get(row).and_then(|(_, cells)| cells.split(' ').nth(column));
    match cell {
        None | Some("?") => State::Unknown,
        Some("-") => State::Absent,
        Some(cell) => {
            let (cell, locked) = cell.strip_suffix('!').map_or((cell, false), |cell| (cell, true));
            let stage = cell.trim_end_matches(['+', '-']);
            State::Known { stage, default: cell.ends_with('+'), locked }
        }
    }
}

/// Names of all gates that `minor` knows.
pub fn names(minor: Minor) -> impl Iterator<Item = &'static str> + Clone {
    table().gates.iter().map(|(name, _)| *name).filter(move |name| state(name, minor) != State::Absent)
}

/// The gates of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Gates<'t> {
    minor: Minor,
    set: &'t [(&'t str, bool)],
}

impl<'t> Gates<'t> {
    /// The gates of a cluster of that minor, where `set` differs from the defaults.
    pub const fn new(minor: Minor, set: &'t [(&'t str, bool)]) -> Self {
        Self { minor, set }
    }

    /// Whether the gate is on; `None` if that is not known.
    pub fn is_on(self, gate: &str) -> Option<bool> {
        if let Some((_, value)) = self.set.iter().rev().find(|(name, _)| *name == gate) {
            return Some(*value);
        }
        match state(gate, self.minor) {
            State::Absent | State::Unknown => None,
            State::Known { stage, default, .. } => {
                let group = match stage {
                    "alpha" => "AllAlpha",
                    "beta" => "AllBeta",
                    _ => return Some(default),
                };
                let all = self.set.iter().rev().find(|(name, _)| *name == group);
                Some(all.map_or(default, |(_, value)| *value))
            }
        }
    }

    /// The stage of a gate that is known to be off.
    pub(crate) fn off(self, gate: &str) -> Option<&'static str> {
        match (self.is_on(gate), state(gate, self.minor)) {
            (Some(false), State::Known { stage, .. }) => Some(stage),
            (Some(false), _) => Some("switched off"),
            _ => None,
        }
    }
}

/// Checks one entry of a `featureGates` map: an unknown name or a locked gate stops the component.
pub fn check_setting(gate: &str, value: bool, minor: Minor, pointer: String) -> Option<Finding> {
    match state(gate, minor) {
        State::Absent => {
            let message =
                format!("Kubernetes {minor} knows no feature gate `{gate}`: the component would not start");
            let near =
                || platc_diag::closest(gate, names(minor)).map(|near| format!("did you mean `{near}`?"));
            Some(errors::unknown_gate(pointer, message, replaced(gate).or_else(|| lived(gate)).or_else(near)))
        }
        State::Known { default, locked: true, .. } if default != value => {
            let word = if default { "on" } else { "off" };
            let message = format!(
                "the feature gate `{gate}` is locked {word} in Kubernetes {minor}: the component \
                    would not start"
            );
            Some(errors::unknown_gate(pointer, message, Some(String::from("leave it out"))))
        }
        _ => None,
    }
}

/// Gates that became something else.
fn replaced(gate: &str) -> Option<String> {
    let field = match gate {
        "LocalStorageCapacityIsolation" => "localStorageCapacityIsolation",
        _ => return None,
    };
    Some(format!("it is a field of the kubelet's configuration now: `{field}`"))
}

/// When a gate exists that the target does not know.
fn lived(gate: &str) -> Option<String> {
    let known: Vec<String> = table()
        .minors
        .iter()
        .filter(|minor| matches!(state(gate, **minor), State::Known { .. }))
        .map(ToString::to_string)
        .collect();
    match known.as_slice() {
        [] => None,
        minors => Some(format!("known to {}: leave it out", minors.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_complete() {
        let table = table();
        assert_eq!(table.minors, crate::Tables::get().minors());
        assert!(table.gates.is_sorted());
        for (name, cells) in &table.gates {
            assert_eq!(cells.split(' ').count(), table.minors.len(), "{name}");
        }
    }

    #[test]
    fn a_gate_is_on_by_default_by_group_or_by_name() {
        let at = |minor, set| Gates::new(Minor::new(minor), set).is_on("KubeletCrashLoopBackOffMax");
        assert_eq!(at(34, &[]), Some(false));
        assert_eq!(at(35, &[]), Some(true));
        assert_eq!(at(34, &[("AllAlpha", true)]), Some(true));
        assert_eq!(at(35, &[("KubeletCrashLoopBackOffMax", false)]), Some(false));
        assert_eq!(Gates::new(Minor::new(34), &[]).is_on("NoSuchGate"), None);
    }

    #[test]
    fn what_would_stop_a_component_is_said() {
        let check = |gate, value, minor| check_setting(gate, value, Minor::new(minor), String::new());
        assert!(check("KubeletCrashLoopBackOffMax", true, 34).is_none());
        assert!(check("KubeletCrashLoopBackOfMax", true, 34).unwrap().help.unwrap().contains("BackOffMax"));
        assert!(check("UserNamespacesSupport", false, 36).unwrap().message.contains("locked on"));
        assert!(check("EnvFiles", true, 33).unwrap().help.unwrap().contains("1.34"));
    }
}
