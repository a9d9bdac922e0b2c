//! The balancer before the API servers that each node has for itself, on loopback: HAProxy, as a static pod
//! or as a service of the init system. With keepalived an address moves instead; see `keepalived`.
//!
//! Static pods come before the API server, so their configuration lies on the host. The manifest carries a
//! hash of it: the kubelet makes a pod anew when the bytes of its manifest change.

mod emit;
mod haproxy;
mod pod;

pub(crate) use emit::EMITTER;

/// The hash of a text, to notice that it is another one (FNV-1a, 64 bits). It protects nothing.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_one_of_that_name() {
        assert_eq!(super::hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
