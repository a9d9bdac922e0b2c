#!/bin/sh
# Writes the kubelet's configuration, the cluster's with this host's patch, and starts the kubelet with it.
# A kubelet with other reserved CPUs than it wrote down refuses to start, so then its notes go. Pods run on.
set -eu
config=/var/lib/kubelet/config.yaml
[ -f "${config}" ] || exit 0
cpus() { grep -E '^(reservedSystemCPUs|cpuManagerPolicy|topologyManagerPolicy|memoryManagerPolicy):' "${config}" || true; }
before="$(cpus)"
kubeadm upgrade node phase kubelet-config --patches /etc/kubernetes/patches
service() { if command -v systemctl > /dev/null; then systemctl "$1" kubelet; else rc-service kubelet "$1"; fi; }
service stop
[ "${before}" = "$(cpus)" ] || rm -f /var/lib/kubelet/cpu_manager_state /var/lib/kubelet/memory_manager_state
service start
