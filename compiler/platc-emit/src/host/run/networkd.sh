#!/bin/sh
# networkd reads its files again, and changes what is different.
set -eu
exec networkctl reload
