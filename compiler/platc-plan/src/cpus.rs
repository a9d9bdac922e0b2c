//! Which CPUs belong to whom on a host: the system and the kubelet first, then each carve-out, always
//! whole cores, within one NUMA node where that is possible.
//!
//! The numbers come from the machine's topology, never from an assumption: `lscpu -p` output where the
//! author gives it, else the count with `smt` (Linux numbers the second threads after all first ones).
//!
//! Start with [`CpuMap::allocate`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A set of logical CPUs, written as the kernel's cpuset list format: `0-5,16`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct CpuSet(BTreeSet<u16>);

/// A core: its logical CPUs and the NUMA node that it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Core {
    node: u16,
    cpus: BTreeSet<u16>,
    free: bool,
}

/// The cores of a host, and which are still free.
#[derive(Clone, Debug)]
pub struct CpuMap {
    cores: Vec<Core>,
}

/// Why a topology cannot be read: the line (from 1) and what is the matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopologyError {
    /// Line of the file, from 1; 0 for the file as a whole.
    pub line: u32,
    /// What is the matter, as a clause.
    pub what: &'static str,
}

impl CpuSet {
    /// How many CPUs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The CPUs, in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().copied()
    }

    /// Adds the CPUs of another.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// CPUs that are in both.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// `0-5,16`; `None` if it is no such list.
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = BTreeSet::new();
        for part in text.split(',') {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (low.parse::<u16>().ok()?, high.parse::<u16>().ok()?);
            if low > high || high > 4095 {
                return None;
            }
            set.extend(low..=high);
        }
        Some(Self(set))
    }
}

impl FromIterator<u16> for CpuSet {
    fn from_iter<I: IntoIterator<Item = u16>>(cpus: I) -> Self {
        Self(cpus.into_iter().collect())
    }
}

impl fmt::Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.iter().copied().peekable();
        let mut comma = "";
        while let Some(first) = rest.next() {
            let mut last = first;
            while let Some(next) = rest.next_if(|next| *next == last + 1) {
                last = next;
            }
            f.write_str(comma)?;
            comma = ",";
            if first == last { write!(f, "{first}")? } else { write!(f, "{first}-{last}")? }
        }
        Ok(())
    }
}

impl CpuMap {
    /// `n_cpus` logical CPUs in one NUMA node; with `smt` two threads a core, the siblings of the first
    /// half in the second half.
    pub fn uniform(n_cpus: u16, smt: bool) -> Self {
        let two_threads = smt && n_cpus.is_multiple_of(2);
        let n_cores = if two_threads { n_cpus / 2 } else { n_cpus };
        let siblings = |first: u16| if two_threads { vec![first, first + n_cores] } else { vec![first] };
        let core = |first: u16| Core { node: 0, cpus: siblings(first).into_iter().collect(), free: true };
        Self { cores: (0..n_cores).map(core).collect() }
    }

    /// What `lscpu -p=CPU,CORE,SOCKET,NODE` printed.
    pub fn from_lscpu(text: &str) -> Result<Self, TopologyError> {
        let mut cores: BTreeMap<(u16, u16), Core> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (line, content) in (1_u32..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let wrong = |what| TopologyError { line, what };
            // The NODE column is empty on machines without NUMA.
            let number = |part: &str| if part.is_empty() { Ok(0) } else { part.parse::<u16>() };
            let numbers: Result<Vec<u16>, _> = content.split(',').map(number).collect();
            let numbers = numbers.map_err(|_| wrong("its columns are numbers: CPU,CORE,SOCKET,NODE"))?;
            let [cpu, core, socket, node] = *numbers.as_slice() else {
                return Err(wrong("it has four columns: CPU,CORE,SOCKET,NODE"));
            };
            if !seen.insert(cpu) {
                return Err(wrong("this CPU stands in it twice"));
            }
            let entry = cores.entry((socket, core));
            let entry = entry.or_insert_with(|| Core { node, cpus: BTreeSet::new(), free: true });
            entry.cpus.insert(cpu);
        }
        if cores.is_empty() {
            return Err(TopologyError { line: 0, what: "it names no CPU" });
        }
        let mut cores: Vec<Core> = cores.into_values().collect();
        cores.sort_by_key(|core| core.cpus.first().copied());
        Ok(Self { cores })
    }

    /// How many logical CPUs there are.
    pub fn n_cpus(&self) -> usize {
        self.cores.iter().map(|core| core.cpus.len()).sum()
    }

    /// All logical CPUs.
    pub fn all(&self) -> CpuSet {
        self.cores.iter().flat_map(|core| core.cpus.iter().copied()).collect()
    }

