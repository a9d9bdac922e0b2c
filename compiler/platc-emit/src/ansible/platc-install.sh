#!/bin/sh
# Puts a host's files in place.
#
#   platc-install STAGE          STAGE has MANIFEST, ROOT and rootfs/ of this host
#   platc-install --fill FILE    prints FILE with its secrets
#
# All files are looked at before the first is touched. Each is written beside its place and moved there. What
# the last list has and the new one lacks is removed. Then the actions of all that changed run, each once; what
# fails is tried again next time, because it stays in `pending` until it is done.
#
# PLATC_ROOT is where the host's file system is, for tests: then actions are named and not run.
set -eu
umask 077
root="${PLATC_ROOT:-}"
state="${root}/var/lib/platc"
secrets="${PLATC_SECRETS:-${state}/secrets}"
tab="$(printf '\t')"
# Only root can give files away; in a test's folder it is not about owners.
me="$(id -u)"

# Secrets are lines NAME=VALUE. A hole without a secret is an error.
fill() {
    awk -v secrets="${secrets}" '
        BEGIN {
            while ((getline line < secrets) > 0) {
                at = index(line, "=")
                if (at > 1) value[substr(line, 1, at - 1)] = substr(line, at + 1)
            }
        }
        {
            rest = $0
            while ((from = index(rest, "@@secret:")) > 0) {
                printf "%s", substr(rest, 1, from - 1)
                rest = substr(rest, from + 9)
                to = index(rest, "@@")
                name = substr(rest, 1, to - 1)
                if (to == 0 || !(name in value)) {
                    print "no secret `" name "` for " FILENAME > "/dev/stderr"
                    exit 3
                }
                printf "%s", value[name]
                rest = substr(rest, to + 2)
            }
            print rest
        }' "$1"
}

if [ "${1:-}" = --fill ]; then
    fill "$2"
    exit
fi

stage="$1"
filled="${stage}/filled"
rm -rf "${filled}"
mkdir -p "${state}" "${filled}"
touch "${state}/MANIFEST" "${state}/pending"

# What came must be what was built.
cut -f 1,4 "${stage}/MANIFEST" | while IFS="${tab}" read -r path sum; do
    printf '%s  %s\n' "${sum}" "${stage}/rootfs${path}"
done | sha256sum --check --quiet --strict - >&2

# Holes are filled, except where a file is used once: those keep their holes on disk.
while IFS="${tab}" read -r path _; do
    case "${path}" in /etc/kubernetes/kubeadm/*) continue ;; esac
    grep -q '@@secret:' "${stage}/rootfs${path}" || continue
    mkdir -p "${filled}${path%/*}"
    fill "${stage}/rootfs${path}" > "${filled}${path}"
done < "${stage}/MANIFEST"

queue() {
    [ "$1" = - ] || printf '%s\n' "$1" | tr ',' '\n' >> "${state}/pending"
}

while IFS="${tab}" read -r path mode owner _ actions; do
    new="${stage}/rootfs${path}"
    [ ! -f "${filled}${path}" ] || new="${filled}${path}"
    old="${root}${path}"
    if [ -f "${old}" ] && [ ! -L "${old}" ] && cmp -s "${new}" "${old}"; then
        here="$(stat -c '%a %U:%G' "${old}")"
        [ "${here}" != "${mode#0} ${owner}" ] || continue
        [ "${me}" = 0 ] || [ "${here%% *}" != "${mode#0}" ] || continue
    fi
    # Folders that are not there are everybody's to see; files say for themselves who reads them.
    (umask 022 && mkdir -p "${old%/*}")
    queue "${actions}"
    beside="$(mktemp "${old%/*}/.platc-XXXXXX")"
    cat "${new}" > "${beside}"
    chmod "${mode}" "${beside}"
    [ "${me}" != 0 ] || chown "${owner}" "${beside}"
    mv -f "${beside}" "${old}"
    echo "changed ${path}"
done < "${stage}/MANIFEST"

while IFS="${tab}" read -r path _ _ _ actions; do
    cut -f 1 "${stage}/MANIFEST" | grep -qxF "${path}" && continue
    if [ -e "${root}${path}" ]; then
        queue "${actions}"
        rm -f "${root}${path}"
        rmdir "${root}${path%/*}" 2> /dev/null || true
        echo "removed ${path}"
    fi
done < "${state}/MANIFEST"
cp "${stage}/MANIFEST" "${state}/MANIFEST.new"
mv "${state}/MANIFEST.new" "${state}/MANIFEST"

# First the kernel, then the network, then what runs on it.
order() {
    case "$1" in
        run:modules) echo 10 ;; run:sysctl) echo 11 ;; run:fstab) echo 12 ;; run:units) echo 13 ;;
        restart:systemd-networkd*) echo 20 ;; run:networkd | run:netplan | run:routes) echo 21 ;;
        restart:systemd-resolved*) echo 22 ;; run:keepalived) echo 23 ;;
        restart:containerd*) echo 30 ;; restart:platc-api-lb*) echo 31 ;;
        run:kubeadm-config) echo 40 ;; run:kubelet-config) echo 41 ;; run:control-plane) echo 42 ;;
        reboot) echo 90 ;; *) echo 50 ;;
    esac
}

service() {
    if command -v systemctl > /dev/null; then
        systemctl cat "$2" > /dev/null 2>&1 || return 0
        case "$1" in reload) systemctl try-reload-or-restart "$2" ;; *) systemctl enable --quiet "$2" && systemctl restart "$2" ;; esac
    elif [ -x "/etc/init.d/${2%.service}" ]; then
        rc-update add "${2%.service}" default > /dev/null
        rc-service "${2%.service}" "$1"
    fi
}

act() {
    case "$1" in
        run:*) [ ! -x "/usr/local/lib/platc/run/${1#run:}" ] || "/usr/local/lib/platc/run/${1#run:}" ;;
        restart:* | reload:*) service "${1%%:*}" "${1#*:}" ;;
        reboot) echo "note: a reboot is needed" ;;
        *) echo "unknown action $1" >&2; return 1 ;;
    esac
}

sort -u "${state}/pending" | while read -r action; do
    echo "$(order "${action}") ${action}"
done | sort -n > "${state}/todo"
while read -r _ action; do
    echo "action ${action}"
    [ -n "${root}" ] || act "${action}" < /dev/null
    grep -vxF "${action}" "${state}/pending" > "${state}/pending.new" || true
    mv "${state}/pending.new" "${state}/pending"
done < "${state}/todo"
rm -f "${state}/todo"
rm -rf "${filled}"
[ ! -f "${stage}/ROOT" ] || cp "${stage}/ROOT" "${state}/ROOT"
