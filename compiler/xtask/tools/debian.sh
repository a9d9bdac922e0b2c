#!/bin/sh
# Installs the Debian packages named as arguments, as root, for tests that only run their programs.
# Nothing that is installed already is upgraded, and no daemon is started or enabled: a developer's machine
# must not begin to serve anything because it compiles platc.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    # What maintainer scripts ask before they start a service; 101 forbids it.
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi

before=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii  *//p' | sort)
# Lists of one source may be out of reach while the packages are not.
apt-get -qq update || echo "apt-get update failed; going on with the lists that are here" >&2
# Its progress is long and says nothing; errors come on the other stream.
apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 install \
    --yes --no-upgrade --no-install-recommends "$@" > /dev/null

if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        echo "$before" | grep -qx "$package" && continue
        dpkg -L "$package" | sed -n 's:^\(/usr\)\?/lib/systemd/system/\([^/]*\.\(service\|socket\|timer\)\)$:\2:p' |
            while read -r unit; do systemctl --quiet disable "$unit" || true; done
    done
fi
