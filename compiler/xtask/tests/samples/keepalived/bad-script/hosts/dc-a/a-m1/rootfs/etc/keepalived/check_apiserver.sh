#!/bin/sh
exec curl -sfk --max-time 2 https://localhost:6443/readyz
