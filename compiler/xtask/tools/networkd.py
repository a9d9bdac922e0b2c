"""Runs systemd-networkd over the files of one host and compares what it set with what they say.

    networkd.py FOLDER      FOLDER is the host's etc/systemd, in a scratch place

It must run in network and mount namespaces of its own. Says what is wrong and exits with 1, or is silent.
Waiting is for events: networkd's own word that an interface is configured.
"""

import ipaddress
import json
import os
import re
import select
import subprocess
import sys
import time

NETWORKD = "/lib/systemd/systemd-networkd"
# A bound for a networkd that hangs; what it does takes milliseconds.
SECONDS_MAX = 30


def sections(path):
    """The sections of a file in order, as (name, [(key, value)])."""
    found = []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            found.append((line[1:-1], []))
        elif "=" in line and not line.startswith(("#", ";")) and found:
            key, value = line.split("=", 1)
            found[-1][1].append((key.strip(), value.strip()))
    return found


def values(parts, section, key):
    return [value for name, pairs in parts if name == section for found, value in pairs if found == key]


def networks(folder):
    """Each network with its file and drop-ins together; a drop-in of a file that is not ours gets one."""
    names = [name for name in os.listdir(folder) if name.endswith(".network")]
    for drop_ins in sorted(name for name in os.listdir(folder) if name.endswith(".network.d")):
        base = drop_ins[: -len(".d")]
        inner = [os.path.join(folder, drop_ins, name) for name in sorted(os.listdir(os.path.join(folder, drop_ins)))]
        parts = [part for path in inner for part in sections(path)]
        if base not in names:
            # The host's own file gives the address. Here it is one of those that are for documents, and
            # next hops are put on the link one by one.
            device = re.sub(r"^\d+-|\.network$", "", base)
            hops = sorted(set(values(parts, "Route", "Gateway")))
            stub = f"[Match]\nName={device}\n[Network]\nLinkLocalAddressing=no\nAddress=192.0.2.1/32\n"
            stub += "".join(f"[Route]\nDestination={hop}/32\nScope=link\n" for hop in hops)
            with open(os.path.join(folder, base), "w", encoding="utf-8") as file:
                file.write(stub)
            names.append(base)
        yield base, sections(os.path.join(folder, base)) + parts
        names.remove(base)
    for name in sorted(names):
        yield name, sections(os.path.join(folder, name))


def off_link(found):
    """Next hops that no address or route of their own network reaches: networkd would wait for ever."""
    for name, parts in found:
        prefixes = values(parts, "Network", "Address") + values(parts, "Address", "Address")
        routes = [dict(pairs) for section, pairs in parts if section == "Route"]
        prefixes += [route["Destination"] for route in routes if "Destination" in route and "Gateway" not in route]
        links = []
        for prefix in prefixes:
            try:
                links.append(ipaddress.ip_network(prefix, strict=False))
            except ValueError:
                yield f"{name}: {prefix} is no address"
        for route in routes:
            hop = route.get("Gateway")
            if hop and route.get("GatewayOnLink") != "yes":
                if not any(ipaddress.ip_address(hop) in link for link in links):
                    yield f"{name}: the next hop {hop} is not on the link"


def run(*words):
    subprocess.run(words, check=True)


def prepare(folder, devices):
    run("ip", "link", "set", "lo", "up")
    for number, device in enumerate(sorted(devices - {"lo"})):
        run("ip", "link", "add", device, "type", "veth", "peer", "name", f"peer{number}")
        run("ip", "link", "set", f"peer{number}", "up")
    # Without udev, which it recognises by a /sys that cannot be written, it does not wait for udev. It
    # gives up being root for the user `systemd-network`, which a user namespace does not have.
    scratch = os.path.dirname(folder)
    for name, text in [("passwd", "root:x:0:0::/:/bin/sh\nsystemd-network:x:0:0::/:/bin/sh\n"),
                       ("group", "root:x:0:\nsystemd-network:x:0:\n")]:
        with open(os.path.join(scratch, name), "w", encoding="utf-8") as file:
            file.write(text)
        run("mount", "--bind", os.path.join(scratch, name), f"/etc/{name}")
    run("mount", "-t", "sysfs", "-o", "ro", "sysfs", "/sys")
    run("mount", "--bind", folder, "/etc/systemd")
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    os.makedirs("/run/systemd/netif")
    # Nobody advertises a router here, and an interface is not configured before the 12 seconds are over in which
    # one might (NDISC_TIMEOUT_USEC).
    for place, _, names in os.walk("/etc/systemd/network"):
        for name in names:
            if name.endswith(".network"):
                os.makedirs(os.path.join("/run/systemd/network", f"{name}.d"))
                with open(f"/run/systemd/network/{name}.d/zz-alone.conf", "w", encoding="utf-8") as file:
                    file.write("[Network]\nIPv6AcceptRA=no\n")


