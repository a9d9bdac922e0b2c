//! What must hold for any text, however broken: for the tests here and for the fuzz targets alike.
//!
//! Not here: which texts are tried.
//!
//! Start with [`tree_holds`], [`layout_holds`], [`expressions_hold`] and [`parsers_agree`].

use std::sync::Arc;

use kdl::{KdlDocument, KdlValue};
use platc_diag::{Diagnostic, FileId, Span, limits};
use platc_syntax::expr::{Expr, ExprKind, Piece, parse_expr, parse_template};
use platc_syntax::{Literal, Nodes, Parsed, SourceMap, TokenKind, Tree, fmt, parse, types};

/// Reads a text as file 0.
pub(crate) fn read(text: &str) -> Parsed {
    parse(FileId(0), Arc::from(text))
}

/// Problems as `CODE start..end message`, one a line.
pub(crate) fn shown(problems: &[Diagnostic]) -> String {
    let line = |problem: &Diagnostic| {
        let span = problem.span();
        format!("{} {}..{} {}", problem.code().id(), span.start, span.end, problem.message())
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The tree of any text: nothing is lost, and all places are places.
pub(crate) fn tree_holds(text: &str) {
    let parsed = read(text);
    let tree = &parsed.tree;
    assert_eq!(tree.text(), text);

    // Tokens lie side by side and are the text.
    let mut at = 0;
    for token in tree.tokens() {
        assert_eq!(token.span.start, at, "{text:?}: a gap before {token:?}");
        assert!(!token.span.is_empty(), "{text:?}: {token:?} is empty");
        at = token.span.end;
    }
    assert_eq!(at as usize, text.len(), "{text:?}: the tokens end early");

    // Places are ranges of characters of the file.
    let inside = |span: Span| text.get(span.range()).is_some();
    for problem in &parsed.problems {
        assert!(inside(problem.span()), "{text:?}: {problem:?}");
        for related in problem.related_labels() {
            assert!(inside(related.span), "{text:?}: {problem:?}");
        }
        for edit in problem.fixes().iter().flat_map(|fix| &fix.edits) {
            assert!(inside(edit.span), "{text:?}: {problem:?}");
        }
    }
    assert!(parsed.problems.is_sorted_by(|a, b| a.report_order(b).is_le()), "{text:?}: in order");
    for node in tree.all_nodes() {
        assert!(inside(node.span()) && inside(node.header_span()) && inside(node.name_span()), "{text:?}");
        assert!(node.block_span().is_none_or(inside), "{text:?}");
        let _ = (node.name(), node.doc(), node.type_annotation().map(platc_syntax::Annotation::name));
        for entry in node.entries() {
            let value = entry.value();
            assert!(inside(entry.span()) && inside(value.span()), "{text:?}");
            assert!(inside(value.source_map().span()), "{text:?}");
            let _ = (entry.name(), value.decode(), value.text());
        }
        let inner = tree.node_at(node.name_span().start).map(platc_syntax::Node::id);
        assert_eq!(inner, Some(node.id()), "{text:?}: a node is found by the place of its name");
    }
    let highlights = tree.highlights();
    assert!(highlights.is_sorted_by(|a, b| a.0.end <= b.0.start), "{text:?}: colours overlap");
    let _ = tree.folds();

    // A reported mistake is the only reason for a token that is none.
    let strange = tree.tokens().any(|token| token.kind == TokenKind::Unknown);
    assert!(!strange || !parsed.problems.is_empty(), "{text:?}");
    let _ = fmt::format(tree);
}

/// The layout of any text: it says the same, keeps its comments, and is its own layout.
pub(crate) fn layout_holds(text: &str) {
    let parsed = read(text);
    let once = fmt::format(&parsed.tree);
    let again = read(&once);
    if parsed.problems.is_empty() {
        assert!(again.problems.is_empty(), "{text:?} became {once:?}: {}", shown(&again.problems));
        assert_eq!(ours(&again.tree), ours(&parsed.tree), "{text:?} became {once:?}");
        assert_eq!(comments(&again.tree), comments(&parsed.tree), "{text:?} became {once:?}");
        let twice = fmt::format(&again.tree);
        assert_eq!(twice, once, "{text:?} is laid out anew each time");
        // A string of several lines keeps its own.
        let blank = once.contains("\n\n\n") && !once.contains("\"\"\"");
        assert!(!blank, "{text:?} keeps several blank lines");
    }
    assert_eq!(visible(&once), visible(text), "{text:?} became {once:?}");
}

fn comments(tree: &Tree) -> Vec<String> {
    tree.comments().map(|token| tree.slice(token.span).trim_end().to_owned()).collect()
}

/// A text without what the formatter may change: white space, line breaks, `;` and `\`.
fn visible(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || matches!(c, ';' | '\\' | '\u{feff}');
    text.chars().filter(|c| !blank(*c)).collect()
}

pub(crate) fn straight(text: &str) -> SourceMap {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    SourceMap::straight(Span::new(FileId(0), 0, end))
}

/// Any text read as an expression, a template and a type.
pub(crate) fn expressions_hold(text: &str) {
    let parsed = parse_template(text, &straight(text));
    for problem in &parsed.problems {
        assert!(text.get(problem.span().range()).is_some(), "{text:?}: {problem:?}");
    }
    for expr in parsed.template.exprs() {
        assert!(height(expr) <= limits::EXPRESSION_NESTING);
        expr.walk(&mut |expr| assert!(text.get(expr.span.range()).is_some(), "{text:?}: {expr:?}"));
    }
    let mut end = 0;
    for piece in &parsed.template.pieces {
        let (Piece::Text { span, .. } | Piece::Expr { span, .. }) = piece;
        assert_eq!(span.start, end, "{text:?}: pieces lie side by side");
        end = span.end;
    }
    assert_eq!(end as usize, text.len(), "{text:?}");
    let bare = parse_expr(text, &straight(text));
    let clean = bare.problems.is_empty();
    bare.expr.walk(&mut |expr| assert!(!clean || expr.kind != ExprKind::Error, "{text:?}"));
    let _ = types::parse_type(text, &straight(text));
}

/// How deep a tree is.
pub(crate) fn height(expr: &Expr) -> usize {
    1 + expr.children().into_iter().map(height).max().unwrap_or(0)
}

/// Both parsers accept a text and understand the same, or both reject it; or something excuses it.
pub(crate) fn parsers_agree(text: &str) {
    if excused(text) {
        return;
    }
    let parsed = read(text);
    match text.parse::<KdlDocument>() {
        Ok(document) => {
            assert!(
                parsed.problems.is_empty(),
                "the kdl crate accepts what we reject:\n{text}\n{text:?}\n{}",
                shown(&parsed.problems)
            );
            assert_eq!(ours(&parsed.tree), theirs(&document), "understood differently:\n{text}\n{text:?}");
        }
        Err(error) => {
            let why: Vec<String> = error.diagnostics.iter().map(ToString::to_string).collect();
            assert!(
                !parsed.problems.is_empty(),
                "the kdl crate rejects what we accept:\n{text}\n{text:?}\n{why:?}"
            );
        }
    }
}

/// Whether a text shows a known fault of the `kdl` crate, or would stop it for good.
pub(crate) fn excused(text: &str) -> bool {
    // It takes exponential time in nested `/-`, and its stack overflows at some 1,300 nested blocks.
    let heavy =
        text.matches("/-").count() > 6 || text.matches('{').count() > 64 || text.matches("/*").count() > 64;
    // It allows forbidden characters in comments, and U+007F everywhere.
    let forbidden = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}' | '\u{200E}' | '\u{200F}')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    // It allows `-inf` without `#`.
    let infinite = text.replace("#-inf", "").contains("-inf");
    // It does not look at the version that a document says it is written in.
    let versioned = text.contains("kdl-version");
    // It reads `#"""text"""#` in one line as a raw string.
    let raw = text.split("#\"\"\"").skip(1).any(|rest| !rest.starts_with(char::is_whitespace));
    heavy
        || infinite
        || raw
        || versioned
        || text.trim_start_matches('\u{FEFF}').contains(forbidden)
        || has_odd_slashdash(text)
}

/// What it gets wrong around `/-`: it wants a space before it, as the specification did before version
/// 2.1; it lets anything follow a block; it takes `/-` before `/-`; it wants no `;` behind the first node if
/// that is commented out, and there it lets a keyword run on into a word.
fn has_odd_slashdash(text: &str) -> bool {
    if !text.contains("/-") {
        return false;
    }
    let tight = text.match_indices("/-").any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_some_and(|c| !c.is_whitespace() && !"{;".contains(c))
    });
    let behind_block = text.match_indices('}').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches(|c: char| {
            c.is_whitespace() && !"\n\r\u{B}\u{C}\u{85}\u{2028}\u{2029}".contains(c)
        });
        rest.starts_with(|c: char| !c.is_whitespace() && !"};".contains(c))
    });
    let twice = text.split("/-").skip(1).any(|rest| rest.trim().is_empty()) && text.matches("/-").count() > 1;
    let keywords = ["#true", "#false", "#null", "#inf", "#nan"];
    let runs_on = keywords.iter().any(|keyword| {
        text.split(keyword)
            .skip(1)
            .any(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)))
    });
    tight || behind_block || twice || runs_on || text.contains(';')
}

