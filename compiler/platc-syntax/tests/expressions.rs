//! Expressions and templates: what belongs to what, where it stands, and what is said of mistakes.
//!
//! Not here: what expressions are worth, which no part of this crate knows.
//!
//! Start with `PRECEDENCE`, then `MISTAKES`.

use platc_diag::{Problems, limits};
use platc_syntax::expr::{
    Expr, ExprKind, ParsedExpr, ParsedTemplate, Piece, has_expression, parse_expr, parse_template,
};
use proptest::prelude::*;

use crate::common::{INPUTS, sound};
use crate::promises::{expressions_hold, height, straight};

fn bare(text: &str) -> ParsedExpr {
    parse_expr(text, &straight(text))
}

fn template(text: &str) -> ParsedTemplate {
    parse_template(text, &straight(text))
}

/// An expression with all its parentheses.
fn spelled(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(spelled).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Field { base, name } => format!("{}.{}", spelled(base), name.text),
        ExprKind::Index { base, index } => format!("{}[{}]", spelled(base), spelled(index)),
        ExprKind::Call { callee, arguments, .. } => format!("{}({})", spelled(callee), list(arguments)),
        ExprKind::Unary { op, operand } => format!("({}{})", op.sign(), spelled(operand)),
        ExprKind::Binary { op, left, right, .. } => {
            format!("({} {} {})", spelled(left), op.sign(), spelled(right))
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            format!("({} ? {} : {})", spelled(condition), spelled(then), spelled(otherwise))
        }
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Comprehension { element, variable, list, condition } => {
            let condition = condition.as_ref().map_or(String::new(), |expr| format!(" if {}", spelled(expr)));
            format!("[{} for {} in {}{condition}]", spelled(element), variable.text, spelled(list))
        }
        ExprKind::Error => "?".to_owned(),
    }
}

fn shown(problems: &Problems) -> String {
    problems.iter().map(|p| format!("{:?} {}", p.span(), p.message())).collect::<Vec<_>>().join("\n")
}

#[rustfmt::skip]
const PRECEDENCE: &[(&str, &str)] = &[
    ("1", "1"),
    ("1_000", "1000"),
    ("1.5", "1.5"),
    ("2e3", "2000.0"),
    ("null", "null"),
    ("true", "true"),
    ("'it\\'s \\\\ \\n\\t \"fine\"'", "\"it's \\\\ \\n\\t \\\"fine\\\"\""),
    ("a", "a"),
    ("a-m1", "a-m1"),
    ("a_b--c", "a_b--c"),
    ("größe", "größe"),
    ("kafka.broker", "kafka.broker"),
    ("kafka.in('dc-b').broker", "kafka.in(\"dc-b\").broker"),
    ("secret.database[self.name]", "secret.database[self.name]"),
    ("xs[0][1].a(b)(c)", "xs[0][1].a(b)(c)"),
    ("x.if.for.null", "x.if.for.null"),
    ("f()", "f()"),
    ("f(a, b,)", "f(a, b)"),
    ("- a", "(-a)"),
    ("-1", "(-1)"),
    ("!a.b", "(!a.b)"),
    ("!-a", "(!(-a))"),
    ("1 + 2 * 3", "(1 + (2 * 3))"),
    ("1 * 2 + 3", "((1 * 2) + 3)"),
    ("1 - 2 - 3", "((1 - 2) - 3)"),
    ("a / b % c", "((a / b) % c)"),
    ("-a * b", "((-a) * b)"),
    ("a - -b", "(a - (-b))"),
    ("(1 + 2) * 3", "((1 + 2) * 3)"),
    ("a + 1 < b", "((a + 1) < b)"),
    ("a < b == (c >= d)", "((a < b) == (c >= d))"),
    ("a == b && c != d || e", "(((a == b) && (c != d)) || e)"),
    ("a || b && c", "(a || (b && c))"),
    ("!a && b", "((!a) && b)"),
    ("a ? b : c", "(a ? b : c)"),
    ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
    ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
    ("a || b ? c + 1 : d", "((a || b) ? (c + 1) : d)"),
    ("[]", "[]"),
    ("[1, 'a', [b],]", "[1, \"a\", [b]]"),
    ("[v.memory for v in xs]", "[v.memory for v in xs]"),
    ("[f(x) for x in xs if x > 1 && y]", "[f(x) for x in xs if ((x > 1) && y)]"),
    ("[x ? a : b for x in [1, 2]]", "[(x ? a : b) for x in [1, 2]]"),
    ("[[y for y in x] for x in xs]", "[[y for y in x] for x in xs]"),
    ("len(xs) == 3", "(len(xs) == 3)"),
    (" \n a\t+\n  b ", "(a + b)"),
];

