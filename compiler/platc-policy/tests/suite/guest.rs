//! Policies in WebAssembly's text format: a core module whose memory a test lays out byte by byte, so that
//! it can hand over anything at all.
//!
//! Start with [`Guest`].

use std::fmt::Write as _;

use wit_parser::Resolve;

/// The contract, as plugins see it.
pub(crate) const WIT: &str = include_str!("../../../../plugins/wit/v0.1/policy.wit");

/// Where the laid out part of memory begins.
const BASE: u32 = 1024;
/// Where memory begins that the host may fill: behind everything that is laid out.
const HEAP: u32 = 15 << 16;

/// A policy in the making. Each body is the text of a function.
pub(crate) struct Guest {
    /// Memory from [`BASE`].
    memory: Vec<u8>,
    /// Imports, globals, tables, further functions.
    pub(crate) extra: String,
    /// Gives the address of a metadata record.
    describe: String,
    /// Gives the address of a result.
    pub(crate) configure: String,
    /// Gives the address of a result; local 0 is the phase.
    pub(crate) validate: String,
    /// Gives the address of a result.
    pub(crate) mutate: String,
}

/// A finding as the contract lays it out. `rule`, `message` and `path` are addresses and lengths.
#[derive(Clone, Copy)]
pub(crate) struct RawFinding {
    pub(crate) rule: (u32, u32),
    pub(crate) severity: u8,
    pub(crate) message: (u32, u32),
    pub(crate) node: u32,
    pub(crate) path: (u32, u32),
    pub(crate) fixes: (u32, u32),
}

/// A patch in words.
#[derive(Clone, Copy)]
pub(crate) struct RawPatch<'a> {
    pub(crate) op: u8,
    pub(crate) node: u32,
    pub(crate) path: &'a str,
    pub(crate) value: Option<&'a str>,
    pub(crate) expect: Option<&'a str>,
    pub(crate) rule: &'a str,
}

/// `set`, `remove` and `append` as the contract numbers them.
pub(crate) const SET: u8 = 0;
pub(crate) const REMOVE: u8 = 1;
pub(crate) const APPEND: u8 = 2;

impl Guest {
    /// A policy with the rule `r` for both phases that also mutates, takes any settings and finds nothing.
    pub(crate) fn new() -> Self {
        Self::describing("r", "{}")
    }

    /// The same with another rule and schema.
    pub(crate) fn describing(rule: &str, schema: &str) -> Self {
        let mut guest = Self {
            memory: Vec::new(),
            extra: String::new(),
            describe: String::new(),
            configure: String::new(),
            validate: String::new(),
            mutate: String::new(),
        };
        let metadata = guest.metadata(rule, schema);
        let nothing = guest.list(0, 0, 0);
        guest.describe = format!("(i32.const {metadata})");
        guest.configure = format!("(i32.const {nothing})");
        guest.validate = format!("(i32.const {nothing})");
        guest.mutate = format!("(i32.const {nothing})");
        guest
    }

    /// The file: a core module as it is.
    pub(crate) fn module(&self) -> Vec<u8> {
        wat::parse_str(self.text("0.1.0")).expect("the text is valid")
    }

    /// The file: a core module that describes the contract that it was made for, as SDKs make them.
    pub(crate) fn module_of(&self, wit: &str) -> Vec<u8> {
        let version = wit.split_once("package platc:policy@").and_then(|(_, rest)| rest.split_once(';'));
        let version = version.expect("a contract has a version").0;
        let mut module = wat::parse_str(self.text(version)).expect("the text is valid");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("policy.wit", wit).expect("the contract is valid");
        let world = resolve.select_world(&[package], Some("policy")).expect("it has a world");
        wit_component::embed_component_metadata(
            &mut module,
            &resolve,
            world,
            wit_component::StringEncoding::UTF8,
        )
        .expect("the contract can be embedded");
        module
    }

    /// The file: a component.
    pub(crate) fn component_of(&self, wit: &str) -> Vec<u8> {
        let encoder = wit_component::ComponentEncoder::default().module(&self.module_of(wit));
        encoder.expect("the module carries a contract").encode().expect("it can be wrapped")
    }

