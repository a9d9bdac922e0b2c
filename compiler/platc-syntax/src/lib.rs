//! KDL text to a lossless tree with a typed view; types, expressions and the formatter.
//!
//! Not here: what any name means. This crate knows KDL 2, `${…}` and `list<T>`; it knows no kind, no
//! field and no function.
//!
//! Start with [`parse`], which never fails, then [`Node`] to read what it gives. [`expr`] and [`types`]
//! read the two small languages that live inside of strings, [`fmt`] lays a file out anew.
//!
//! ```
//! use platc_diag::FileId;
//!
//! let text = "service api replicas=3 { env NAME=\"${self.name}\" }";
//! let parsed = platc_syntax::parse(FileId(0), text.into());
//! assert!(parsed.problems.is_empty());
//!
//! let service = parsed.tree.nodes().next().expect("there is one");
//! assert_eq!(service.name(), "service");
//! assert_eq!(service.arg(0).and_then(|value| value.text()).as_deref(), Some("api"));
//!
//! let name = service.child("env").and_then(|env| env.prop("NAME")).expect("it is written");
//! let template = name.value().template().expect("it is text").template;
//! let expr = template.single_expr().expect("it is one expression");
//! assert_eq!(expr.dotted_name(), Some(vec!["self", "name"]));
//! assert_eq!(parsed.tree.slice(expr.span), "self.name");
//! ```

mod chars;
mod errors;
pub mod expr;
pub mod fmt;
mod found;
mod lex;
mod literal;
mod lookup;
mod name;
mod outline;
mod parse;
mod source_map;
mod text;
mod token;
mod tree;
pub mod types;
mod view;

pub use literal::{is_bare, quoted};
pub use lookup::Place;
pub use name::Name;
pub use outline::{Fold, FoldKind, Highlight};
pub use parse::{Parsed, parse};
pub use source_map::SourceMap;
pub use token::{Token, TokenKind};
pub use tree::Tree;
pub use view::{Annotation, Entries, Entry, Literal, Node, NodeId, Nodes, Value, ValueKind};
