#!/bin/sh
# Checks the configuration of keepalived and lets it read it again. The check's script runs as a user that
# can do nothing else.
set -eu
getent passwd keepalived_script > /dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin keepalived_script
keepalived --config-test --use-file /etc/keepalived/keepalived.conf
if command -v systemctl > /dev/null; then
    systemctl enable --quiet keepalived.service
    systemctl reload-or-restart keepalived.service
else
    rc-update add keepalived default > /dev/null
    rc-service keepalived --ifstarted reload
    rc-service keepalived --ifstopped start
fi