#[test]
fn what_belongs_to_what() {
    for (text, expected) in PRECEDENCE {
        let parsed = bare(text);
        // `(a < b) == c` and `f(…)(c)` are readable, and frowned upon.
        let frowned = ["a < b == (c >= d)", "xs[0][1].a(b)(c)"];
        if !frowned.contains(text) {
            assert!(parsed.problems.is_empty(), "{text}: {}", shown(&parsed.problems));
        }
        assert_eq!(spelled(&parsed.expr), *expected, "{text}");
        let in_template = template(&format!("${{{text}}}"));
        assert_eq!(in_template.template.single_expr().map(spelled).as_deref(), Some(*expected), "{text}");
    }
}

/// A text, what the one problem points at, and what is understood all the same.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str)] = &[
    ("", "", "?"),
    ("a +", "", "(a + ?)"),
    ("+ a", "+", "(? + a)"),
    ("a + * b", "*", "(a + (? * b))"),
    ("kafka.", "", "kafka."),
    ("a..b", ".", "a..b"),
    ("a b", "b", "a"),
    ("a and b", "and", "a"),
    ("f(a b)", "b", "f(a)"),
    ("f(a", "", "f(a)"),
    ("f(,)", ",", "f(?)"),
    ("f(a,,b)", ",", "f(a, ?, b)"),
    ("(a", "", "a"),
    ("a)", ")", "a"),
    ("[a", "", "[a]"),
    ("[a, b", "", "[a, b]"),
    ("xs[", "", "xs[?]"),
    ("xs[]", "]", "xs[?]"),
    ("a ? b", "", "(a ? b : ?)"),
    ("a ? : b", ":", "(a ? ? : b)"),
    ("a -b", "-", "(a - b)"),
    ("a- b", "-", "(a - b)"),
    ("5-3", "-", "(5 - 3)"),
    ("a < b < c", "<", "((a < b) < c)"),
    ("500m", "500m", "?"),
    ("99999999999999999999999999999999999999999", "99999999999999999999999999999999999999999", "?"),
    ("'text", "'", "\"text\""),
    ("'a\\qb'", "\\q", "\"aqb\""),
    ("\"a\" + b", "\"a\"", "(\"a\" + b)"),
    ("a = b", "=", "a"),
    ("a === b", "===", "a"),
    ("a & b", "&", "a"),
    ("#true", "#", "?"),
    ("a ${b}", "$", "a"),
    ("(a + 1)(b)", "a + 1", "(a + 1)(b)"),
    ("1(b)", "1", "1(b)"),
    ("[for x in xs]", "for", "[? for x in xs]"),
    ("[x for in xs]", "in", "[x for  in xs]"),
    ("[x for x xs]", "xs", "[x for x in xs]"),
    ("[x for x in ]", "]", "[x for x in ?]"),
    ("[x for x in xs if ]", "]", "[x for x in xs if ?]"),
    ("[x, y for z in xs]", "[x, y for", "[x for z in xs]"),
    ("if", "if", "?"),
    ("a @ b", "@", "a"),
    ("🦀", "🦀", "?"),
];

