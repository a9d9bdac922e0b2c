//! Balancers on machines that are in no cluster: the whole file for the software that runs there.
//!
//! | module | writes |
//! |---|---|
//! | `emit` | `balancers/DATACENTER/SOFTWARE.NAME.EXTENSION` |
//! | `haproxy`, `nginx` | their configuration |
//! | `envoy` | a bootstrap without discovery: the machines are known |
//! | `check` | what one of them cannot say |
//!
//! All three do the same: by the longest path to the proxies of their own datacenter, to the others only when
//! none of those answers; they try again only what no proxy accepted; they say who the client is and give
//! each request an id.
//!
//! Not here: what is decided; that is in [`platc_plan::BalancerPlan`]. Start with `emit`.

mod check;
mod emit;
mod envoy;
mod haproxy;
mod nginx;

use std::fmt;

use platc_plan::{BalancerPlan, BalancerRoutePlan, ServerPlan};

pub use emit::Balancers;

/// What a balancer's part for a route is called: `public_edge`, and `public_edge_2` for the second route.
struct Backend<'p> {
    balancer: &'p BalancerPlan,
    number: usize,
    route: &'p BalancerRoutePlan,
}

impl fmt::Display for Backend<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.balancer.name, self.route.proxy)?;
        match self.number {
            0 => Ok(()),
            n => write!(f, "_{}", n + 1),
        }
    }
}

fn backends(balancer: &BalancerPlan) -> impl Iterator<Item = Backend<'_>> {
    balancer.routes.iter().enumerate().map(move |(number, route)| Backend { balancer, number, route })
}

/// Whether some route takes what no other one does.
fn takes_all(balancer: &BalancerPlan) -> bool {
    balancer.routes.iter().any(|route| *route.path.value == *"/")
}

/// Servers of the own datacenter, or those that stand in.
fn servers(route: &BalancerRoutePlan, backup: bool) -> impl Iterator<Item = &ServerPlan> {
    route.servers.iter().filter(move |server| server.backup == backup)
}
