//! [`CallPorts`]: the local ports on which a workload's sidecar listens for its calls. The plan gives them
//! out, the lock keeps them, and configs speak of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::Text;

/// Local ports of calls. Shared until somebody adds one: an editor takes all of them over at each key.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CallPorts {
    ports: Arc<BTreeMap<Text, BTreeMap<Text, u16>>>,
}

/// What a workload needs ports for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallDemand {
    /// Its name.
    pub workload: Text,
    /// Names of its calls.
    pub calls: Vec<Text>,
    /// Ports that are taken in its pods.
    pub taken: Vec<u16>,
}

impl CallPorts {
    /// The port of a call of a workload.
    pub fn port(&self, workload: &str, call: &str) -> Option<u16> {
        self.ports.get(workload)?.get(call).copied()
    }

    /// Whether these are the very same, not others that are alike.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ports, &other.ports)
    }

    /// Records a port.
    pub fn insert(&mut self, workload: &str, call: &str, port: u16) {
        Arc::make_mut(&mut self.ports).entry(workload.into()).or_default().insert(call.into(), port);
    }

    /// All of them, by workload and call.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, u16)> {
        self.ports
            .iter()
            .flat_map(|(workload, calls)| calls.iter().map(|(call, port)| (&**workload, &**call, *port)))
    }

    /// Ports of a workload, by call.
    pub fn of(&self, workload: &str) -> impl Iterator<Item = (&str, u16)> {
        self.ports.get(workload).into_iter().flatten().map(|(call, port)| (&**call, *port))
    }
}