#[test]
fn each_mistake_is_one_problem_at_its_place() {
    let mut wrong = Vec::new();
    for (text, at, understood) in MISTAKES {
        let parsed = bare(text);
        assert_eq!(parsed.problems.len(), 1, "{text}: {}", shown(&parsed.problems));
        let problem = &parsed.problems[0];
        let found = (&text[problem.span().range()], spelled(&parsed.expr));
        if found != (*at, (*understood).to_owned()) {
            wrong.push(format!("{text}: {found:?} {}", problem.message()));
        }
        assert_eq!(problem.code().id(), "E0111");
        assert!(!problem.message().ends_with('.') && problem.message().len() > 10);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_missing_piece_is_where_it_would_be_typed() {
    let parsed = template("${kafka.}");
    let ExprKind::Field { base, name } = &parsed.template.single_expr().unwrap().kind else {
        panic!("a field")
    };
    assert_eq!(spelled(base), "kafka");
    assert_eq!((name.text.as_str(), name.span.start, name.span.end), ("", 8, 8));
    let parsed = template("x ${kafka.in('dc-b'). + 1} y");
    assert_eq!(parsed.problems.len(), 1, "{}", shown(&parsed.problems));
    let Some(Piece::Expr { expr, .. }) = parsed.template.pieces.get(1) else { panic!("an expression") };
    assert_eq!(spelled(expr), "(kafka.in(\"dc-b\"). + 1)");
    assert_eq!(expr.at(21).last().map(|expr| spelled(expr)).as_deref(), Some("kafka.in(\"dc-b\")."));
    assert_eq!(expr.at(6).last().map(|expr| spelled(expr)).as_deref(), Some("kafka"));
}

#[test]
fn templates_are_taken_apart() {
    let pieces = |text: &str| -> Vec<String> {
        let parsed = template(text);
        assert!(parsed.problems.is_empty(), "{text}: {}", shown(&parsed.problems));
        let piece = |piece: &Piece| match piece {
            Piece::Text { text, .. } => format!("{text:?}"),
            Piece::Expr { expr, span } => format!("{} at {}..{}", spelled(expr), span.start, span.end),
        };
        parsed.template.pieces.iter().map(piece).collect()
    };
    assert_eq!(pieces(""), [""; 0]);
    assert_eq!(pieces("plain $ {text} $1"), ["\"plain $ {text} $1\""]);
    assert_eq!(pieces("${a}"), ["a at 0..4"]);
    assert_eq!(pieces("x${a}${b}y"), ["\"x\"", "a at 1..5", "b at 5..9", "\"y\""]);
    assert_eq!(pieces("$${a} $$${b}"), ["\"${a} $${b}\""]);
    assert_eq!(pieces("${'}'}$"), ["\"}\" at 0..6", "\"$\""]);
    assert_eq!(pieces("${'$'}{x}"), ["\"$\" at 0..6", "\"{x}\""]);

    assert!(template("${a}").template.is_single_expr());
    assert!(!template("${a} ").template.is_single_expr());
    assert_eq!(template("").template.literal(), Some(""));
    assert_eq!(template("$${").template.literal(), Some("${"));
    assert_eq!(template("${a}").template.literal(), None);
    assert_eq!(template("${a}-${b}").template.exprs().count(), 2);
    assert!(has_expression("a${b}") && !has_expression("a$b {"));
}

#[test]
fn mistakes_in_a_template_leave_the_rest_alone() {
    for (text, at, pieces) in [
        ("a ${} b", "${}", 3),
        ("a ${b", "${", 2),
        ("a ${", "${", 2),
        ("a ${b ${c} d", "${", 4),
        ("${a +} ${b}", "", 3),
        ("${'a} ${b}", "'", 3),
        ("${a}} ${b", "${", 3),
        ("${{a}}", "{", 2),
        ("${a ? \"x\" : b} ${c}", "\"x\"", 3),
    ] {
        let parsed = template(text);
        assert_eq!(parsed.problems.len(), 1, "{text}: {}", shown(&parsed.problems));
        assert_eq!(&text[parsed.problems[0].span().range()], at, "{text}");
        assert_eq!(parsed.template.pieces.len(), pieces, "{text}: {:?}", parsed.template.pieces);
    }
}

#[test]
fn places_are_those_of_the_file() {
    let tree = sound("check \"a\\u{20}&& b\" \"\"\"\n    x ${kafka.\\\n    broker} ${d}\n    \"\"\"");
    let node = tree.nodes().next().unwrap();
    let check = node.arg(0).unwrap();
    let parsed = parse_expr(&check.text().unwrap(), &check.source_map());
    let ExprKind::Binary { op_span, left, right, .. } = &parsed.expr.kind else { panic!("a && b") };
    assert_eq!(tree.slice(*op_span), "&&");
    assert_eq!((tree.slice(left.span), tree.slice(right.span)), ("a", "b"));
    assert_eq!(tree.slice(parsed.expr.span), "a\\u{20}&& b");

    let text = node.arg(1).unwrap();
    let parsed = parse_template(&text.text().unwrap(), &text.source_map());
    let exprs: Vec<_> = parsed.template.exprs().map(|expr| tree.slice(expr.span)).collect();
    assert_eq!(exprs, ["kafka.\\\n    broker", "d"]);
    let Some(Piece::Expr { span, .. }) = parsed.template.pieces.last() else { panic!("ends in ${{d}}") };
    assert_eq!(tree.slice(*span), "${d}");
}

#[test]
fn spans_hold_their_children() {
    for text in PRECEDENCE.iter().map(|(text, _)| *text).chain(MISTAKES.iter().map(|(text, ..)| *text)) {
        bare(text).expr.walk(&mut |expr| {
            assert!(text.get(expr.span.range()).is_some(), "{text}");
            for child in expr.children() {
                let inside = expr.span.start <= child.span.start && child.span.end <= expr.span.end;
                assert!(inside || matches!(child.kind, ExprKind::Error), "{text}: {child:?} in {expr:?}");
            }
        });
    }
}

#[test]
fn dotted_names_are_recognised() {
    let names = |text: &str| bare(text).expr.dotted_name().map(|names| names.join("/"));
    assert_eq!(names("kafka.broker").as_deref(), Some("kafka/broker"));
    assert_eq!(names("kafka.").as_deref(), Some("kafka/"));
    assert_eq!(names("f(x).y"), None);
}

#[test]
fn no_tree_is_deeper_than_the_limit() {
    let limit = limits::EXPRESSION_NESTING;
    let parens = |count: usize| format!("{}a{}", "(".repeat(count), ")".repeat(count));
    let lists = |count: usize| format!("{}a{}", "[".repeat(count), "]".repeat(count));
    let sums = |count: usize| format!("a{}", " + a".repeat(count));
    let fields = |count: usize| format!("a{}", ".a".repeat(count));
    let signs = |count: usize| format!("{}a", "!".repeat(count));
    let choices = |count: usize| format!("{}a", "a ? a : ".repeat(count));
    let shapes: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("parentheses", &parens),
        ("lists", &lists),
        ("sums", &sums),
        ("fields", &fields),
        ("signs", &signs),
        ("choices", &choices),
    ];
    for (name, shape) in shapes {
        let at = bare(&shape(limit - 1));
        assert!(at.problems.is_empty(), "{name}: {}", shown(&at.problems));
        let above = bare(&shape(limit));
        let codes: Vec<_> = above.problems.iter().map(|problem| problem.code().id()).collect();
        assert_eq!(codes, ["E0107"], "{name}");
        for count in [limit - 1, limit, limit + 1, 300] {
            assert!(height(&bare(&shape(count)).expr) <= limit, "{name}: {count}");
        }
    }
}

#[test]
fn expressions_are_as_long_as_the_limit() {
    let list = |bytes: usize| format!("[{}]", " ".repeat(bytes - 2));
    assert!(bare(&list(limits::EXPRESSION_BYTES)).problems.is_empty());
    let above = bare(&list(limits::EXPRESSION_BYTES + 1));
    assert_eq!(above.problems.len(), 1);
    assert_eq!(above.problems[0].code().id(), "E0113");
    let long = format!("${{{}}} ${{b}}", list(limits::EXPRESSION_BYTES + 1));
    let parsed = template(&long);
    assert_eq!(parsed.problems.len(), 1, "{}", shown(&parsed.problems));
    assert_eq!(parsed.template.exprs().map(spelled).collect::<Vec<_>>(), ["?", "b"]);
}

#[test]
fn long_templates_are_read_in_linear_time() {
    for part in ["${", "${a}", "${'", "${'\\'}", "$", "$${", "${\"", "${a ", "}", "${}", "${(", "${a.b + 1}x"]
    {
        let text = part.repeat(50_000);
        let parsed = template(&text);
        assert!(parsed.template.pieces.len() <= text.len());
    }
}

#[test]
fn every_prefix_of_every_expression() {
    for text in PRECEDENCE.iter().map(|(text, _)| *text).chain(MISTAKES.iter().map(|(text, ..)| *text)) {
        for (end, _) in text.char_indices() {
            expressions_hold(&text[..end]);
            expressions_hold(&format!("a ${{{}", &text[..end]));
            expressions_hold(&format!("a ${{{}}} b ${{c}}", &text[..end]));
        }
    }
    for text in INPUTS {
        for value in sound(text).all_nodes().flat_map(platc_syntax::Node::args) {
            if let Some(text) = value.text() {
                expressions_hold(&text);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(5), cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_at_all(text in any::<String>()) {
        expressions_hold(&text);
    }

    #[test]
    fn any_text_made_of_what_means_something(parts in prop::collection::vec(prop::sample::select(vec![
        "a", "b-c", "1", "2.5", "'x'", "'", "\\", "\"", ".", ",", "(", ")", "[", "]", "{", "}", "${", "$${", "$", " ", "  ",
        " + ", "-", " - ", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "!", "?", ":", " for ", " in ", " if ",
        "null", "true", "#", "=", "é", "🦀", "\n", "list<", "|",
    ]), 0..30)) {
        expressions_hold(&parts.concat());
    }
}
