//! `ConfigMap`, `Secret`, ranges of limits.

use crate::check::Cx;
use crate::errors;
use crate::format::base64_len;
use crate::node::{At, Node, Value};
use crate::secrets;

use super::container::amount;

/// What the data of a ConfigMap or Secret may have together.
const DATA_BYTES_MAX: usize = 1 << 20;

/// Keys are unique over both maps, and all data together has a limit.
pub(crate) fn config_map<'d, N: Node<'d>>(cx: &mut Cx<'_>, map: &At<'_, N>) {
    let bytes = text_bytes(map.node.get("data")) + decoded_bytes(map.node.get("binaryData"));
    if let (Some(binary), Some(data)) = (map.get("binaryData"), map.node.get("data")) {
        for (key, entry) in binary.entries() {
            if data.get(key).is_some() {
                let message = format!("the key `{key}` is in `data`, too");
                cx.push(errors::refused(entry.pointer(), message, "remove one"));
            }
        }
    }
    too_large(cx, map, "ConfigMap", bytes);
}

fn text_bytes<'d, N: Node<'d>>(map: Option<N>) -> usize {
    map.into_iter().flat_map(Node::entries).map(|(_, value)| value.text().map_or(0, str::len)).sum()
}

fn decoded_bytes<'d, N: Node<'d>>(map: Option<N>) -> usize {
    map.into_iter().flat_map(Node::entries).map(|(_, value)| value.text().map_or(0, base64_len)).sum()
}

fn too_large<'d, N: Node<'d>>(cx: &mut Cx<'_>, object: &At<'_, N>, kind: &str, bytes: usize) {
    if bytes > DATA_BYTES_MAX {
        let message =
            format!("the data of a {kind} has at most {DATA_BYTES_MAX} bytes, and this has {bytes}");
        cx.push(errors::refused(object.pointer_of("data"), message, "split it, or use a volume"));
    } else if bytes > DATA_BYTES_MAX / 4 * 3 {
        let message = format!(
            "the data has {bytes} bytes, more than three quarters of the {DATA_BYTES_MAX} that a \
                {kind} can hold"
        );
        cx.push(errors::trap(object.pointer_of("data"), message, "split it before it grows over the limit"));
    }
}

/// A Secret of a known type has the keys of that type.
pub(crate) fn secret<'d, N: Node<'d>>(cx: &mut Cx<'_>, secret: &At<'_, N>) {
    let bytes = decoded_bytes(secret.node.get("data")) + text_bytes(secret.node.get("stringData"));
    too_large(cx, secret, "Secret", bytes);
    let value = |key: &str| {
        let data = secret.node.get("data").and_then(|data| data.get(key));
        data.or_else(|| secret.node.get("stringData").and_then(|data| data.get(key)))
    };
    let kind = secret.node.get("type").and_then(N::text).unwrap_or("Opaque");
    let (wanted, all_of): (&[&str], bool) = match kind {
        "kubernetes.io/tls" => (&["tls.crt", "tls.key"], true),
        "kubernetes.io/dockerconfigjson" => (&[".dockerconfigjson"], true),
        "kubernetes.io/dockercfg" => (&[".dockercfg"], true),
        "kubernetes.io/ssh-auth" => (&["ssh-privatekey"], true),
        "kubernetes.io/basic-auth" => (&["username", "password"], false),
        _ => return,
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|key| value(key).is_none()).collect();
    if if all_of { !missing.is_empty() } else { missing.len() == wanted.len() } {
        let message = format!("a Secret of type `{kind}` needs the data {}", super::listed(&missing));
        cx.push(errors::missing_in(secret.pointer_of("data"), message));
    }
    // Only plain text can be looked into; and a hole is filled on delivery.
    if kind == "kubernetes.io/dockerconfigjson"
        && let Some(text) =
            secret.node.get("stringData").and_then(|data| data.get(".dockerconfigjson")).and_then(N::text)
        && !secrets::has_placeholder(text)
        && serde_json::from_str::<serde_json::Value>(text).is_err()
    {
        let message = "`.dockerconfigjson` is not JSON";
        cx.push(errors::refused(
            secret.pointer_of("stringData"),
            message,
            "give a Docker config with `auths`",
        ));
    }
}

/// The limits of a range are in order.
pub(crate) fn limit_range_item<'d, N: Node<'d>>(cx: &mut Cx<'_>, item: &At<'_, N>) {
    let of = |list: &str, name: &str| item.node.get(list).and_then(|list| list.get(name)).and_then(amount);
    for (low, high) in [("min", "max"), ("min", "default"), ("defaultRequest", "default"), ("default", "max")]
    {
        let Some(list) = item.get(low) else { continue };
        for (name, entry) in list.entries() {
            if let (Some(small), Some(large)) = (amount(entry.node), of(high, name))
                && small > large
            {
                let message = format!("`{low}` of `{name}` is above `{high}`");
                cx.push(errors::refused(entry.pointer(), message, "put them in order"));
            }
        }
    }
    let is_pod = item.node.get("type").and_then(N::text) == Some("Pod");
    for key in ["default", "defaultRequest"] {
        if is_pod && item.get(key).is_some_and(|at| at.node.value() == Value::Map) {
            let message = format!("a limit of type `Pod` has no `{key}`");
            cx.push(errors::refused(item.pointer_of(key), message, "use the type `Container`"));
        }
    }
}
