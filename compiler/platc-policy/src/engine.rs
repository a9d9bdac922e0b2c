//! The engine: one for each process, with everything switched off on which a verdict could come to depend.
//!
//! Not here: limits of a single run ([`crate::budget`]) and where compiled code is kept ([`crate::cache`]).
//!
//! Start with [`engine`].

use std::hash::{Hash as _, Hasher};

use platc_diag::limits;
use sha2::{Digest as _, Sha256};
use wasmtime::{Config, Engine, OperatorCost, WasmBacktraceDetails};

/// The engine of this process.
pub(crate) fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // Fuel and not epochs: the same run uses the same fuel on any machine under any load.
        .consume_fuel(true)
        .operator_cost(prices())
        // Bits of NaN differ between processors; a verdict must not.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .max_wasm_stack(limits::POLICY_STACK_BYTES)
        // Names of functions come from the name section. The map from addresses to offsets would add a
        // fifth to what is read and hashed each time a plugin is loaded.
        .generate_address_map(false)
        // Backtraces of guests follow frame pointers. Tables for debuggers would cost as much again, and
        // registering them with the system's unwinder more than everything else that loading does.
        .native_unwind_info(cfg!(windows))
        // An image of a guest's memory pays off over many instances. Ours live for one question each.
        .memory_init_cow(false)
        // By default this depends on an environment variable.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    Engine::new(&config)
}

/// What instructions cost in fuel: about a unit for each third of a nanosecond that they can be made to take,
/// so that the tightest loop is stopped as soon as ordinary code. By default a jump costs as much as an
/// addition, and an empty loop ran for seconds.
///
/// Loads cost one all the same: whether memory is in a cache is not known, and a price for the worst case
/// would make all others pay. A policy that waits for memory on purpose runs longer, but not for ever.
fn prices() -> OperatorCost {
    const JUMP: u8 = 8;
    const DIVISION: u8 = 16;
    // Those leave WebAssembly for a function of the engine. What they move is paid for by the byte.
    const ENGINE: u8 = 200;
    OperatorCost {
        Br: JUMP,
        BrIf: JUMP,
        BrTable: JUMP,
        Call: JUMP,
        CallIndirect: JUMP,
        ReturnCall: JUMP,
        ReturnCallIndirect: JUMP,
        I32DivS: DIVISION,
        I32DivU: DIVISION,
        I32RemS: DIVISION,
        I32RemU: DIVISION,
        I64DivS: DIVISION,
        I64DivU: DIVISION,
        I64RemS: DIVISION,
        I64RemU: DIVISION,
        F32Div: DIVISION,
        F64Div: DIVISION,
        F32Sqrt: DIVISION,
        F64Sqrt: DIVISION,
        F32x4Div: DIVISION,
        F64x2Div: DIVISION,
        F32x4Sqrt: DIVISION,
        F64x2Sqrt: DIVISION,
        MemoryGrow: ENGINE,
        MemoryFill: ENGINE,
        MemoryCopy: ENGINE,
        MemoryInit: ENGINE,
        DataDrop: ENGINE,
        TableGrow: ENGINE,
        TableFill: ENGINE,
        TableCopy: ENGINE,
        TableInit: ENGINE,
        ElemDrop: ENGINE,
        ..OperatorCost::new()
    }
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
