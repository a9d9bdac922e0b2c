#!/bin/sh
# Applies /etc/platc/routes.batch, and takes away what it no longer has: what was applied last lies beside the
# host's list of files. Other routes are not touched.
set -eu
root="${PLATC_ROOT:-}"
now="${root}/etc/platc/routes.batch"
last="${root}/var/lib/platc/routes.batch"
mkdir -p "${root}/var/lib/platc"
[ -f "${now}" ] || now=/dev/null
if [ -f "${last}" ]; then
    # A route to the same place is replaced, not deleted; only places that are gone are.
    places() { awk '$1 == "route" { i = $3 == "unreachable" ? 4 : 3; print $i; } $1 != "route" { print }' "$1"; }
    places "${now}" | sort -u > "${last}.places"
    awk -v known="${last}.places" '
        BEGIN { while ((getline line < known) > 0) here[line] = 1 }
        $1 == "route" { i = $3 == "unreachable" ? 4 : 3; if (!($i in here)) { sub(/^route replace/, "route del"); print } next }
        $1 == "rule" && $2 == "add" && !($0 in here) { sub(/^rule add/, "rule del"); print }
        $1 == "addr" && !($0 in here) { sub(/^addr replace/, "addr del"); print }
    ' "${last}" > "${last}.gone"
    ip -force -batch "${last}.gone" 2> /dev/null || true
    rm -f "${last}.places" "${last}.gone"
fi
# What fails the first time is a rule that is not there yet; what fails the second time is wrong.
ip -force -batch "${now}" 2> /dev/null || ip -batch "${now}"
cp "${now}" "${last}"