    fn text(&self, version: &str) -> String {
        let Self { memory, extra, describe, configure, validate, mutate } = self;
        assert!(BASE as usize + memory.len() < HEAP as usize, "the heap begins behind what is laid out");
        let memory = memory.iter().fold(String::new(), |mut text, byte| {
            write!(text, "\\{byte:02x}").expect("a string can be written");
            text
        });
        format!(
            r#"(module
                {extra}
                (memory (export "memory") 16)
                (global $heap (mut i32) (i32.const {HEAP}))
                (data (i32.const {BASE}) "{memory}")
                (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
                    (local $at i32)
                    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                    (global.set $heap (i32.add (local.get $at) (local.get $size)))
                    (local.get $at))
                (func (export "platc:policy/guest@{version}#describe") (result i32) {describe})
                (func (export "platc:policy/guest@{version}#configure") (param i32 i32) (result i32) {configure})
                (func (export "platc:policy/guest@{version}#validate") (param i32) (result i32) {validate})
                (func (export "platc:policy/guest@{version}#mutate") (result i32) {mutate}))"#
        )
    }

    /// Hands over these findings.
    pub(crate) fn findings(&mut self, findings: &[RawFinding]) {
        let begin = self.align();
        for finding in findings {
            self.finding(finding);
        }
        let list = self.list(0, begin, findings.len().try_into().expect("few findings"));
        self.validate = format!("(i32.const {list})");
    }

    /// Hands over these patches.
    pub(crate) fn patches(&mut self, patches: &[RawPatch<'_>]) {
        let (begin, n) = self.patch_list(patches);
        let list = self.list(0, begin, n);
        self.mutate = format!("(i32.const {list})");
    }

    /// Says why it does not take a setting.
    pub(crate) fn refuses(&mut self, path: &str, message: &str) {
        let (path, message) = (self.str(path), self.str(message));
        let begin = self.align();
        self.pair(path);
        self.pair(message);
        let list = self.list(1, begin, 1);
        self.configure = format!("(i32.const {list})");
    }

    /// Says that it cannot judge.
    pub(crate) fn gives_up(&mut self, message: &str) {
        let (at, length) = self.str(message);
        let result = self.list(1, at, length);
        self.validate = format!("(i32.const {result})");
    }

    /// A finding of the rule `r` at a node.
    pub(crate) fn at(&mut self, node: u32, path: &str, message: &str) -> RawFinding {
        let (rule, message, path) = (self.str("r"), self.str(message), self.str(path));
        RawFinding { rule, severity: 0, message, node, path, fixes: (0, 0) }
    }

    /// A text in memory: address and length.
    pub(crate) fn str(&mut self, text: &str) -> (u32, u32) {
        self.bytes(text.as_bytes())
    }

    /// Bytes in memory: address and length.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> (u32, u32) {
        let at = self.here();
        self.memory.extend_from_slice(bytes);
        (at, bytes.len().try_into().expect("few bytes"))
    }

    /// Numbers in memory: their address.
    pub(crate) fn words(&mut self, words: &[u32]) -> u32 {
        let at = self.align();
        for word in words {
            self.u32(*word);
        }
        at
    }

    /// A list of patches: address and length.
    pub(crate) fn patch_list(&mut self, patches: &[RawPatch<'_>]) -> (u32, u32) {
        let texts: Vec<_> = patches
            .iter()
            .map(|patch| {
                let value = patch.value.map(|value| self.str(value));
                let expect = patch.expect.map(|value| self.str(value));
                (self.str(patch.path), value, expect, self.str(patch.rule), self.str("because"))
            })
            .collect();
        let begin = self.align();
        for (patch, (path, value, expect, rule, reason)) in patches.iter().zip(texts) {
            self.u32(patch.op.into());
            self.u32(patch.node);
            self.pair(path);
            self.option(None);
            self.option(value);
            self.option(expect);
            self.pair(rule);
            self.pair(reason);
        }
        (begin, patches.len().try_into().expect("few patches"))
    }

    fn metadata(&mut self, rule: &str, schema: &str) -> u32 {
        let (rule, summary, kind) = (self.str(rule), self.str("a rule"), self.str("service"));
        let (name, version, schema) = (self.str("hostile"), self.str("1.0.0"), self.str(schema));
        let phases = self.bytes(&[0, 1]);
        let kinds = self.align();
        self.pair(kind);
        let rules = self.align();
        self.pair(rule);
        self.u32(0);
        self.pair(summary);
        self.pair(phases);
        self.pair((kinds, 1));
        self.u32(1);
        let metadata = self.align();
        self.pair(name);
        self.pair(version);
        self.pair((rules, 1));
        self.pair(schema);
        self.option(None);
        metadata
    }

    fn finding(&mut self, finding: &RawFinding) {
        self.pair(finding.rule);
        self.u32(finding.severity.into());
        self.pair(finding.message);
        self.u32(finding.node);
        self.pair(finding.path);
        self.option(None);
        self.pair((0, 0));
        self.option(None);
        self.pair(finding.fixes);
        self.option(None);
    }

    /// A `result` of a list, or of a text: its case, an address and a length.
    fn list(&mut self, case: u32, at: u32, length: u32) -> u32 {
        let here = self.align();
        self.u32(case);
        self.pair((at, length));
        here
    }

    fn option(&mut self, text: Option<(u32, u32)>) {
        self.u32(text.is_some().into());
        self.pair(text.unwrap_or_default());
    }

    fn pair(&mut self, (a, b): (u32, u32)) {
        self.u32(a);
        self.u32(b);
    }

    fn u32(&mut self, number: u32) {
        self.memory.extend_from_slice(&number.to_le_bytes());
    }

    fn here(&self) -> u32 {
        BASE + u32::try_from(self.memory.len()).expect("little memory")
    }

    fn align(&mut self) -> u32 {
        while !self.here().is_multiple_of(4) {
            self.memory.push(0);
        }
        self.here()
    }
}
