#!/usr/bin/env bash
# Runs a command where Docker answers: with the daemon there is, else with one of its own that ends with the command.
# Installs Debian's docker.io if need be (root). Says in one line why Docker cannot be had, and exits with 69.
# usage: deploy/docker-daemon.sh COMMAND [ARGUMENT...]
set -euo pipefail

unavailable() {
    echo "Docker cannot be had here: $1." >&2
    exit 69 # EX_UNAVAILABLE, sysexits(3)
}

answers() { docker version >/dev/null 2>&1; }

install_docker() {
    command -v docker >/dev/null && command -v dockerd >/dev/null && return
    command -v apt-get >/dev/null || unavailable 'it is not installed, and there is no apt-get'
    echo 'Installing docker.io ...' >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io; } \
        >/dev/null 2>&1 </dev/null || unavailable 'apt-get could not install docker.io'
}

stop_daemon() {
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    umount "$state/data" 2>/dev/null || true # dockerd may have mounted it on itself
    rm -rf --one-file-system "$state" || echo "Left behind: $state" >&2
}

start_daemon() {
    state=$(mktemp -d /var/tmp/lodge-docker.XXXXXX)
    # Ports of containers are published on the loopback address only.
    setsid dockerd --ip 127.0.0.1 --host "unix://$state/docker.sock" --pidfile "$state/docker.pid" \
        --data-root "$state/data" --exec-root "$state/exec" >"$state/log" 2>&1 </dev/null &
    daemon=$!
    trap stop_daemon EXIT
    export DOCKER_HOST=unix://$state/docker.sock
    for ((tries = 0; tries < 300; tries++)); do
        ! answers || return 0
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.1
    done
    unavailable "dockerd does not start: $(grep -v 'level=info' "$state/log" | tail -n 1)"
}

if ! answers; then
    [ "$(id -u)" = 0 ] || unavailable 'no daemon answers, and only root can start one'
    install_docker
    answers || start_daemon
fi
"$@"
