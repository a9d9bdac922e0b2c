//! [`Model`]: a platform as it is meant, before anything is decided.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use platc_diag::{FileId, Sourced};

use crate::generated::{Cluster, Datacenter, Declarations, Host, Rack};
use crate::ids::{Id, Items};
use crate::types::Types;
use crate::value::Text;

/// A platform: all declarations with their values, at each of their places.
#[derive(Clone, Default, Debug)]
pub struct Model {
    /// By kind. The model itself stands for them: `model.hosts`.
    pub declarations: Declarations,
    /// Where each host is.
    pub sites: Items<Host, HostSite>,
    /// Topologies that hosts name: the file, and what `lscpu` printed into it.
    pub topologies: Items<Host, Option<(FileId, Arc<str>)>>,
    /// Files that declarations put into pods or clusters, by the file that names them and the path that it
    /// writes: the file, and its text.
    pub assets: BTreeMap<(FileId, Text), (FileId, Arc<str>)>,
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

impl Model {
    /// The file that a path stands for, where it was written.
    pub fn asset(&self, path: &Sourced<Text>) -> Option<(FileId, &Arc<str>)> {
        let by = path.origin.span()?.file;
        self.assets.get(&(by, Text::clone(&path.value))).map(|(file, text)| (*file, text))
    }
}

impl Deref for Model {
    type Target = Declarations;

    fn deref(&self) -> &Declarations {
        &self.declarations
    }
}
