"""Checks Kubernetes objects against the schemas of their cluster's minor version and the next two, strictly.

    kubernetes.py BUILD LIST       LIST names files of BUILD, one a line

Which minor a cluster declares stands in its kubeadm configuration, as the cluster itself will read it. Of the
later minors, only what the validator has is asked; that an API is gone by then is printed, and no error.
"""

import functools
import glob
import os
import re
import sys

import yaml
from kubernetes_validate import utils

# The validator reads its schemas again for each object.
utils.schema_contents = functools.cache(utils.schema_contents)
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Groups whose names end like those of Kubernetes, but whose schemas are CRDs.
CUSTOM = {"gateway.networking.k8s.io", "snapshot.storage.k8s.io", "policy.networking.k8s.io", "metrics.k8s.io"}


def documents(path):
    with open(path, encoding="utf-8") as file:
        return [document for document in yaml.load_all(file, Loader) if document is not None]


def declared(build):
    """Cluster to (major, minor)."""
    found = {}
    for path in glob.glob(os.path.join(build, "hosts/*/*/rootfs/etc/kubernetes/**/*.yaml"), recursive=True):
        for document in documents(path):
            if isinstance(document, dict) and document.get("kind") == "ClusterConfiguration":
                major, minor = re.match(r"v?(\d+)\.(\d+)", document["kubernetesVersion"]).groups()
                found[document["clusterName"]] = (int(major), int(minor))
    return found


def is_built_in(api_version):
    group = api_version.split("/")[0] if "/" in api_version else ""
    return group not in CUSTOM and ("." not in group or group.endswith(".k8s.io"))


def check(document, minors, known):
    """What is wrong with a document."""
    if not isinstance(document, dict) or not isinstance(document.get("apiVersion"), str) or "kind" not in document:
        yield "no Kubernetes object: apiVersion or kind is missing"
        return
    kind, api_version = document["kind"], document["apiVersion"]
    if not is_built_in(api_version):
        return
    name = f"{kind} {(document.get('metadata') or {}).get('name')}"
    for at, minor in enumerate(minors):
        version = "%d.%d" % minor
        if version not in known:
            if at == 0:
                yield f"the validator has no schemas of {version}"
            continue
        try:
            utils.validate(document, version, strict=True)
        except utils.SchemaNotFoundError:
            if at == 0:
                yield f"{name}: {version} has no {kind} in {api_version}"
            else:
                print(f"note: {name}: {api_version} {kind} is gone in {version}")
        except utils.ValidationError as error:
            yield f"{name}: {version}: {'.'.join(map(str, error.path))}: {error.message[:300]}"


def main(build, listing):
    clusters, wrong = declared(build), []
    known = {utils.major_minor(version) for version in utils.all_versions()}
    for file in open(listing, encoding="utf-8").read().splitlines():
        parts = file.split("/")
        # A static pod belongs to the cluster of its host; in a build with several, it must suit them all.
        minors = {clusters.get(parts[1])} if parts[0] == "clusters" else set(clusters.values())
        if not minors or None in minors:
            wrong.append(f"{file}: no kubeadm configuration in this build says the cluster's version")
            continue
        for major, minor in sorted(minors):
            asked = [(major, minor + more) for more in range(3)]
            for document in documents(os.path.join(build, file)):
                wrong.extend(f"{file}: {message}" for message in check(document, asked, known))
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
