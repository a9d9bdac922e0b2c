#!/bin/sh
# Whether this host is fit to hold a virtual address: `apiserver`, `proxy URL` or `listens PORT`.
case "$1" in
    apiserver) exec curl --silent --fail --insecure --max-time 2 --output /dev/null https://localhost:6443/readyz ;;
    proxy) exec curl --silent --fail --max-time 2 --output /dev/null "$2" ;;
    listens) ss -Hltn "sport = :$2" | grep -q . ;;
    *) echo "usage: $0 apiserver | proxy URL | listens PORT" >&2; exit 2 ;;
esac
