#!/bin/sh
# Routes of netplan: checked as a whole before anything changes.
set -eu
netplan generate
netplan apply
