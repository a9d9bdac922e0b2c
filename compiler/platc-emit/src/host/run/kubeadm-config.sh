#!/bin/sh
# Tells the cluster its configuration, after it changed; hosts take it from there. What certificates say
# changes only with `kubeadm certs`, and what a control plane is started with at its next upgrade.
set -eu
[ -f /etc/kubernetes/admin.conf ] || exit 0
exec kubeadm init phase upload-config all --config /etc/kubernetes/kubeadm/init.yaml
