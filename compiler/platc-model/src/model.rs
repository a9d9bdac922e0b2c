//! [`Model`]: a platform as it is meant, before anything is decided.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use crate::generated::{Cluster, Datacenter, Declarations, Host, Rack};
use crate::ids::{Id, Items};
use crate::types::Types;

/// A platform: all declarations with their values, at each of their places.
#[derive(Clone, Default, Debug)]
pub struct Model {
    /// By kind. The model itself stands for them: `model.hosts`.
    pub declarations: Declarations,
    /// Where each host is.
    pub sites: Items<Host, HostSite>,
    /// Types of records, for who reads them by field name.
    pub types: Arc<Types>,
}

/// Where a host is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostSite {
    /// Its datacenter.
    pub datacenter: Id<Datacenter>,
    /// Its rack, if it stands in one.
    pub rack: Option<Id<Rack>>,
    /// The cluster that it is a node of.
    pub cluster: Option<Id<Cluster>>,
    /// The address by which others reach it.
    pub address: IpAddr,
}

impl Deref for Model {
    type Target = Declarations;

    fn deref(&self) -> &Declarations {
        &self.declarations
    }
}
