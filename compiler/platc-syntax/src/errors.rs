//! Every message of this crate, one named constructor for each.
//!
//! Not here: when they are said. Where one code has several constructors, its page speaks of all.
//!
//! Start anywhere; the order is that of the phases: text and tokens, nodes, expressions, types. The
//! author's text is cut where it is long, because it may be the whole file.

use platc_diag::codes::{E0102, E0103, E0104, E0105, E0106, E0107, E0108, E0109, E0110, E0111, E0112, E0113};
use platc_diag::{Diagnostic, Edit, FileId, Fix, Safety, Span, limits};

use crate::chars::is_newline;
use crate::literal::quoted;
use crate::token::TokenKind;

/// Longest text of the author's that a message repeats, in characters.
const SHOWN: usize = 40;

fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    if line.len() == text.len() && text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let cut: String = line.chars().take(SHOWN).collect();
    format!("{cut}…")
}

fn fix(title: impl Into<String>, span: Span, text: impl Into<String>, safety: Safety) -> Fix {
    Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }], safety }
}

// Text and tokens.

/// The file is above `limits::FILE_BYTES`.
pub(crate) fn file_too_large(span: Span, bytes: usize) -> Diagnostic {
    let limit = limits::FILE_BYTES >> 20;
    Diagnostic::new(
        E0108,
        span,
        format!("the file has {bytes} bytes, more than the {limit} MiB that are read"),
    )
    .help("split it: declarations may stand in any file below `platform.kdl`")
}

/// More problems than anybody reads.
pub(crate) fn too_many_problems(span: Span, more: usize) -> Diagnostic {
    Diagnostic::new(E0110, span, format!("{more} more problems in this file are not shown"))
        .help("mend the first ones: others are often gone with them")
}

/// A character that KDL does not allow anywhere.
pub(crate) fn forbidden_character(span: Span, c: char) -> Diagnostic {
    let code = u32::from(c);
    let what = match c {
        '\u{FEFF}' => "a byte order mark, which may only begin a file",
        '\u{200E}'..='\u{2069}' => "a sign that changes the direction of text and so hides what is written",
        _ => "a control character",
    };
    Diagnostic::new(E0109, span, format!("the character U+{code:04X} may not stand in a file"))
        .label(format!("it is {what}"))
        .help(format!("in a string in double quotes it can be written as `\\u{{{code:x}}}`"))
        .fix(fix("remove it", span, "", Safety::Suggestion))
}

/// A string whose closing quotes are missing.
pub(crate) fn unclosed_string(span: Span, closing: &str) -> Diagnostic {
    let line = if closing.starts_with("\"\"\"") { "" } else { " in the line in which it begins" };
    let found = Diagnostic::new(E0104, span, format!("the string is not closed{line}"))
        .help(format!("close it with `{closing}`"));
    if closing.starts_with("\"\"\"") {
        return found;
    }
    found.help("text of several lines stands between `\"\"\"` and `\"\"\"`, each in a line of its own")
}

/// `"` and text of several lines and `"`.
pub(crate) fn string_over_lines(span: Span) -> Diagnostic {
    Diagnostic::new(E0105, span, "a string between `\"` and `\"` ends in the line in which it begins")
        .help("text of several lines stands between `\"\"\"` and `\"\"\"`, each in a line of its own")
}

/// `/*` without `*/`.
pub(crate) fn unclosed_comment(span: Span) -> Diagnostic {
    Diagnostic::new(E0104, span, "the comment is not closed")
        .help("close it with `*/`; a comment in a comment needs its own, and `//` needs none")
}