/// What a document says, without how it is written: the same for both parsers.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Model {
    pub(crate) nodes: Vec<ModelNode>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ModelNode {
    pub(crate) annotation: Option<String>,
    pub(crate) name: String,
    pub(crate) entries: Vec<ModelEntry>,
    pub(crate) children: Vec<ModelNode>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ModelEntry {
    pub(crate) annotation: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) value: ModelValue,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ModelValue {
    Null,
    Bool(bool),
    Int(i128),
    /// By its bits, so that `#nan` equals itself.
    Float(u64),
    Text(String),
    Bad,
}

/// What our parser understood.
pub(crate) fn ours(tree: &Tree) -> Model {
    Model { nodes: our_nodes(tree.nodes()) }
}

fn our_nodes(nodes: Nodes<'_>) -> Vec<ModelNode> {
    let node = |node: platc_syntax::Node<'_>| ModelNode {
        annotation: node.type_annotation().map(|annotation| annotation.name().into_owned()),
        name: node.name().into_owned(),
        entries: node.entries().map(our_entry).collect(),
        children: our_nodes(node.children()),
    };
    nodes.map(node).collect()
}

fn our_entry(entry: platc_syntax::Entry<'_>) -> ModelEntry {
    ModelEntry {
        annotation: entry.value().type_annotation().map(|annotation| annotation.name().into_owned()),
        name: entry.name().map(std::borrow::Cow::into_owned),
        value: match entry.value().decode() {
            Literal::Null => ModelValue::Null,
            Literal::Bool(value) => ModelValue::Bool(value),
            Literal::Int(value) => ModelValue::Int(value),
            Literal::Float(value) => ModelValue::Float(bits(value)),
            Literal::Str(text) => ModelValue::Text(text.into_owned()),
            Literal::Bad => ModelValue::Bad,
        },
    }
}

/// What the `kdl` crate understood.
pub(crate) fn theirs(document: &KdlDocument) -> Model {
    let node = |node: &kdl::KdlNode| ModelNode {
        annotation: node.ty().map(|ty| ty.value().to_owned()),
        name: node.name().value().to_owned(),
        entries: node.entries().iter().map(their_entry).collect(),
        children: node.children().map_or_else(Vec::new, |children| theirs(children).nodes),
    };
    Model { nodes: document.nodes().iter().map(node).collect() }
}

fn their_entry(entry: &kdl::KdlEntry) -> ModelEntry {
    ModelEntry {
        annotation: entry.ty().map(|ty| ty.value().to_owned()),
        name: entry.name().map(|name| name.value().to_owned()),
        value: match entry.value() {
            KdlValue::Null => ModelValue::Null,
            KdlValue::Bool(value) => ModelValue::Bool(*value),
            KdlValue::Integer(value) => ModelValue::Int(*value),
            KdlValue::Float(value) => ModelValue::Float(bits(*value)),
            KdlValue::String(text) => ModelValue::Text(text.clone()),
        },
    }
}

fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}
