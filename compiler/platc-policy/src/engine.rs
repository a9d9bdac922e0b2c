//! The engine: one for each process, with everything switched off on which a verdict could come to depend.
//!
//! Not here: limits of a single run ([`crate::budget`]) and where compiled code is kept ([`crate::cache`]).
//!
//! Start with [`engine`].

use std::hash::{Hash as _, Hasher};

use platc_diag::limits;
use sha2::{Digest as _, Sha256};
use wasmtime::{Config, Engine, WasmBacktraceDetails};

/// The engine of this process.
pub(crate) fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // Fuel and not epochs: the same run uses the same fuel on any machine under any load.
        .consume_fuel(true)
        // Bits of NaN differ between processors; a verdict must not.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .max_wasm_stack(limits::POLICY_STACK_BYTES)
        // Names of functions come from the name section. The map from addresses to offsets would add a
        // fifth to what is read and hashed each time a plugin is loaded.
        .generate_address_map(false)
        // By default this depends on an environment variable.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    Engine::new(&config)
}

/// What compiled code depends on beside its source: version and settings of the engine, kind of processor.
pub(crate) fn compatibility(engine: &Engine) -> [u8; 32] {
    let mut hasher = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// Feeds SHA-256 with what `Hash` feeds: 64 bits would do for chance, not for somebody who tries.
struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is taken whole")
    }
}