/// A backslash before something that KDL does not know.
pub(crate) fn unknown_escape(span: Span, escape: &str) -> Diagnostic {
    if escape == "\\/" {
        return Diagnostic::new(E0105, span, "`/` is not escaped in KDL")
            .help("write `/` without the backslash")
            .fix(fix("remove the backslash", span, "/", Safety::Safe));
    }
    if escape.starts_with("\\u") {
        return Diagnostic::new(E0105, span, format!("`{}` names no character", shown(escape)))
            .help("write `\\u{…}` with one to six hexadecimal digits, as in `\\u{e9}` for é");
    }
    let text = shown(escape);
    let found = Diagnostic::new(E0105, span, format!("`{text}` is not an escape"))
        .help("there are `\\n` `\\r` `\\t` `\\s` `\\b` `\\f` `\\\"` `\\\\` and `\\u{…}`");
    if escape.len() < 2 {
        return found;
    }
    found.help("a backslash itself is written `\\\\`, or the whole text `#\"…\"#`").fix(fix(
        "write a backslash",
        span,
        format!("\\{escape}"),
        Safety::Suggestion,
    ))
}

/// `"""one line"""`.
pub(crate) fn multiline_on_one_line(span: Span, text: &str, hashes: usize) -> Diagnostic {
    let found =
        Diagnostic::new(E0105, span, "`\"\"\"` begins a string of several lines, and this is one line")
            .help("write it between `\"` and `\"`, or put the text into lines of its own");
    if text.contains('"') {
        return found;
    }
    let signs = "#".repeat(hashes);
    found.fix(fix("use single quotes", span, format!("{signs}\"{text}\"{signs}"), Safety::Safe))
}

/// `"""text` and more lines.
pub(crate) fn multiline_begins_late(span: Span) -> Diagnostic {
    Diagnostic::new(E0105, span, "the text of a string of several lines begins in the line after `\"\"\"`")
        .help("put a line break behind the opening `\"\"\"`")
}

/// Text before the closing `"""`.
pub(crate) fn multiline_ends_in_text(span: Span) -> Diagnostic {
    Diagnostic::new(E0105, span, "the closing `\"\"\"` shares its line with text")
        .help("put it into a line of its own: the white space before it is what all lines lose")
}

/// A line that does not begin as the last one does.
pub(crate) fn multiline_indentation(span: Span, closing: Span) -> Diagnostic {
    Diagnostic::new(E0105, span, "the line does not begin with the white space of the closing line")
        .related(closing, "each line begins with at least the white space before this")
        .help("indent all lines alike; tabs and spaces are not the same")
}

/// A word that begins like a number.
pub(crate) fn bad_number(span: Span, word: &str) -> Diagnostic {
    let text = shown(word);
    let found = Diagnostic::new(E0106, span, format!("`{text}` is not a number"));
    let bare = word.trim_end_matches(',');
    if bare.len() < word.len() && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return found.help("values are separated by spaces, without commas").fix(fix(
            "remove the comma",
            span,
            bare,
            Safety::Safe,
        ));
    }
    let digits = word.trim_start_matches(['+', '-']);
    if digits.strip_prefix('.').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
        let whole = word.replacen('.', "0.", 1);
        return found.help("a number has a digit before its point").fix(fix(
            format!("write `{whole}`"),
            span,
            whole,
            Safety::Safe,
        ));
    }
    if word.len() > limits::FIX_BYTES {
        return found.help("what is not a number is text: write it in quotes");
    }
    let text = quoted(word).into_owned();
    found.help(format!("units, versions, dates and addresses are text: write `{text}`")).fix(fix(
        "put it in quotes",
        span,
        text,
        Safety::Safe,
    ))
}

/// A whole number that needs more than 128 bits.
pub(crate) fn number_too_large(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(E0106, span, format!("the number `{}` has too many digits", shown(word)))
        .help("a whole number is at most 170141183460469231731687303715884105727; longer ones are text")
}

/// `#` with an unknown word.
pub(crate) fn unknown_keyword(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(E0103, span, format!("`{}` is not a keyword", shown(word))).help(
        "there are `#true` `#false` `#null` `#inf` `#-inf` and `#nan`; text with `#` in it needs quotes",
    )
}

/// `inf` or `nan`, which KDL reserves.
pub(crate) fn keyword_without_hash(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(E0103, span, format!("`{word}` cannot stand without `#` or quotes"))
        .help(format!("write `#{word}` for the number, or `\"{word}\"` for the text"))
        .fix(fix(format!("write `\"{word}\"`"), span, format!("\"{word}\""), Safety::Suggestion))
}

