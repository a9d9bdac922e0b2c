#!/bin/sh
# Finds, and deletes if asked to, what earlier builds put into a cluster and this one no longer has.
#
#   platc-prune --note OBJECTS LIST      remembers what is about to be applied
#   platc-prune OBJECTS LIST false       names what is gone from the build
#   platc-prune OBJECTS LIST true        deletes it
#   platc-prune OBJECTS LIST most        deletes it, even if that is most of all there is
#
# OBJECTS has the manifests of a build, LIST one line for each object that was ever applied and not deleted since.
# Nothing is searched for: what is in no LIST is not ours to delete, and what is in it is deleted only while its
# label still says that it is ours. What data hangs on (namespaces, volumes, definitions of kinds, nodes) is named
# and left to a person. Workloads go first; a ConfigMap goes when no pod and no revision speaks of it any more.
set -eu
umask 077
export LC_ALL=C
KUBECONFIG="${KUBECONFIG:-/etc/kubernetes/admin.conf}"
export KUBECONFIG
tab="$(printf '\t')"

# The objects of manifests as our printer writes them: apiVersion, kind, namespace or `-`, name.
objects() {
    find "$1" -type f -path '*/[0-9]*/*' -name '*.yaml' | sort | while read -r file; do
        awk '
            function value() { sub(/^[^:]*: */, ""); gsub(/["\047]/, ""); return $0 }
            function out() {
                if (kind != "" && name != "") print api "\t" kind "\t" (space == "" ? "-" : space) "\t" name
                api = kind = space = name = part = ""
            }
            /^---/ { out(); next }
            /^[^ #]/ { part = $1 }
            /^apiVersion:/ { api = value() }
            /^kind:/ { kind = value() }
            part == "metadata:" && /^  name:/ { name = value() }
            part == "metadata:" && /^  namespace:/ { space = value() }
            END { out() }' "${file}"
    done | sort -u
}

if [ "$1" = --note ]; then
    touch "$3"
    objects "$2" | sort -u - "$3" > "$3.new"
    mv "$3.new" "$3"
    exit
fi

list="$2"
how="$3"
touch "${list}"
objects "$1" > "${list}.now"
# An object in another version of its group is the same object: what kubectl deletes by the old one is the new one.
awk -F '\t' '
    function key() { group = $1; if (!sub("/.*", "", group)) group = ""; return group FS $2 FS $3 FS $4 }
    FILENAME == ARGV[1] { now[key()]; next }
    !(key() in now)' "${list}.now" "${list}" > "${list}.gone"
n="$(wc -l < "${list}.gone")"
all="$(wc -l < "${list}")"
if [ "${how}" = true ] && [ "${n}" -gt 10 ] && [ "$((n * 2))" -gt "${all}" ]; then
    echo "${n} of ${all} objects are in no build any more: if that is meant, \`-e platc_prune=most\`" >&2
    exit 1
fi

manifest() {
    space=""
    [ "$3" = - ] || space="\"namespace\": \"$3\", "
    printf '{"apiVersion": "%s", "kind": "%s", "metadata": {%s"name": "%s"}}\n' "$1" "$2" "${space}" "$4"
}

rank() {
    case "$1" in
        Deployment | StatefulSet | DaemonSet | CronJob | Job) echo 1 ;;
        ServiceAccount | Role | RoleBinding | ClusterRole | ClusterRoleBinding) echo 3 ;;
        ConfigMap | Secret) echo 4 ;;
        *) echo 2 ;;
    esac
}

used() {
    kubectl get pods,replicasets.apps,controllerrevisions.apps --namespace "$1" --output json < /dev/null > "${list}.users"
    grep -qF "\"$2\"" "${list}.users"
}

while IFS="${tab}" read -r api kind space name; do
    printf '%s\t%s\t%s\t%s\t%s\n' "$(rank "${kind}")" "${api}" "${kind}" "${space}" "${name}"
done < "${list}.gone" | sort > "${list}.todo"

: > "${list}.kept"
while IFS="${tab}" read -r _ api kind space name; do
    what="${kind} ${space}/${name}"
    [ "${space}" != - ] || what="${kind} ${name}"
    keep() {
        echo "$1"
        printf '%s\t%s\t%s\t%s\n' "${api}" "${kind}" "${space}" "${name}" >> "${list}.kept"
    }
    here="$(manifest "${api}" "${kind}" "${space}" "${name}" | kubectl get --filename - --ignore-not-found \
        --output 'jsonpath={.metadata.uid} {.metadata.labels.app\.kubernetes\.io/managed-by}' 2> "${list}.said")" || {
        # Whoever took the definition of a kind away took its objects with it.
        if grep -q 'no matches for kind' "${list}.said"; then continue; fi
        cat "${list}.said" >&2
        exit 1
    }
    case "${here}" in
        '') continue ;;
        *' platc') ;;
        *) echo "let go ${what}: it is there and no longer ours"; continue ;;
    esac
    case "${kind}" in
        Namespace | PersistentVolume | PersistentVolumeClaim | StorageClass | CustomResourceDefinition | Node)
            keep "kept ${what}: data may go with it, so a person deletes it"
            continue ;;
        ConfigMap | Secret)
            if used "${space}" "${name}"; then
                keep "kept ${what}: a pod or a revision still uses it"
                continue
            fi ;;
    esac
    if [ "${how}" = false ]; then
        keep "gone ${what}: the build no longer has it; \`-e platc_prune=true\` deletes it"
        continue
    fi
    manifest "${api}" "${kind}" "${space}" "${name}" |
        kubectl delete --filename - --ignore-not-found --wait --timeout 120s > /dev/null
    echo "deleted ${what}"
done < "${list}.todo"

sort -u "${list}.now" "${list}.kept" > "${list}.new"
mv "${list}.new" "${list}"
rm -f "${list}.now" "${list}.gone" "${list}.todo" "${list}.kept" "${list}.users" "${list}.said"
