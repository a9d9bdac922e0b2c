//! The rules by which values are decided that nobody wrote. Each decided value names its rule, so that
//! `platc plan` and `platc explain` can say why it is what it is.

platc_diag::rules! {
    POD_RANGE "lowest-free-pod-range": "A host gets the lowest part of its cluster's pod range that no host ever had; part 0 is nobody's.";
    POD_RANGE_LOCKED "locked-pod-range": "A host keeps the part of the pod range that platc.lock has for it.";
    SERVICE_PROXY "service-proxy-of-routing": "Without Cilium there is no service proxy: headless Services and Envoy do its work. With Cilium, Cilium is it.";
    API_ENDPOINT "api-endpoint": "An API server is found at `api.CLUSTER.internal`, port 7443 behind a balancer on each host, 6443 behind a virtual address.";
    NEWEST_CONTAINERD "newest-containerd": "The newest line of containerd that the Kubernetes minor supports, by its first right version.";
    SYSTEM_IMAGE "image-of-the-minor": "The version that kubeadm of the same minor installs, or the newest that this platc was tried with.";
    LOCKED_DIGEST "locked-digest": "A tag means the digest that platc.lock has for it.";
    REGISTRY "platform-registry": "An image without a registry comes from the platform's.";
    NET_CONFIG "net-config-of-init": "Routes are written for networkd under systemd and for netifrc under OpenRC.";
    RESOLVER "resolver-of-net-config": "systemd-resolved goes with networkd and netplan; elsewhere resolv.conf is a file.";
    UNIT "unit-of-the-name": "A stateful's unit has its name.";
    SYSTEM_CPU "system-cpu": "The system has one CPU, two on hosts of 64 and more; the kubelet and the container runtime have one.";
    SYSTEM_MEMORY "system-memory": "The system has 1 GiB; the kubelet and the container runtime have 2 GiB, 1 GiB on hosts below 48 GiB.";
    CARVED "carved-out": "A carve-out has whole cores, after those of the system and of earlier carve-outs, in one NUMA node where that is possible.";
    MEMORY_HIGH "memory-high": "A carve-out is slowed down at 11/12 of its memory and protected up to 10/12 of it.";
    NODE_ROUTE "route-to-a-neighbour": "A pod range behind a neighbour on the same wire is reached through it.";
    REMOTE_ROUTE "route-to-another-site": "Pod ranges of another site are reached through the router, as one route.";
    UNREACHABLE "unassigned-pod-addresses": "What no host has of a pod range fails at once, instead of going round in circles through the router.";
    VIP_TABLE "table-of-a-vip-network": "Packets from a virtual address leave through the router of its own network.";
    NAMESPACE "namespace-of-the-platform": "Where no namespace is declared, the platform's name is one.";
    REQUEST "request-of-the-limit": "What a container is sure to get is its limit, where only that is said; the memory limit is the request.";
    INIT_AMOUNT "as-much-as-the-program": "A program before the main one has as much CPU and memory as that: the two never run at once, so it costs no room.";
    ROLL_IN_PLACE "roll-in-place": "Pods with volumes are replaced one after the other, and none beside them: a StatefulSet does nothing else.";
    SCALE_PACE "pace-of-kubernetes": "Kubernetes adds pods at once, 4 or as many as there are in 15 s, and takes away what was too much for all of 5 minutes.";
    STATIC_POD "critical-static-pod": "A static pod is critical: no kubelet evicts one, so nobody may count on its room.";
    VARIANT "memory-spread": "Limits of neighbouring variants are the spread apart, rounded up to 4 MiB; replicas are shared evenly, the first ones get one more.";
    RUNTIME_ENV "runtime-limits": "A runtime is told of its limits: Go gets 90 % of the memory and the whole CPUs, others likewise.";
    PROBE_NUMBERS "probe-numbers": "Readiness is asked every 5 s and fails after 2, liveness every 10 s and after 6, startup every 2 s and after 60.";
    PROBE_PORT "probe-port": "A probe asks the only port, or the one named http.";
    PRE_STOP "pre-stop-of-the-dns-lag": "A pod serves on until nobody knows its address any more: 2 s for the API, 5 s of DNS TTL, 5 s and 1 s of Envoy's refresh and jitter, 1 s of a DNS timeout, and one more.";
    DRAIN "drain-of-the-longest-call": "A pod needs as long to finish as the longest call into it may take; 5 s where nobody calls.";
    GRACE "grace-of-its-parts": "A pod is killed after its serving on and finishing, 5 s for the sidecar and 5 s to spare.";
    PER_TRY "per-try-of-the-timeout": "A try may take the whole timeout; with `retry-on=gateway`, where one that took too long is made again, its share of it after the waits between tries.";
    CONNECT_TIMEOUT "connect-timeout": "A connection must come up within 250 ms, and within a try's share of the timeout, so that another pod can be tried.";
    KEEP_ALIVE "keep-alive-of-the-runtime": "A connection without requests is kept for less than servers of that runtime do: 1 s for Python, 15 s for Java, 30 s for Go, 4 s for others, 60 s for gRPC.";
    HEALTH_CHECK "health-check-of-the-readiness": "Callers' Envoys ask what the readiness probe asks, every 2 s and up to 0.5 s later; where it is neither HTTP nor gRPC they connect.";
    EJECTION "share-left-out": "One pod and a third of all may be left out for their failures, but never more than half.";
    ENVOY_HEAP "three-quarters-of-the-memory": "An Envoy may allocate three quarters of its memory; the rest is for code, stacks and sockets.";
    SIDECAR_CONNECTIONS "four-connections-a-call": "A program may have four connections to its sidecar for each call under way, and 1024 at least.";
    ROUTE_CONCURRENCY "concurrency-of-the-connections": "A route may have as many requests under way as its proxy has connections.";
    TRUSTED_HOPS "trusted-hops": "A proxy believes the balancers of ours that send to it what they say of the client, and nobody else.";
    PROXY_PATIENCE "patience-of-the-longest-route": "A request may take 30 s to arrive, and nothing may move on it for 60 s; longer where a route may take longer.";
    BALANCER_SHARE "share-of-the-connections": "Each machine of a balancer has its share of the connections that a proxy takes on one host.";
    SIDECAR "sidecar-of-calls": "A workload that calls something has an Envoy beside it.";
    CALL_PORT "lowest-free-call-port": "A call listens on the lowest port from 8101 that is free in the pod, and keeps it.";
    ADMIN_PORT "lowest-free-admin-port": "A proxy's admin interface has the lowest port from 9911 that is free on its hosts.";
    MIN_ALIVE "majority": "A stateful needs the majority of its members alive at each place, and one where they have roles.";
    VRID "lowest-free-vrid": "A virtual address has the lowest VRRP router id from 51 that is free in its datacenter, and keeps it.";
    TABLE "lowest-free-table": "A network of virtual addresses has the lowest routing table from 100 that is free in its datacenter, and keeps it.";
    NODE_CACHE "address-of-the-node-cache": "The DNS cache of a node listens at 169.254.20.10, which means the own machine everywhere.";
    KUBEADM "kubeadm-default": "What kubeadm gives where nothing is said.";
}