/// `# a comment`.
pub(crate) fn hash_comment(span: Span, hashes: usize) -> Diagnostic {
    let signs = span.part(0, u32::try_from(hashes).unwrap_or(u32::MAX));
    Diagnostic::new(E0103, span, "a comment begins with `//`")
        .help("`#` begins a keyword, like `#true`")
        .fix(fix("write `//`", signs, "//", Safety::Safe))
}

/// `[` or `]`.
pub(crate) fn brackets(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "KDL has no brackets")
        .help("a list is written as values with spaces between them: `roles control-plane worker`")
}

/// `okm/web:1` without quotes.
pub(crate) fn unquoted_path(span: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::new(E0103, span, format!("`{}` contains `/`, so it needs quotes", shown(text)));
    if text.len() > limits::FIX_BYTES {
        return found;
    }
    let text = quoted(text).into_owned();
    found.help(format!("write `{}`", shown(&text))).fix(fix("put it in quotes", span, text, Safety::Safe))
}

/// A document of KDL 1: one finding, with all replacements that are certain. `marker` is the line that
/// says so, `places` are the tokens that only version 1 has; there is one or the other.
pub(crate) fn kdl_v1(
    marker: Option<Span>,
    text: &str,
    places: &[(TokenKind, Span)],
    solidus_escapes: &[Span],
) -> Diagnostic {
    let (kind, first) =
        places.first().map_or((TokenKind::Slashdash, marker), |(kind, span)| (*kind, Some(*span)));
    let first = marker.or(first).unwrap_or(Span::start_of(FileId(0)));
    let word = text.get(first.range()).unwrap_or("");
    let found =
        Diagnostic::new(E0102, first, "the file is written in KDL version 1, and platc reads version 2");
    let mut found = match kind {
        _ if marker.is_some() => {
            found.label("says so").help("remove the line and rewrite the file: kdl.dev lists the differences")
        }
        TokenKind::LegacyKeyword => found
            .label(format!("version 2 writes `#{word}`"))
            .help(format!("write `#{word}`, or `\"{word}\"` for text")),
        TokenKind::LegacyRawText => found
            .label("version 2 writes `#\"…\"#`")
            .help("write raw strings without `r`, with `#` around them"),
        _ => found
            .label("version 2 writes text of several lines between `\"\"\"`")
            .help("put the text into lines of its own between `\"\"\"` and `\"\"\"`"),
    };
    if places.len() > 1 {
        let count = places.len();
        found = found.note(format!("there are {count} places in the file that only version 1 has"));
    }
    let escapes = solidus_escapes.iter().map(|span| Edit { span: *span, text: "/".to_owned() });
    let certain = places.iter().filter_map(|(kind, span)| v2_edit(text, *kind, *span));
    let mut edits: Vec<Edit> = certain.chain(escapes).collect();
    let escaped = |span: &Span| {
        let after = solidus_escapes.partition_point(|escape| escape.start < span.start);
        solidus_escapes.get(after).is_some_and(|escape| escape.end <= span.end)
    };
    let whole = places.iter().all(|(kind, span)| match kind {
        TokenKind::LegacyText => escaped(span) && !text.get(span.range()).unwrap_or("").contains(is_newline),
        kind => v2_edit(text, *kind, *span).is_some(),
    });
    if let Some(marker) = marker.filter(|_| whole) {
        // The marker ends with its number.
        edits.push(Edit {
            span: Span { start: marker.end.saturating_sub(1), ..marker },
            text: "2".to_owned(),
        });
    }
    edits.sort_by_key(|edit| edit.span);
    if edits.is_empty() {
        return found;
    }
    let title = if whole { "write it as KDL version 2" } else { "write as KDL version 2 what is certain" };
    found.fix(Fix { title: title.to_owned(), edits, safety: Safety::Safe })
}

