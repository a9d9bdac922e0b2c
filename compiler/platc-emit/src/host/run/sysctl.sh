#!/bin/sh
# Applies all settings of the kernel. One that is of a module that is not loaded is left for the next time.
set -eu
exec sysctl --quiet --ignore --system
