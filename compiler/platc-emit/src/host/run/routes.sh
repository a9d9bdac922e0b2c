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
    awk '
        function place(  i, where) {
            where = $3 == "unreachable" ? $4 : $3
            for (i = 4; i < NF; i++) if ($i == "table") where = where " " $(i + 1)
            return $1 == "route" ? where : $0
        }
        FILENAME == ARGV[1] { here[place()] = 1; next }
        place() in here { next }
        $1 == "route" { sub(/^route replace/, "route del"); print }
        $1 == "rule" && $2 == "add" { sub(/^rule add/, "rule del"); print }
        $1 == "addr" { sub(/^addr replace/, "addr del"); print }
    ' "${now}" "${last}" > "${last}.gone"
    ip -force -batch "${last}.gone" 2> /dev/null || true
    rm -f "${last}.gone"
fi
# What fails the first time is a rule that is not there yet; what fails the second time is wrong.
ip -force -batch "${now}" 2> /dev/null || ip -batch "${now}"
cp "${now}" "${last}"
