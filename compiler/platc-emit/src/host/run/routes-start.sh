#!/bin/sh
# Routes to pods, at boot.
exec /usr/local/lib/platc/run/routes
