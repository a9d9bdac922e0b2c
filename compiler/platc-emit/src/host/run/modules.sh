#!/bin/sh
# Loads the modules that a node needs.
set -eu
grep -v '^#' /etc/modules-load.d/k8s.conf | xargs -n 1 modprobe