/// How a token of KDL 1 is written in KDL 2, where that is certain.
fn v2_edit(text: &str, kind: TokenKind, span: Span) -> Option<Edit> {
    let source = text.get(span.range())?;
    if kind == TokenKind::LegacyKeyword {
        return Some(Edit { span: Span::new(span.file, span.start, span.start), text: "#".to_owned() });
    }
    // Several lines need `"""` and an indentation of their own: that is for the author to lay out.
    if source.contains(is_newline) || source.len() > limits::FIX_BYTES {
        return None;
    }
    let raw = source.strip_prefix('r')?;
    let body = raw.trim_matches('#');
    // A raw string that looks like the opening of a multi-line one does not exist in KDL 2.
    if body.starts_with("\"\"") && body.len() > 2 {
        return None;
    }
    let text = if raw.starts_with('#') { raw.to_owned() } else { format!("#{raw}#") };
    Some(Edit { span, text })
}

// Nodes.

/// Something that is not a name where a node begins.
pub(crate) fn name_expected(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(E0103, span, format!("expected a name, found {}", shown(what)))
        .help("a declaration begins with its name: `replicas 3`")
}

/// `true` as a name.
pub(crate) fn reserved_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(E0103, span, format!("`{word}` cannot be a name without quotes"))
        .help(format!("write `\"{word}\"`; the value is written `#{word}`"))
        .fix(fix("put it in quotes", span, format!("\"{word}\""), Safety::Suggestion))
}

/// `{` where a node begins.
pub(crate) fn block_without_name(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "a block belongs to a name, and there is none before it")
        .help("write the name first: `service api {`")
}

/// `{` in the line below its node.
pub(crate) fn block_in_next_line(span: Span, gap: Option<Span>) -> Diagnostic {
    let found = Diagnostic::new(E0103, span, "a block begins in the line of its name")
        .help("put `{` at the end of the line above");
    match gap {
        Some(gap) => found.fix(fix("move the brace up", gap, " ", Safety::Safe)),
        None => found,
    }
}

/// `;` without a node.
pub(crate) fn stray_semicolon(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "`;` ends a declaration, and there is none before it")
        .help("remove it")
        .fix(fix("remove it", span, "", Safety::Safe))
}

/// `}` that nothing opened.
pub(crate) fn stray_brace(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "`}` closes nothing")
        .help("remove it, or look above for a block that was closed too early")
}

/// A block without its `}`; `outside` is the first thing that its indentation puts outside of it.
pub(crate) fn unclosed_block(open: Span, outside: Option<Span>, others: &[Span]) -> Diagnostic {
    let found = Diagnostic::new(E0104, open, "the block is not closed").help("close it with `}`");
    if let Some(outside) = outside {
        return found.related(outside, "by its indentation this is outside of the block");
    }
    let shown = others.iter().take(3);
    let found = shown.fold(found, |found, other| found.related(*other, "nor is this one"));
    match others.len() {
        0..=3 => found,
        more => found.note(format!("{more} blocks around it are not closed either")),
    }
}

/// A second block of one node.
pub(crate) fn second_block(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "a declaration has one block, and this is its second")
        .help("write everything into one block, or begin a new line with a name")
}

/// Something behind a block in the same line.
pub(crate) fn missing_semicolon(span: Span) -> Diagnostic {
    let place = Span::new(span.file, span.start, span.start);
    Diagnostic::new(E0103, span, "after a block the next declaration begins in a new line")
        .help("put `;` or a line break between them; values stand before the block")
        .fix(fix("insert `;`", place, "; ", Safety::Suggestion))
}

/// An entry behind a block, commented out or not.
pub(crate) fn entry_after_block(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "values stand before the block, even if one of them is commented out")
        .help("move it to the left of the block")
}

/// `name = value` at the beginning of a line.
pub(crate) fn equals_after_name(span: Span, name: &str, gap: Span) -> Diagnostic {
    let name = shown(name);
    Diagnostic::new(E0103, span, format!("`{name}` begins a line, so its value follows without `=`"))
        .help(format!("write `{name} …`; only properties within a line have `=`"))
        .fix(fix("remove `=`", gap, " ", Safety::Safe))
}