def configure(devices):
    """Starts networkd and waits; gives its complaints."""
    # `console-prefixed` puts facility and level before each line, in one number whose last three bits are the
    # level: warnings have 4. State changes are on the level of debugging.
    environment = {"SYSTEMD_LOG_TARGET": "console-prefixed", "SYSTEMD_LOG_LEVEL": "debug", "PATH": os.environ["PATH"]}
    process = subprocess.Popen([NETWORKD], stderr=subprocess.PIPE, env=environment)
    waiting, complaints = set(devices), []
    deadline = time.monotonic() + SECONDS_MAX
    pending = b""
    while waiting:
        ready, _, _ = select.select([process.stderr], [], [], max(0, deadline - time.monotonic()))
        chunk = os.read(process.stderr.fileno(), 65536) if ready else b""
        if not chunk:
            complaints.append(f"not configured: {', '.join(sorted(waiting))}")
            break
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            level, text = re.match(r"(?:<(\d+)>)?(.*)", line.decode()).groups()
            # The size of a socket's buffer is the limit of those who are not root.
            if level and int(level) & 7 <= 4 and "receive buffer size" not in text:
                complaints.append(text)
            done = re.match(r"(\S+): State changed: \S+ -> (configured|failed)$", text)
            if done and done[2] == "failed":
                complaints.append(text)
            if done:
                waiting.discard(done[1])
    process.terminate()
    process.communicate()
    return complaints


def listed(*words):
    return json.loads(subprocess.run(["ip", "-json", *words], check=True, capture_output=True).stdout or b"[]")


def missing(found):
    """Routes and rules of the files that the kernel does not have."""
    routes = [route for family in ("-4", "-6") for route in listed(family, "route", "show", "table", "all")]
    rules = [rule for family in ("-4", "-6") for rule in listed(family, "rule", "show")]
    for name, parts in found:
        for section, pairs in parts:
            want = dict(pairs)
            if section == "Route" and "Destination" in want:
                kind = want.get("Type", "unicast")
                fits = [route for route in routes
                        if route["dst"].removesuffix("/32").removesuffix("/128") == want["Destination"].removesuffix("/32").removesuffix("/128")
                        and route.get("gateway") == want.get("Gateway") and route.get("type", "unicast") == kind
                        and str(route.get("metric", want.get("Metric"))) == str(want.get("Metric"))]
                if not fits:
                    yield f"{name}: the route to {want['Destination']} is not there"
            if section == "RoutingPolicyRule" and "Priority" in want:
                fits = [rule for rule in rules if str(rule["priority"]) == want["Priority"]]
                if not fits:
                    yield f"{name}: the rule of priority {want['Priority']} is not there"


def main(folder):
    network = os.path.join(folder, "network")
    os.makedirs(network, exist_ok=True)
    found = list(networks(network))
    managed = [(name, parts) for name, parts in found if "yes" not in values(parts, "Link", "Unmanaged")]
    names = {word for _, parts in managed for value in values(parts, "Match", "Name") for word in value.split()}
    devices = {name for name in names if not re.search(r"[*?\[!]", name)}
    complaints = list(off_link(managed))
    if not complaints:
        prepare(folder, devices)
        complaints = configure(devices)
        complaints.extend(missing(managed))
    print("\n".join(complaints))
    return 1 if complaints else 0


sys.exit(main(*sys.argv[1:]))
