#!/bin/sh
# While a host joins, the name of the API is a control-plane host that runs; its own balancer runs only after
# its kubelet does. `join-name NAME ADDRESS` says so in
# /etc/hosts, and with 127.0.0.1 the file is again what it was.
set -eu
root="${PLATC_ROOT:-}"
awk -v name="$1" -v address="$2" '
    NF == 2 && $2 == name { print address " " name; next }
    { print }
' "${root}/etc/hosts" > "${root}/etc/hosts.platc-new"
chmod 0644 "${root}/etc/hosts.platc-new"
mv "${root}/etc/hosts.platc-new" "${root}/etc/hosts"
