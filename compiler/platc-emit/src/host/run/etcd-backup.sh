#!/bin/sh
# A snapshot of etcd beside the certificates that it is worth nothing without; the last 48 stay. Copy them off
# the host. Runs in etcd's own container, which has the tool of its version; restore with `etcdutl`.
set -eu
umask 077
to=/var/lib/etcd/platc-snapshot.db
keep=/var/backups/etcd
mkdir -p "${keep}"
container="$(crictl ps --quiet --name '^etcd$' --state Running | head -n 1)"
[ -n "${container}" ] || { echo "etcd does not run here" >&2; exit 1; }
pki=/etc/kubernetes/pki/etcd
crictl exec "${container}" etcdctl --endpoints=https://127.0.0.1:2379 --cacert="${pki}/ca.crt" \
    --cert="${pki}/healthcheck-client.crt" --key="${pki}/healthcheck-client.key" snapshot save "${to}"
name="${keep}/$(date -u +%Y%m%dT%H%M%SZ)"
mv "${to}" "${name}.db"
tar -C /etc/kubernetes -czf "${name}.pki.tar.gz" pki
ls -1 "${keep}"/*.db | sort -r | tail -n +49 | while read -r old; do rm -f "${old}" "${old%.db}.pki.tar.gz"; done
