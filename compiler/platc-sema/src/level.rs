//! [`Level`]: who may overrule whom. One rule for everything that is said more than once.
//!
//! Lowest first: the kind, `defaults` (a nearer directory over a farther one), templates (the use over
//! the body), the declaration, `amend`, what is said `at` a place (a datacenter, then a cluster) and
//! policies. Two different values on one level are a conflict, never last-wins.

use std::fmt;

/// How much a statement weighs against others about the same field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Level(u32);

/// How near the place of an `at` is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Nearness {
    /// A datacenter: wide.
    Datacenter,
    /// A cluster: near.
    Cluster,
}

const TEMPLATE: u32 = 2000;
const DECLARATION: u32 = 3000;
const AMEND: u32 = 4000;
/// Everything said at a place weighs more than everything said in general.
const PLACE: u32 = 10_000;
const POLICY: u32 = 90_000;
/// Directories and templates nest at most so deep for the levels to stay apart.
const DEPTH_MAX: u32 = 900;

impl Level {
    /// The declaration itself.
    pub const DECLARATION: Self = Self(DECLARATION);
    /// `amend`.
    pub const AMEND: Self = Self(AMEND);
    /// A policy's patch.
    pub const POLICY: Self = Self(POLICY);

    /// `defaults` in a directory so deep; those for one kind weigh more than those for all workloads.
    pub fn defaults(depth: usize, one_kind: bool) -> Self {
        let depth = u32::try_from(depth).unwrap_or(u32::MAX).min(DEPTH_MAX);
        Self(depth * 2 + u32::from(one_kind))
    }

    /// The body of a template, `depth` uses below the declaration.
    pub fn template(depth: usize) -> Self {
        let depth = u32::try_from(depth).unwrap_or(u32::MAX).min(DEPTH_MAX);
        Self(TEMPLATE + (DEPTH_MAX - depth))
    }

    /// Whether it is the body of a template.
    pub fn is_of_template_body(self) -> bool {
        (TEMPLATE..DECLARATION).contains(&(self.0 % PLACE))
    }

    /// The same statement inside an `at`.
    #[must_use]
    pub fn at(self, nearness: Nearness) -> Self {
        let nearness = match nearness {
            Nearness::Datacenter => 1,
            Nearness::Cluster => 2,
        };
        // A policy's word at a place weighs more than its word in general, and both more than an author's.
        if self.0 >= POLICY {
            return Self(POLICY + nearness);
        }
        Self(self.0 % PLACE + nearness * PLACE)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.0 / PLACE {
            0 => "",
            1 => " at a datacenter",
            2 => " at a cluster",
            _ => return f.write_str("policy"),
        };
        let who = match self.0 % PLACE {
            0..TEMPLATE => "defaults",
            TEMPLATE..DECLARATION => "template",
            DECLARATION..AMEND => "declaration",
            _ => "amend",
        };
        write!(f, "{who}{place}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_in_their_order() {
        let general = [
            Level::defaults(0, false),
            Level::defaults(0, true),
            Level::defaults(1, false),
            Level::template(2),
            Level::template(1),
            Level::DECLARATION,
            Level::AMEND,
        ];
        let wide = general.map(|level| level.at(Nearness::Datacenter));
        let near = general.map(|level| level.at(Nearness::Cluster));
        let all: Vec<Level> = general.into_iter().chain(wide).chain(near).chain([Level::POLICY]).collect();
        assert!(all.is_sorted() && all.windows(2).all(|pair| pair[0] != pair[1]));
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(words[0], "defaults");
        assert_eq!(words[13], "amend at a datacenter");
        assert_eq!(words[21], "policy");
        let policy = [Nearness::Datacenter, Nearness::Cluster].map(|near| Level::POLICY.at(near));
        assert!(Level::POLICY < policy[0] && policy[0] < policy[1]);
        assert_eq!(policy[1].to_string(), "policy");
    }
}
