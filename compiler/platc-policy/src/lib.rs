//! The host of policies: WebAssembly components that judge a platform.