/// `key=` and nothing.
pub(crate) fn missing_value(span: Span, key: &str) -> Diagnostic {
    Diagnostic::new(E0103, span, format!("`{}` has no value", shown(key)))
        .help("write the value right after `=`; an empty text is `\"\"`")
}

/// `1=2`.
pub(crate) fn key_is_not_text(span: Span, source: &str) -> Diagnostic {
    Diagnostic::new(
        E0103,
        span,
        format!("`{}` is a value, and the name of a property is text", shown(source)),
    )
    .help(format!("write `\"{}\"=…` if it is the name", shown(source)))
}

/// Two values without a space.
pub(crate) fn missing_space(span: Span, place: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "there is no space between two values")
        .help("separate them with a space, or put all of it in one pair of quotes")
        .fix(fix("insert a space", place, " ", Safety::Suggestion))
}

/// `(type)` without a value.
pub(crate) fn annotation_without_value(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "a type annotation stands before a value, and there is none")
        .help("text with parentheses in it needs quotes")
}

/// `(type)key=value`.
pub(crate) fn annotation_before_key(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "the type annotation of a property stands before its value")
        .help("write `key=(type)value`")
}

/// `(` and not one name and `)`.
pub(crate) fn bad_annotation(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "parentheses hold one name: the type of what follows them")
        .help("write `(name)value`; text with parentheses in it needs quotes")
}

/// `key=/-value`.
pub(crate) fn slashdash_before_value(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "a value cannot be commented out without its name")
        .help("put `/-` before the name of the property")
}

/// `/-/-`.
pub(crate) fn second_slashdash(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "`/-` comments out one thing, and a `/-` is none")
        .help("remove the second one")
        .fix(fix("remove it", span, "", Safety::Suggestion))
}

/// `/-` at the end of something.
pub(crate) fn slashdash_without_target(span: Span) -> Diagnostic {
    Diagnostic::new(E0103, span, "there is nothing here for `/-` to comment out").help(
        "put it before a declaration, a value, a property or a block; `//` comments out the rest of a line",
    )
}

/// `\` in the middle of a line.
pub(crate) fn bad_continuation(span: Span) -> Diagnostic {
    Diagnostic::new(
        E0103,
        span,
        "`\\` continues a declaration in the next line, so nothing follows it in this one",
    )
    .help("text with a backslash in it needs quotes")
}

/// Anything else that cannot stand where it does.
pub(crate) fn unexpected(span: Span, source: &str) -> Diagnostic {
    Diagnostic::new(E0103, span, format!("`{}` cannot stand here", shown(source)))
        .help("after a name come values, properties like `port=80`, and a block; other text needs quotes")
}

/// More blocks within blocks than `limits::NESTING`.
pub(crate) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(E0107, span, format!("blocks are nested deeper than {} levels", limits::NESTING))
        .help("nothing in it is read; if a program wrote the file, it has gone wrong")
}

// Types.

/// Nothing, or a sign, where a type should be.
pub(crate) fn type_expected(span: Span, found: &str) -> Diagnostic {
    let found = found_or_end(found, "the type");
    Diagnostic::new(E0112, span, format!("expected a type, found {found}"))
        .help("write a name like `string` or `host-port`, `list<…>`, `map<…>`, or `ref<…>`")
}

/// Nothing, or a sign, where `ref<…>` should have a kind.
pub(crate) fn type_kind_expected(span: Span, found: &str) -> Diagnostic {
    let found = found_or_end(found, "the type");
    Diagnostic::new(E0112, span, format!("expected the name of a kind, found {found}"))
        .help("write `ref<service>`, or `ref<service|daemon>` for one of several kinds")
}

