#!/bin/sh
# systemd reads its units again; ours are started and come up at boot. A daemon that is in another slice than it
# should be is its owner's to restart, so this only says it.
set -eu
systemctl daemon-reload
for unit in /etc/systemd/system/platc-*.service /etc/systemd/system/platc-*.timer; do
    [ -f "${unit}" ] && grep -q '^\[Install\]' "${unit}" || continue
    systemctl enable --now --quiet "${unit##*/}"
done
for drop_in in /etc/systemd/system/*.service.d/10-carve.conf; do
    [ -f "${drop_in}" ] || continue
    unit="${drop_in%/10-carve.conf}"
    unit="${unit##*/}"
    unit="${unit%.d}"
    wanted="$(sed -n 's/^Slice=//p' "${drop_in}")"
    group="$(systemctl show --property ControlGroup --value "${unit}")"
    case "${group}" in
        '' | *"/${wanted}/"*) ;;
        *) echo "note: ${unit} runs outside ${wanted} until it is restarted: systemctl restart ${unit}" ;;
    esac
done
