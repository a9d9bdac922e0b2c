//! *Did you mean*: the nearest of the names that would have been right.

/// The candidate nearest to `wanted` by edits (insert, delete, replace, swap of neighbours), if it is
/// near enough to be what was meant: a third of its length, at least one edit. The first of equals.
pub fn closest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // A prefix is a word not finished: near at any length, but a true near miss is nearer.
        let typed_so_far = wanted.len() >= 3 && candidate.starts_with(wanted);
        let cost = if typed_so_far { limit } else { distance(wanted, candidate, limit) };
        if cost <= limit && best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// The name that was meant, beyond doubt: it is near, and no other is as near. A word that is not finished is
/// no such case, and neither is a very short one.
pub fn unmistakable<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // One letter of three is a third of a word.
    const SHORTEST: usize = 4;
    let length = wanted.chars().count();
    if length < SHORTEST {
        return None;
    }
    let limit = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut rival = false;
    for candidate in candidates {
        let cost = distance(wanted, candidate, limit);
        match best {
            _ if cost > limit => {}
            Some((least, name)) if cost == least => rival |= name != candidate,
            Some((least, _)) if cost > least => {}
            _ => (best, rival) = (Some((cost, candidate)), false),
        }
    }
    best.filter(|_| !rival).map(|(_, name)| name)
}

/// ``did you mean `x`?``, or else a list of what there is, or `None` if there is nothing.
pub fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
    what: &str,
) -> Option<String> {
    if let Some(name) = closest(wanted, candidates.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    const SHOWN: usize = 12;
    let mut names: Vec<&str> = candidates.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{what}: {listed}{rest}"))
}

/// Optimal string alignment distance, given up with `limit + 1` once it cannot be within the limit.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX - 1);
            let replace = at(&last, j) + usize::from(x != y);
            let mut cost = replace.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let fields = ["replicas", "memory", "image", "cpu"];
        assert_eq!(closest("repilcas", fields), Some("replicas"));
        assert_eq!(closest("meomry", fields), Some("memory"));
        assert_eq!(closest("cpus", fields), Some("cpu"));
        assert_eq!(closest("repl", fields), Some("replicas"));
        assert_eq!(closest("volume", fields), None);
    }

    #[test]
    fn beyond_doubt_is_the_only_near_name() {
        let hosts = ["a-m1", "a-m2", "a-m2", "b-w1"];
        assert_eq!(unmistakable("a-m3", hosts), None);
        assert_eq!(unmistakable("b-v1", hosts), Some("b-w1"));
        assert_eq!(unmistakable("foo", ["for"]), None);
        assert_eq!(unmistakable("repilcas", ["replicas", "memory"]), Some("replicas"));
        assert_eq!(unmistakable("repl", ["replicas", "memory"]), None);
    }

    #[test]
    fn without_a_near_name_the_choices_are_listed() {
        let help = did_you_mean("zzz", ["b", "a", "b"], "there are");
        assert_eq!(help.as_deref(), Some("there are: `a`, `b`"));
        assert_eq!(did_you_mean("zzz", [], "there are"), None);
    }
}
