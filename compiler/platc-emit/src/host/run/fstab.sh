#!/bin/sh
# Puts our lines into /etc/fstab, between two marks, checks the whole, and mounts what is not mounted. A
# fstab that cannot be read keeps a host from booting, so the old one stays until the new one is good.
set -eu
root="${PLATC_ROOT:-}"
new="${root}/etc/fstab.platc-new"
{
    sed '/^# begin platc$/,/^# end platc$/d' "${root}/etc/fstab"
    echo '# begin platc'
    cat "${root}/etc/platc/fstab"
    echo '# end platc'
} > "${new}"
findmnt --verify --tab-file "${new}" 2>&1 | grep -q ' 0 parse errors\|no errors' || { findmnt --verify --tab-file "${new}"; exit 1; }
mv "${new}" "${root}/etc/fstab"
[ -n "${root}" ] || mount -a
