//! Looks at a policy's file before anything of it is compiled: is it WebAssembly, is it whole, does it
//! speak our contract, does it ask for nothing else.
//!
//! Not here: whether its code is valid and the types behind the names fit; the compiler and the linker
//! say so ([`crate::plugin`]).
//!
//! Start with [`inspect`].

use platc_diag::limits;
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload};

use crate::contract;

/// What a sound file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A component.
    Component,
    /// A core module with the contract's names, to be wrapped.
    CoreModule {
        /// The version that its names are of.
        version: String,
    },
}

/// Why a file is no policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// Larger than a policy may be.
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No WebAssembly, but something else.
    NotWasm {
        /// What it looks like.
        looks_like: &'static str,
    },
    /// It ends too early.
    CutShort {
        /// Its size.
        bytes: usize,
    },
    /// It is not valid.
    Damaged {
        /// What the compiler says.
        reason: String,
    },
    /// It asks for what we do not offer.
    Import {
        /// The import's name.
        name: String,
    },
    /// It was built for something else.
    OtherContract {
        /// In what way.
        reason: String,
    },
}

/// What a file imports and exports at its outermost level.
#[derive(Default)]
pub(crate) struct Surface {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// Tells a policy from everything else by its structure.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Form, Refusal> {
    if bytes.len() > limits::POLICY_FILE_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    let encoding = encoding(bytes)?;
    let surface = surface(bytes)?;
    // Foreign imports first: they tell more of where a file comes from than what it lacks.
    for import in &surface.imports {
        offered(import)?;
    }
    match encoding {
        Encoding::Component => spoken(&surface.exports, Some).map(|_| Form::Component),
        // A core module exports functions: `platc:policy/guest@0.1.0#describe`.
        Encoding::Module => {
            let version =
                spoken(&surface.exports, |name| name.split_once('#').map(|(interface, _)| interface))?;
            Ok(Form::CoreModule { version: version.to_owned() })
        }
    }
}

const MAGIC: &[u8] = b"\0asm";

fn encoding(bytes: &[u8]) -> Result<Encoding, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::NotWasm { looks_like: "an empty file" });
    }
    if MAGIC.starts_with(bytes) {
        return Err(Refusal::CutShort { bytes: bytes.len() });
    }
    if !bytes.starts_with(MAGIC) {
        return Err(Refusal::NotWasm { looks_like: looks_like(bytes) });
    }
    if Parser::is_component(bytes) {
        return Ok(Encoding::Component);
    }
    if Parser::is_core_wasm(bytes) {
        return Ok(Encoding::Module);
    }
    if bytes.len() < 8 {
        return Err(Refusal::CutShort { bytes: bytes.len() });
    }
    Err(Refusal::Damaged { reason: "it is of a version of WebAssembly that this platc does not know".into() })
}

fn looks_like(bytes: &[u8]) -> &'static str {
    let text = std::str::from_utf8(bytes.get(..bytes.len().min(512)).unwrap_or(bytes)).ok();
    match bytes {
        [0x7f, b'E', b'L', b'F', ..] => "machine code for a processor, which platc never runs",
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => "a compressed file",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        _ => match text.map(str::trim_start) {
            Some(text) if text.starts_with('(') => "WebAssembly's text format, which must be compiled first",
            Some(_) => "text",
            None => "something else",
        },
    }
}

/// Reads imports and exports.
pub(crate) fn surface(bytes: &[u8]) -> Result<Surface, Refusal> {
    let mut surface = Surface::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| broken(bytes, &error))?;
        match payload {
            Payload::Version { encoding: Encoding::Module | Encoding::Component, .. } => {}
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            outermost => read(&outermost, &mut surface).map_err(|error| broken(bytes, &error))?,
        }
    }
    Ok(surface)
}

fn read(payload: &Payload<'_>, surface: &mut Surface) -> Result<(), BinaryReaderError> {
    match payload {
        Payload::ImportSection(section) => {
            for import in section.clone().into_imports() {
                let import = import?;
                surface.imports.push(format!("{}/{}", import.module, import.name));
            }
        }
        Payload::ExportSection(section) => {
            for export in section.clone() {
                surface.exports.push(export?.name.to_owned());
            }
        }
        Payload::ComponentImportSection(section) => {
            for import in section.clone() {
                surface.imports.push(import?.name.name.to_owned());
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section.clone() {
                surface.exports.push(export?.name.name.to_owned());
            }
        }
        _ => {}
    }
    Ok(())
}

fn broken(bytes: &[u8], error: &BinaryReaderError) -> Refusal {
    // The parser knows that it ran out of bytes, but does not say so in a type.
    if error.message().contains("unexpected end") {
        return Refusal::CutShort { bytes: bytes.len() };
    }
    Refusal::Damaged { reason: error.to_string() }
}

fn offered(import: &str) -> Result<(), Refusal> {
    // A core module names interface and function: `platc:policy/model@0.1.0/select`; `[export]` marks what
    // the wrapper provides for the module's own exports.
    let name = import.strip_prefix("[export]").unwrap_or(import);
    let Some(rest) = name.strip_prefix(contract::PACKAGE).and_then(|rest| rest.strip_prefix('/')) else {
        return Err(Refusal::Import { name: import.to_owned() });
    };
    let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
    let version = version.split('/').next().unwrap_or(version);
    if !contract::understands(version) {
        return Err(other_version(version));
    }
    if interface != contract::GUEST && !contract::OFFERED.contains(&interface) {
        return Err(Refusal::Import { name: import.to_owned() });
    }
    Ok(())
}

/// The version of the contract that is spoken, of those that are understood.
fn spoken<'a>(
    exports: &'a [String],
    interface: impl Fn(&'a str) -> Option<&'a str>,
) -> Result<&'a str, Refusal> {
    let guest = format!("{}/{}@", contract::PACKAGE, contract::GUEST);
    let mut versions = exports.iter().filter_map(|name| interface(name)?.strip_prefix(&guest)).peekable();
    let Some(first) = versions.peek().copied() else {
        let listed = exports.iter().take(4).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let has =
            if listed.is_empty() { "it exports nothing".into() } else { format!("it exports {listed}") };
        let reason = format!("{has}, and no `{}/{}`", contract::PACKAGE, contract::GUEST);
        return Err(Refusal::OtherContract { reason });
    };
    versions.find(|version| contract::understands(version)).ok_or_else(|| other_version(first))
}

fn other_version(version: &str) -> Refusal {
    let reason = format!(
        "it speaks version {version} of `{}`, and this platc knows {}",
        contract::PACKAGE,
        contract::VERSIONS
    );
    Refusal::OtherContract { reason }
}
