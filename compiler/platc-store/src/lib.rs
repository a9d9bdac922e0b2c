//! Content-addressed builds on disk: bytes, digests, manifests; knows no language.