/// `list` alone.
pub(crate) fn type_needs_argument(span: Span, name: &str) -> Diagnostic {
    let (what, example) = match name {
        "list" => ("of what", "list<string>"),
        "map" => ("to what", "map<string>"),
        _ => ("to which kind", "ref<service>"),
    };
    Diagnostic::new(E0112, span, format!("`{name}` does not say {what}")).help(format!("write `{example}`"))
}

/// `int<…>`.
pub(crate) fn type_takes_none(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(E0112, span, format!("`{}` takes no `<…>`", shown(name)))
        .help("only `list`, `map` and `ref` do")
}

/// `list<int`.
pub(crate) fn type_unclosed(place: Span, opened: Span, sign: char) -> Diagnostic {
    Diagnostic::new(E0112, place, format!("expected `{sign}` here")).related(opened, "opened here").fix(fix(
        format!("insert `{sign}`"),
        place,
        sign,
        Safety::Suggestion,
    ))
}

/// `int??`.
pub(crate) fn type_twice_optional(span: Span) -> Diagnostic {
    Diagnostic::new(E0112, span, "the type may be missing already").help("one `?` is enough").fix(fix(
        "remove it",
        span,
        "",
        Safety::Safe,
    ))
}

/// Something behind a whole type.
pub(crate) fn type_unexpected(span: Span, rest: &str) -> Diagnostic {
    Diagnostic::new(E0112, span, format!("the type ends before `{}`", shown(rest)))
        .help("alternatives stand between `|`: `http|grpc`; a type that may be missing ends in `?`")
}

/// Deeper than `limits::TYPE_NESTING`.
pub(crate) fn type_too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(E0107, span, format!("the type is nested deeper than {} levels", limits::TYPE_NESTING))
        .help("give its parts names with `type`")
}

fn found_or_end(found: &str, what: &str) -> String {
    if found.is_empty() { format!("the end of {what}") } else { format!("`{}`", shown(found)) }
}

// Expressions.

/// `${}`.
pub(crate) fn expression_empty(span: Span) -> Diagnostic {
    Diagnostic::new(E0111, span, "there is no expression in `${}`")
        .help("write one, like `${self.name}`; as text it is written `$${}`")
}

/// `${` without `}`.
pub(crate) fn expression_unclosed_braces(span: Span) -> Diagnostic {
    Diagnostic::new(E0111, span, "`${` is not closed")
        .help("close it with `}`; a `${` that is meant as text is written `$${`")
}

/// Something is missing. `before` is what stands to the left of the gap.
pub(crate) fn expression_expected(span: Span, what: &str, found: &str, before: Option<&str>) -> Diagnostic {
    let behind = before.map_or(String::new(), |before| format!(" behind `{}`", shown(before)));
    Diagnostic::new(E0111, span, format!("expected {what}{behind}, found {}", shown(found)))
        .maybe_help(hint_for(found))
}

/// Something is left over.
pub(crate) fn expression_unexpected(span: Span, found: &str) -> Diagnostic {
    let help = hint_for(&format!("`{found}`"));
    let help =
        help.unwrap_or_else(|| "put an operator between two values; text stands in single quotes".to_owned());
    Diagnostic::new(E0111, span, format!("the expression ends before `{}`", shown(found))).help(help)
}

/// What words of other languages are here.
fn hint_for(found: &str) -> Option<String> {
    let sign = match found {
        "`and`" => "&&",
        "`or`" => "||",
        "`not`" => "!",
        "`is`" => "==",
        "`then`" | "`else`" => return Some("a choice is written `condition ? this : that`".to_owned()),
        "`if`" => return Some("a choice is written `condition ? this : that`".to_owned()),
        "`for`" => return Some("a loop stands in a list: `[x.name for x in xs]`".to_owned()),
        _ => return None,
    };
    Some(format!("write `{sign}`"))
}

/// `(`, `[` without its partner.
pub(crate) fn expression_unclosed(span: Span, sign: &str, open: Span, found: &str) -> Diagnostic {
    Diagnostic::new(E0111, span, format!("expected {sign}, found {}", shown(found)))
        .related(open, "opened here")
        .maybe_help(hint_for(found))
}

