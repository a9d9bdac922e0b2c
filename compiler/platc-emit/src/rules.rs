//! The rules by which targets write what nobody said. What two of them must agree on is decided in the plan.

platc_diag::rules! {
    NODE_SETUP "node-setup": "What every node of a cluster is set up with, so that kubeadm, the kubelet and the container runtime work.";
    HOST_SETUP "host-setup": "What every host is set up with, because of where it stands and what it is run with.";
    API_NAMES "names-of-the-api": "Certificates of API servers have the name that everybody uses, loopback, and the names and addresses of all control-plane hosts.";
    BEAT "beat-of-etcd": "Members of etcd beat every 100 ms, or as often as the longest way between their datacenters allows, and elect after ten beats.";
    SHUTDOWN_GRACE "grace-of-a-shutdown": "A host that shuts down waits as long as the slowest pod of its cluster may take, 70 s at least; and 20 s more for critical pods, or as long as its static pods may take.";
}
