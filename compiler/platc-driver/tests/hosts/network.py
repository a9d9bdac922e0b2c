"""Builds a network of namespaces and sends a packet from each end to each other.

    network.py FILE     lines `site NAME GATEWAY/PREFIX`, `router RANGE VIA`,
                        `host NAME SITE INTERFACE ADDRESS/PREFIX GATEWAY PODS END batch|ifupdown FILE`

It must run in network and mount namespaces of its own; everything goes with them. An end is an address of a pod
on a node, and the host's own elsewhere. A packet has arrived if the other end gets it from the address that sent
it. Then one route of each node is taken away, and exactly the packets that need it must be lost.
"""

import ctypes
import os
import select
import socket
import subprocess
import sys
import time

PORT = 9999
# A bound for packets that do not come; those that do take microseconds.
SECONDS_MAX = 10
QUIET_SECONDS = 0.3
CLONE_NEWNET = 0x40000000


def run(*words, fine=(0,), text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if done.returncode not in fine:
        sys.exit(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def enter(namespace):
    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
        sys.exit(f"setns: {os.strerror(ctypes.get_errno())}")


def batch(commands, *options):
    run("ip", *options, "-batch", "-", text="\n".join(commands) + "\n")


class Host:
    def __init__(self, words):
        self.name, self.site, self.interface, self.address, self.gateway = words[0:5]
        self.pods, self.end, self.how, self.file = words[5:9]

    def build(self, number):
        outer = f"h{number}"
        run("ip", "netns", "add", self.name)
        batch([
            f"link add {outer} type veth peer name {self.interface} netns {self.name}",
            f"link set {outer} master {self.site} up",
        ])
        inner = [
            "link set lo up",
            f"addr add {self.address} dev {self.interface}",
            f"link set {self.interface} up",
            f"route add default via {self.gateway}",
        ]
        if self.pods != "-":
            prefix = self.pods.split("/")[1]
            inner += ["link add cni0 type bridge", f"addr add {self.end}/{prefix} dev cni0", "link set cni0 up"]
        batch(inner, "-n", self.name)

    def apply(self):
        """Loads the file as the host would, twice: the second time nothing may be wrong."""
        inside = ["ip", "netns", "exec", self.name]
        if self.how == "batch":
            run(*inside, "ip", "-force", "-batch", self.file, fine=(0, 1))
            run(*inside, "ip", "-batch", self.file)
            return
        for _ in range(2):
            state = f"/run/netns/state.{self.name}"
            os.makedirs(state, exist_ok=True)
            command = ["ifup", "--force", "--no-scripts", "--interfaces", self.file, "--state-dir", state]
            run(*inside, *command, self.interface)

    def listen(self):
        # A socket stays in the namespace in which it was made. The way back is held open: a namespace
        # that nobody is in is gone, and all bridges with it.
        with open("/proc/self/ns/net", "rb") as outer, open(f"/run/netns/{self.name}", "rb") as inner:
            enter(inner)
            self.bind()
            enter(outer)

    def bind(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.end, PORT))


def lost(hosts, pairs):
    """Sends over each pair; those that did not arrive, from the right address."""
    missing = set()
    ends = {host.end: host for host in hosts}
    for a, b in pairs:
        missing.add((a.name, b.name))
        try:
            a.socket.sendto(b.name.encode(), (b.end, PORT))
        except OSError:
            pass
    deadline = time.monotonic() + SECONDS_MAX
    by_number = {host.socket.fileno(): host for host in hosts}
    while missing and time.monotonic() < deadline:
        # What is lost at once is lost for good: after a short while without any packet it is over.
        ready, _, _ = select.select(list(by_number), [], [], QUIET_SECONDS)
        if not ready:
            break
        for number in ready:
            host = by_number[number]
            text, (source, _) = host.socket.recvfrom(100)
            sender = ends.get(source)
            if sender is None or text.decode() != host.name:
                sys.exit(f"{host.name} got {text} from {source}, which is nobody's end")
            missing.discard((sender.name, host.name))
    return missing


def main():
    run("mount", "--make-rprivate", "/")
    os.makedirs("/run/netns", exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    run("ip", "link", "set", "lo", "up")
    hosts, router = [], []
    for line in open(sys.argv[1], encoding="utf-8"):
        kind, *words = line.split()
        if kind == "site":
            batch([f"link add {words[0]} type bridge", f"addr add {words[1]} dev {words[0]}", f"link set {words[0]} up"])
        elif kind == "router":
            router.append(f"route add {words[0]} via {words[1]}")
        else:
            hosts.append(Host(words))
    batch(router)
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="utf-8") as switch:
        switch.write("1")
    for number, host in enumerate(hosts):
        host.build(number)
    for host in hosts:
        host.apply()
    for host in hosts:
        host.listen()
    pairs = [(a, b) for a in hosts for b in hosts if a is not b]
    for _ in range(3):
        # The first packet to a neighbour waits for its hardware address, and few may wait.
        missing = lost(hosts, pairs)
        if not missing:
            break
    if missing:
        sys.exit(f"lost: {sorted(missing)}")
    print(f"{len(pairs)} pairs reach each other")
    needed = 0
    for host in (host for host in hosts if host.pods != "-"):
        routes = run("ip", "-n", host.name, "route", "show", "proto", "static").splitlines()
        routes = [line.split() for line in routes if " via " in line and "default" not in line]
        victims = {peer.pods: peer for peer in hosts if peer.pods != "-"}
        route = next(words for words in routes if words[0] in victims)
        run("ip", "-n", host.name, "route", "del", *route)
        missing = lost(hosts, pairs)
        if missing != {(host.name, victims[route[0]].name)}:
            sys.exit(f"without {' '.join(route)} on {host.name} is lost: {sorted(missing)}")
        run("ip", "-n", host.name, "route", "add", *route)
        needed += 1
    print(f"{needed} routes are needed")


main()