/// Signs that no expression has.
pub(crate) fn expression_unknown_sign(span: Span, source: &str) -> Diagnostic {
    let help = match source {
        "=" | "===" => "write `==` to compare",
        "!==" | "<>" => "write `!=` to compare",
        "&" => "write `&&` for: both",
        "|" => "write `||` for: one of both",
        "#" => "`true`, `false` and `null` have no `#` in an expression",
        "$" | "{" | "}" | "${" => "an expression has no braces inside; a text with `${…}` cannot stand in it",
        _ => "operators are `+ - * / %`, `< <= > >= == !=`, `&& || !` and `? :`",
    };
    Diagnostic::new(E0111, span, format!("`{}` means nothing in an expression", shown(source))).help(help)
}

/// `500m`.
pub(crate) fn expression_bad_number(span: Span, word: &str) -> Diagnostic {
    let text = shown(word);
    Diagnostic::new(E0111, span, format!("`{text}` is not a number"))
        .help(format!(
            "units are text: write `'{text}'`; a name that begins with a digit is written `x['{text}']`"
        ))
        .fix(fix("put it in quotes", span, format!("'{word}'"), Safety::Suggestion))
}

/// `'text` without its end.
pub(crate) fn expression_unclosed_text(span: Span) -> Diagnostic {
    Diagnostic::new(E0111, span, "the text is not closed")
        .help("close it with `'`; within it a `'` is written `\\'`")
}

/// `'\x'`.
pub(crate) fn expression_bad_escape(span: Span, c: Option<char>) -> Diagnostic {
    let escape = c.map_or(String::new(), String::from);
    Diagnostic::new(E0111, span, format!("`\\{escape}` is not an escape in an expression"))
        .help("there are `\\'` `\\\\` `\\n` and `\\t`")
}

/// `"text"`.
pub(crate) fn expression_double_quotes(span: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::new(E0111, span, "text in an expression stands in single quotes");
    if text.contains(['\'', '\\']) {
        return found.help("write `'…'`");
    }
    let text = format!("'{text}'");
    found.help(format!("write `{}`", shown(&text))).fix(fix("use single quotes", span, text, Safety::Safe))
}

/// `a -b` or `a- b`.
pub(crate) fn expression_tight_minus(span: Span) -> Diagnostic {
    Diagnostic::new(E0111, span, "a minus has a space on both sides")
        .help("without spaces a dash belongs to a name: `a-m1` is one name, `a - 1` is a difference")
        .fix(fix("put spaces around it", span, " - ", Safety::Suggestion))
}

/// `a < b < c`.
pub(crate) fn expression_chained(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::new(E0111, span, format!("`{sign}` compares the result of another comparison"))
        .help("write `a < b && b < c`, or put one comparison in parentheses")
}

/// `(a)(b)`.
pub(crate) fn expression_not_callable(span: Span) -> Diagnostic {
    Diagnostic::new(E0111, span, "only a name can be called").help("write `f(x)` or `kafka.in('dc-b')`")
}

/// `[a, b for x in xs]`.
pub(crate) fn expression_many_elements(span: Span) -> Diagnostic {
    Diagnostic::new(E0111, span, "one expression stands before `for`, and here are several")
        .help("to make lists of lists, put it in brackets: `[[a, b] for x in xs]`")
}

/// Deeper than `limits::EXPRESSION_NESTING`.
pub(crate) fn expression_too_deep(span: Span) -> Diagnostic {
    let limit = limits::EXPRESSION_NESTING;
    Diagnostic::new(E0107, span, format!("the expression is nested deeper than {limit} levels"))
        .help("give its parts names with `let`; a long sum is written `sum([…])`, a long text `join`")
}

/// Longer than `limits::EXPRESSION_BYTES`.
pub(crate) fn expression_too_long(span: Span) -> Diagnostic {
    let limit = limits::EXPRESSION_BYTES;
    Diagnostic::new(E0113, span, format!("the expression is longer than {limit} bytes"))
        .help("give its parts names with `let`")
}