    /// Takes exactly these CPUs; other demands then keep off the cores that they are on.
    pub fn take(&mut self, cpus: &CpuSet) {
        for core in &mut self.cores {
            core.free &= core.cpus.is_disjoint(&cpus.0);
        }
    }

    /// Takes whole free cores with at least `n_cpus` logical CPUs: the lowest ones of the first NUMA node
    /// that has enough, else the lowest ones anywhere. `None`, and nothing is taken, if there are not
    /// enough.
    pub fn allocate(&mut self, n_cpus: u16) -> Option<CpuSet> {
        let nodes: BTreeSet<u16> = self.cores.iter().map(|core| core.node).collect();
        let chosen = nodes
            .iter()
            .find_map(|node| self.lowest_free(n_cpus, |core| core.node == *node))
            .or_else(|| self.lowest_free(n_cpus, |_| true))?;
        self.take(&chosen);
        Some(chosen)
    }

    /// The NUMA node that all these CPUs are in, if it is one.
    pub fn node_of(&self, cpus: &CpuSet) -> Option<u16> {
        let touched = self.cores.iter().filter(|core| !core.cpus.is_disjoint(&cpus.0));
        let nodes: BTreeSet<u16> = touched.map(|core| core.node).collect();
        if nodes.len() == 1 { nodes.first().copied() } else { None }
    }

    /// How many NUMA nodes there are.
    pub fn n_nodes(&self) -> usize {
        self.cores.iter().map(|core| core.node).collect::<BTreeSet<_>>().len()
    }

    fn lowest_free(&self, n_cpus: u16, fits: impl Fn(&Core) -> bool) -> Option<CpuSet> {
        let mut chosen = CpuSet::default();
        let mut cores = self.cores.iter().filter(|core| core.free && fits(core));
        while chosen.len() < usize::from(n_cpus) {
            chosen.0.extend(&cores.next()?.cpus);
        }
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> CpuSet {
        CpuSet::parse(text).unwrap()
    }

    #[test]
    fn sets_read_back_as_the_kernel_writes_them() {
        for text in ["0", "0-5", "0-1,4,8-15"] {
            assert_eq!(set(text).to_string(), text);
        }
        assert_eq!(set("3,1,2,0").to_string(), "0-3");
        for text in ["", "a", "3-1", "1,", "0-99999"] {
            assert_eq!(CpuSet::parse(text), None, "{text}");
        }
    }

    #[test]
    fn cores_are_never_split() {
        let mut host = CpuMap::uniform(32, true);
        assert_eq!(host.allocate(2), Some(set("0,16")));
        assert_eq!(host.allocate(4), Some(set("1-2,17-18")));
        assert_eq!(host.allocate(3), Some(set("3-4,19-20")));
        assert_eq!(host.allocate(24), None);
        assert_eq!(host.allocate(22), Some(set("5-15,21-31")));
    }

    #[test]
    fn explicit_cpus_keep_others_off_their_cores() {
        let mut host = CpuMap::uniform(8, true);
        host.take(&set("1"));
        assert_eq!(host.allocate(4), Some(set("0,2,4,6")));
    }

    #[test]
    fn a_demand_stays_in_one_numa_node_if_it_can() {
        let mut lines = String::from("# CPU,Core,Socket,Node\n");
        for cpu in 0..8 {
            lines += &format!("{cpu},{cpu},{0},{0}\n", cpu / 4);
        }
        let mut host = CpuMap::from_lscpu(&lines).unwrap();
        assert_eq!(host.n_nodes(), 2);
        assert_eq!(host.allocate(2), Some(set("0-1")));
        let second = host.allocate(3).unwrap();
        assert_eq!(second, set("4-6"), "two are free in node 0, so node 1 has it");
        assert_eq!(host.node_of(&second), Some(1));
        assert_eq!(host.allocate(3), Some(set("2-3,7")), "no node has three left");
    }

    #[test]
    fn a_topology_says_what_is_wrong_with_it() {
        let error = |text: &str| CpuMap::from_lscpu(text).unwrap_err();
        assert_eq!(error("").line, 0);
        assert_eq!(error("# x\n0,0,0\n").line, 2);
        assert_eq!(error("0,0,0,0\n0,1,0,0\n").what, "this CPU stands in it twice");
        assert_eq!(error("0,x,0,0\n").line, 1);
        assert!(CpuMap::from_lscpu("0,0,0,\n1,0,0,\n").is_ok(), "no NUMA: the column is empty");
    }
}
