//! Findings of the checker: one named constructor for each thing that can be wrong, so that wording is in
//! one place. Messages state the fact; the way out is `help`.

use platc_diag::{Diagnostic, Edit, Fix, Safety, Span, codes, did_you_mean};
use platc_model::scalar::{Scalar, Wrong};
use platc_model::types::{Field, Type, Types};
use platc_model::{Text, Value};
use platc_syntax::Literal;

use crate::cx::Cx;
use crate::expr::Ty;
use crate::expr::ty::noun_of;
use crate::item::{Item, ItemId};
use crate::level::Level;
use crate::literal::{Breach, Mismatch, describe};

// Names.

/// Adds *did you mean* and, if there is a near name, a guess for a fix: what the author has named may be
/// missing, and the near name another thing.
fn suggest(problem: Diagnostic, span: Span, name: &str, names: Vec<&str>, what: &str) -> Diagnostic {
    let near = platc_diag::closest(name, names.iter().copied()).map(str::to_owned);
    let problem = problem.maybe_help(did_you_mean(name, names, what));
    match near {
        Some(near) if !span.is_empty() => problem.fix(rename(span, &near, Safety::Suggestion)),
        _ => problem,
    }
}

/// The same for a word of the language: it has no meaning but as a slip of the pen, so that the only near
/// word is what was meant.
fn suggest_word(problem: Diagnostic, span: Span, name: &str, names: Vec<&str>, what: &str) -> Diagnostic {
    match platc_diag::unmistakable(name, names.iter().copied()) {
        Some(near) if !span.is_empty() => {
            problem.help(format!("did you mean `{near}`?")).fix(rename(span, near, Safety::Safe))
        }
        _ => suggest(problem, span, name, names, what),
    }
}

/// With its article.
pub(crate) fn one(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

fn rename(span: Span, to: &str, safety: Safety) -> Fix {
    let edits = vec![Edit { span, text: platc_syntax::quoted(to).into_owned() }];
    Fix { title: format!("change it to `{to}`"), edits, safety }
}

pub(crate) fn unknown_declaration(span: Span, name: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0201, span, format!("there is no kind or template `{name}`"));
    if let Some(help) = crate::words::elsewhere_declared(name) {
        return problem.help(help);
    }
    if platc_diag::closest(name, names.iter().copied()).is_some() {
        suggest_word(problem, span, name, names, "")
    } else {
        problem.help("`platc explain kinds` lists what there is")
    }
}

pub(crate) fn unknown_kind(span: Span, name: &str) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0201, span, format!("there is no kind `{name}`"));
    suggest_word(problem, span, name, crate::stdlib::kind_names().to_vec(), "kinds are")
}

pub(crate) fn declared_twice(span: Span, what: &str, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0202, span, format!("the {what} `{name}` is declared twice"))
        .label("here again")
        .related(first, "first here")
        .help(if crate::words::STATEMENTS.contains(&what) {
            "rename one, or take one out"
        } else {
            "rename one, or change the first with `amend`"
        })
}

pub(crate) fn unknown_name(span: Span, name: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0203, span, format!("nothing is called `{name}`"));
    if names.is_empty() {
        return problem.help("declare it, or name something that is declared");
    }
    suggest(problem, span, name, names, "there are")
}

pub(crate) fn unknown_reference(span: Span, name: &str, kinds: &[Text], names: Vec<&str>) -> Diagnostic {
    let kinds = kinds.join(" or ");
    let problem = Diagnostic::new(codes::E0203, span, format!("there is no {kinds} `{name}`"));
    if names.is_empty() {
        return problem.help(format!("no {kinds} is declared yet"));
    }
    suggest(problem, span, name, names, &format!("each {kinds} that there is"))
}

pub(crate) fn other_kind(span: Span, name: &str, found: &str, wanted: &[Text], declared: Span) -> Diagnostic {
    let wanted = wanted.join(" or ");
    Diagnostic::new(codes::E0221, span, format!("`{name}` is {}, and {} is wanted", one(found), one(&wanted)))
        .related(declared, format!("the {found} `{name}`"))
        .help(format!("name {}", one(&wanted)))
}

pub(crate) fn unknown_key(span: Span, secret: &str, key: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0203, span, format!("the secret `{secret}` has no key `{key}`"));
    suggest(problem, span, key, names, "its keys are")
}

pub(crate) fn unknown_call(span: Span, workload: &str, call: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0203, span, format!("`{workload}` does not call `{call}`"));
    if names.is_empty() {
        return problem.help(format!("add `calls {call} timeout=\"1s\"`: nothing else leads to a service"));
    }
    suggest(problem, span, call, names, "it calls")
}

pub(crate) fn ambiguous(span: Span, name: &str, cx: &Cx<'_>, found: &[ItemId]) -> Diagnostic {
    let mut problem = Diagnostic::new(codes::E0204, span, format!("`{name}` may be one of several"));
    let mut ways = Vec::new();
    for id in found {
        let item = cx.item(*id);
        let unit = cx.project.unit(item.unit);
        let from = if unit.name.is_empty() { String::new() } else { format!(" of `{}`", unit.name) };
        problem = problem.related(item.name_span, format!("the {} `{name}`{from}", item.kind));
        let library = if unit.name.is_empty() { String::new() } else { format!("{}.", unit.name) };
        let plain = format!("{library}{name}");
        ways.push(if library.is_empty() { format!("`{}.{name}`", item.kind) } else { format!("`{plain}`") });
    }
    ways.dedup();
    problem.help(format!("say which: {}", ways.join(" or ")))
}

pub(crate) fn ambiguous_type(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0204, span, format!("several libraries have a `{name}`"))
        .help(format!("say which: `LIBRARY.{name}`"))
}

/// `said` are the fields that stand beside it: one of them is not what was meant, for it is there already.
pub(crate) fn unknown_field(
    span: Span,
    of: &str,
    name: &str,
    names: Vec<&str>,
    said: &dyn Fn(&str) -> bool,
) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0205, span, format!("{of} has no `{name}`"));
    if let Some(ours) = crate::words::elsewhere(name) {
        return problem.help(ours);
    }
    match platc_diag::closest(name, names.iter().copied()) {
        Some(near) if said(near) => problem.help(format!("`{near}` is said already: take this one out")),
        _ => suggest_word(problem, span, name, names, "it has"),
    }
}

pub(crate) fn name_missing(span: Span, what: &str) -> Diagnostic {
    let example = match what {
        "at" => "at prod-a { … }".to_owned(),
        "amend" => "amend service api { … }".to_owned(),
        "defaults" => "defaults service { … }".to_owned(),
        "import" => "import \"../common\"".to_owned(),
        what => format!("{what} NAME"),
    };
    Diagnostic::new(codes::E0206, span, format!("this `{what}` has no name"))
        .help(format!("write `{example}`"))
}

pub(crate) fn name_is_no_text(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0218, span, "a name is a text").help("write a name of letters, digits and dashes")
}

pub(crate) fn bad_name(span: Span, kind: &str, name: &str, wrong: &Wrong) -> Diagnostic {
    Diagnostic::new(codes::E0218, span, format!("`{name}` cannot name {}", one(kind)))
        .help(wrong.0.clone())
        .note("names become parts of DNS names, labels and file names (RFC 1123)")
}

pub(crate) fn said_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0207, span, format!("`{name}` is said twice"))
        .label("here again")
        .related(first, "first here")
        .help("keep one of them")
}

pub(crate) fn conflict(span: Span, name: &str, other: Span, level: Level) -> Diagnostic {
    Diagnostic::new(codes::E0208, span, format!("two statements of the same weight differ on `{name}`"))
        .label(format!("one {level} says this"))
        .related(other, format!("another {level} says this"))
        .help("keep one of them, or say it on a level that weighs more: declaration, amend, place")
}

pub(crate) fn nothing_to_amend(span: Span, kind: &str, name: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0209, span, format!("there is no {kind} `{name}` to amend"));
    suggest(problem, span, name, names, "there are")
}

pub(crate) fn nothing_to_remove(span: Span, name: &str, default: bool) -> Diagnostic {
    let help = if default {
        "it is what the kind says when nothing is said; set it to something else"
    } else {
        "`remove` takes out what a lower level says: defaults, a template, the declaration"
    };
    Diagnostic::new(codes::E0210, span, format!("there is no `{name}` to remove")).help(help)
}

pub(crate) fn nothing_inside(
    span: Span,
    outer: &Item,
    kind: &str,
    name: &str,
    names: Vec<&str>,
) -> Diagnostic {
    let (around, its_name) = (outer.kind, &outer.name);
    let problem = Diagnostic::new(
        codes::E0210,
        span,
        format!("there is no {kind} `{name}` in the {around} `{its_name}` to remove"),
    );
    suggest(problem, span, name, names, "there are")
}

pub(crate) fn nothing_by_name(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0210, span, format!("`{field}` has no parts with names"))
        .help(format!("write `remove {field}`"))
}

pub(crate) fn operation_of_nothing(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::E0206, span, format!("this `{word}` does not say of what"))
        .help(format!("name a field: `{word} in …`"))
}

pub(crate) fn operation_without_name(span: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(codes::E0206, span, format!("this does not say which {kind} is removed"))
        .help(format!("name it: `remove {kind} NAME`"))
}

pub(crate) fn template_in_itself(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0211, span, format!("the template `{name}` uses itself"))
        .help("templates do not recur; a list is repeated with `for`")
}

pub(crate) fn templates_too_deep(span: Span) -> Diagnostic {
    let depth = platc_diag::limits::TEMPLATE_DEPTH;
    Diagnostic::new(codes::E0211, span, format!("templates are used within templates {depth} times"))
        .help("a template that deep hides more than it saves")
}

pub(crate) fn too_many_declarations(span: Span) -> Diagnostic {
    let most = platc_diag::limits::DECLARATIONS;
    Diagnostic::new(codes::E0212, span, format!("there are more than {most} declarations"))
        .help("a loop probably goes over more than was meant")
}

pub(crate) fn misplaced(span: Span, what: &str, place: &str) -> Diagnostic {
    Diagnostic::new(codes::E0213, span, format!("a `{what}` stands {place}")).help("move it there")
}

pub(crate) fn platform_in_library(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0213, span, "a library has no `platform`")
        .help("the platform that imports it has one; what a library needs to know is a `param`")
}

pub(crate) fn param_in_platform(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0213, span, "a platform has no parameters")
        .help("a `param` belongs to a library or a template; here, `let` names a value")
}

pub(crate) fn second_platform(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0220, span, "there is a second `platform`")
        .related(first, "the first")
        .help("keep one; another platform has a directory of its own")
}

pub(crate) fn unknown_place(span: Span, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0214, span, "this is neither a cluster nor a datacenter");
    problem.maybe_help(did_you_mean("", names, "there are"))
}

pub(crate) fn not_at_place(span: Span, item: &str, place: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0214, span, format!("`{item}` is not at `{place}`"));
    problem.maybe_help(did_you_mean("", names, "it is at"))
}

pub(crate) fn no_places(span: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(codes::E0214, span, format!("{} is the same everywhere", one(kind)))
        .help("`at` is for what runs in clusters and for what is stateful")
}

pub(crate) fn param_missing(span: Span, of: &str, name: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::E0215, span, format!("`{of}` needs the parameter `{name}`"))
        .related(declared, "declared here, without a default")
        .help(format!("give it: `{name} …`"))
}

pub(crate) fn unknown_param(span: Span, name: &str, names: Vec<&str>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0216, span, format!("there is no parameter `{name}`"));
    if names.is_empty() {
        return problem.help("declare it with `param`, in the library or template");
    }
    suggest_word(problem, span, name, names, "parameters are")
}

pub(crate) fn which_one(span: Span, owner: &str, field: &str, kind: &str, names: &[&str]) -> Diagnostic {
    let listed = names.iter().take(6).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(
        codes::E0217,
        span,
        format!("`{owner}` does not say which {kind}: there are {}", names.len()),
    )
    .help(format!("write `{field} …` with one of {listed}"))
}

pub(crate) fn loop_form(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0219, span, "a loop has a name and a list")
        .help("write `for dc in=datacenters { … }` or `for n in=\"${range(1, 4)}\" { … }`")
}

pub(crate) fn loop_over_no_list(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0219, span, "this is no list").help("a loop goes over a list or a range")
}

// Types and values.

/// `3`, as an example of what a type takes.
fn example(ty: &Type) -> Option<String> {
    match ty {
        Type::Scalar(scalar) => Some(scalar.like().to_owned()),
        Type::Words(words) => words.first().map(ToString::to_string),
        Type::List(inner) | Type::Optional(inner) => example(inner),
        Type::Union(types) => types.first().and_then(example),
        _ => None,
    }
}

pub(crate) fn mismatch(
    span: Span,
    field: &str,
    ty: &Type,
    types: &Types,
    literal: &Literal<'_>,
    mismatch: &Mismatch,
) -> Diagnostic {
    match (mismatch, literal, ty) {
        (Mismatch::Form(wrong), Literal::Str(text), ty) => {
            Diagnostic::new(codes::E0305, span, format!("`{text}` is not {}", noun_of(ty, types)))
                .help(wrong.0.clone())
        }
        (Mismatch::Range(help), ..) => {
            let (takes, found) = (takes(field, ty, types), describe(literal));
            Diagnostic::new(codes::E0307, span, format!("{takes}, and {found} is out of its range"))
                .help(help.clone())
        }
        (Mismatch::Sort(_), Literal::Null, ty) => {
            let like = example(ty).map_or_else(String::new, |like| format!(", or write it like {like}"));
            Diagnostic::new(codes::E0301, span, format!("{}, and this is `#null`", takes(field, ty, types)))
                .help(format!("leave it out if there is nothing to say{like}"))
        }
        (Mismatch::Sort(help), literal, ty) => {
            let problem = Diagnostic::new(
                codes::E0301,
                span,
                format!("{}, and this is {}", takes(field, ty, types), describe(literal)),
            );
            let like = || example(ty).map(|like| format!("write it like {like}"));
            let problem = problem.maybe_help(help.clone().or_else(like));
            match help.as_deref().and_then(replacement) {
                Some(text) => {
                    let title = format!("write {text}");
                    problem.fix(Fix { title, edits: vec![Edit { span, text }], safety: Safety::Safe })
                }
                None => problem,
            }
        }
        (Mismatch::Form(wrong), ..) => Diagnostic::new(codes::E0305, span, wrong.0.clone()),
    }
}

fn takes(field: &str, ty: &Type, types: &Types) -> String {
    let noun = noun_of(ty, types);
    if field.is_empty() { format!("{noun} is wanted here") } else { format!("`{field}` takes {noun}") }
}

/// The text that a help tells to write, if it is certain what was meant.
fn replacement(help: &str) -> Option<String> {
    let text = help.strip_prefix("write ")?;
    let text = text.strip_suffix(" without quotes").unwrap_or(text);
    let certain = text.starts_with('#') || text.starts_with('"') || text.parse::<f64>().is_ok();
    (certain && !text.contains(' ')).then(|| text.to_owned())
}

pub(crate) fn missing_field(span: Span, owner: &str, field: &Field, types: &Types) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0302, span, format!("`{owner}` needs `{}`", field.name));
    let like = match &field.ty {
        Type::Record(_) => Some(format!("`{} …`", field.name)),
        ty => example(ty).map(|like| format!("`{} {like}`", field.name)),
    };
    let what = noun_of(&field.ty, types);
    match like {
        Some(like) => {
            let doc = first_line(&field.doc);
            let doc = if doc.is_empty() { String::new() } else { format!(": {doc}") };
            problem.help(format!("add {like}")).note(format!("`{}` is {what}{doc}", field.name))
        }
        None => problem.help(format!("add `{}`, which is {what}", field.name)),
    }
}

fn first_line(doc: &str) -> &str {
    doc.lines().next().unwrap_or("")
}

pub(crate) fn value_missing(span: Span, field: &Field, types: &Types) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0302, span, format!("`{}` has no value", field.name));
    match example(&field.ty) {
        Some(like) => problem.help(format!("write `{} {like}`", field.name)),
        None => problem.help(format!("it takes {}", noun_of(&field.ty, types))),
    }
}

pub(crate) fn unexpected_argument(span: Span, node: &str) -> Diagnostic {
    Diagnostic::new(codes::E0303, span, format!("`{node}` takes no further value"))
        .help("a field is written as `name=value` or in the block")
}

pub(crate) fn one_value_only(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0303, span, format!("`{field}` takes one value")).help("keep one of them")
}

pub(crate) fn unexpected_block(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, format!("`{field}` is a plain value and has no fields"))
        .help(format!("write `{field} VALUE`"))
}

pub(crate) fn unexpected_property(span: Span, field: &str, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, format!("`{field}` has no property `{name}`"))
        .help(format!("write `{field} VALUE`"))
}

pub(crate) fn not_a_property(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, format!("`{name}` is a node of its own"))
        .help(format!("write it into the block: `{name} …`"))
}

pub(crate) fn wants_fields<'a>(span: Span, ty: &str, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    let listed = names.take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(codes::E0304, span, format!("`{ty}` has fields and is no single value"))
        .help(format!("give its fields: {listed}"))
}

pub(crate) fn not_a_list(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, format!("`{field}` is no list, so nothing is appended"))
        .help(format!("set it: `{field} …`"))
}

pub(crate) fn element_needs_dash(span: Span, field: &str, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, format!("`{field}` is a list, and `{name}` is no element"))
        .help("write elements as values behind the name, or as children named `-`")
}

pub(crate) fn map_wants_names(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, format!("`{field}` has values by name"))
        .help(format!("write `{field} NAME=value` or a block with `NAME value`"))
}

pub(crate) fn config_mixed(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0304, span, "this node has elements and names at once")
        .help("a list has values, or children named `-`; anything else has children by name")
}

pub(crate) fn config_without_value(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0302, span, "this has no value")
        .help("write a value, `#null`, or `{}` for an empty map")
}

pub(crate) fn not_a_word(span: Span, field: &str, text: &str, words: &[Text]) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0306, span, format!("`{text}` is no choice for `{field}`"));
    suggest_word(problem, span, text, words.iter().map(|word| &**word).collect(), "choices are")
}

pub(crate) fn breach(span: Span, field: &str, value: &Value, breach: &Breach) -> Diagnostic {
    match breach {
        Breach::Below(min) => {
            Diagnostic::new(codes::E0307, span, format!("`{field}` is {value}, and must be at least {min}"))
                .help(format!("write {min} or more"))
        }
        Breach::Above(max) => {
            Diagnostic::new(codes::E0307, span, format!("`{field}` is {value}, and must be at most {max}"))
                .help(format!("write {max} or less"))
        }
        Breach::Length(found, fewest, most) => {
            let unit = if matches!(value, Value::List(_)) { "values" } else { "characters" };
            wrong_length(span, field, *found, (*fewest, *most), unit)
        }
        Breach::Pattern(pattern) => Diagnostic::new(
            codes::E0309,
            span,
            format!("`{field}` is `{value}`, which does not match `{pattern}`"),
        )
        .help("the pattern is a regular expression: `^` is where the text begins, `$` where it ends"),
        Breach::NotOneOf(values) => {
            let listed =
                values.iter().map(|value| format!("`{}`", shown(value))).collect::<Vec<_>>().join(", ");
            Diagnostic::new(codes::E0306, span, format!("`{}` is no choice for `{field}`", shown(value)))
                .help(format!("choices are: {listed}"))
        }
    }
}

/// `unit` is what is counted, in the plural.
fn wrong_length(span: Span, field: &str, found: usize, (fewest, most): (u32, u32), unit: &str) -> Diagnostic {
    let wanted = match (fewest, most) {
        (a, b) if a == b => format!("{a}"),
        (0, b) => format!("at most {b}"),
        (a, u32::MAX) => format!("at least {a}"),
        (a, b) => format!("{a} to {b}"),
    };
    let number = |n: usize| if n == 1 { unit.trim_end_matches('s').to_owned() } else { unit.to_owned() };
    let (fewest, most) = (fewest as usize, most as usize);
    let help = if found < fewest {
        let missing = fewest - found;
        format!("add {missing} {} or more", number(missing))
    } else {
        let surplus = found.saturating_sub(most);
        format!("take {surplus} {} or more out", number(surplus))
    };
    Diagnostic::new(
        codes::E0308,
        span,
        format!("`{field}` has {found} {}, and must have {wanted}", number(found)),
    )
    .help(help)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(value) => format!("#{value}"),
        value => value.to_string(),
    }
}

pub(crate) fn secret_wanted(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0321, span, format!("`{field}` takes a key of a secret, never a value"))
        .help("write `\"${secret.NAME.KEY}\"`")
}

pub(crate) fn secret_in_the_open(span: Span, field: &str) -> Diagnostic {
    let place = if field == "value" { "a config".to_owned() } else { format!("`{field}`") };
    Diagnostic::new(codes::E0321, span, format!("a secret does not stand in {place}, which anybody can read"))
        .help("give it to the program with `env NAME=\"${secret.NAME.KEY}\"` or with `file`")
}

pub(crate) fn no_text(span: Span, reason: &str) -> Diagnostic {
    let code = if reason.starts_with("a secret") { codes::E0321 } else { codes::E0311 };
    let (fact, help) =
        reason.split_once(": ").unwrap_or((reason, "ask for something that is a text or a number"));
    Diagnostic::new(code, span, fact).help(help)
}

pub(crate) fn amount_twice(span: Span, whole: Span) -> Diagnostic {
    Diagnostic::new(codes::E0322, span, "request and limit are both said already by the plain value")
        .related(whole, "this is both at once")
        .help("write either one value, or `request=` and `limit=`")
}

pub(crate) fn amount_missing(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0322, span, "no amount is said")
        .help("write one value, or `request=` and `limit=`")
}

pub(crate) fn request_above_limit(span: Span, request: &Value, limit: &Value) -> Diagnostic {
    Diagnostic::new(codes::E0322, span, format!("the request, {request}, is more than the limit, {limit}"))
        .help("a container never gets more than its limit: lower the request or raise the limit")
}

// Expressions.

/// An expression that could not be read; that was said where it was read.
pub(crate) fn already_reported(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0111, span, "")
}

/// Whether a finding was made elsewhere.
pub(crate) fn is_reported(problem: &Diagnostic) -> bool {
    problem.message().is_empty()
}

pub(crate) fn expression_type(span: Span, field: &str, found: &Ty, ty: &Type, types: &Types) -> Diagnostic {
    let (wanted, noun) = (noun_of(ty, types), found.noun(types));
    if *ty == Type::Any {
        return Diagnostic::new(codes::E0311, span, format!("this is {noun}, which is no value"))
            .help(way_out(found, ty));
    }
    Diagnostic::new(codes::E0311, span, format!("`{field}` takes {wanted}, and this is {noun}"))
        .help(way_out(found, ty))
}

/// What to ask for instead of something that does not fit.
fn way_out(found: &Ty, wanted: &Type) -> String {
    let like = || example(wanted).map_or_else(String::new, |like| format!(", or write one: {like}"));
    match found {
        Ty::Item(kind, _) => format!("that is the whole {kind}: ask for a part of it, as in `NAME.name`"),
        Ty::Members(..) => {
            "ask for one of its ports: `kafka.broker`, or `kafka.primary.broker` of one".to_owned()
        }
        Ty::Calls(_) | Ty::Call(..) => {
            "ask for its address: `calls.NAME.url` or `calls.NAME.address`".to_owned()
        }
        Ty::Secrets => "name the secret and its key: `secret.NAME.KEY`".to_owned(),
        Ty::Params => "name the parameter: `param.NAME`".to_owned(),
        Ty::Kind(_) | Ty::Unit(_) => "name one thing of it: `cluster.NAME`, `LIBRARY.NAME`".to_owned(),
        Ty::CidrFunctions => "call one: `cidr.host('10.1.0.0/24', 1)`".to_owned(),
        Ty::Value(Type::Record(_) | Type::Map(_)) => "ask for one of its fields: `x.FIELD`".to_owned(),
        list if list.element().is_some() => {
            "take one of it, `xs[0]`, or make one of all: `join(xs, ',')`, `len(xs)`, `max(xs)`".to_owned()
        }
        Ty::Null => "leave the field out where there is nothing to say".to_owned(),
        scalar if scalar.as_scalar().is_some() => {
            format!("types are not converted: ask for something of that type{}", like())
        }
        _ => "ask for a field of it, or use a function that gives what is wanted".to_owned(),
    }
}

pub(crate) fn expression_gives(span: Span, field: &str, ty: &Type, types: &Types, found: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0311,
        span,
        format!("`{field}` takes {}, and this gives {found}", noun_of(ty, types)),
    )
    .help("ask for a field of it, or use a function that gives what is wanted")
}

pub(crate) fn expression_mismatch(
    span: Span,
    field: &str,
    ty: &Type,
    types: &Types,
    found: &str,
    mismatch: &Mismatch,
) -> Diagnostic {
    let problem = expression_gives(span, field, ty, types, found);
    match mismatch {
        Mismatch::Form(wrong) => Diagnostic::new(codes::E0311, span, problem.message()).help(wrong.0.clone()),
        Mismatch::Range(help) => Diagnostic::new(codes::E0311, span, problem.message()).help(help.clone()),
        Mismatch::Sort(_) => problem,
    }
}

pub(crate) fn text_is_not(span: Span, text: &str, scalar: Scalar, mismatch: &Mismatch) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0311, span, format!("`{text}` is not {}", scalar.noun()));
    match mismatch {
        Mismatch::Form(wrong) => problem.help(wrong.0.clone()),
        _ => problem.help(format!("write it like {}", scalar.like())),
    }
}

pub(crate) fn not_comparable(span: Span, a: &str, b: &str) -> Diagnostic {
    Diagnostic::new(codes::E0311, span, format!("{a} cannot be compared with {b}"))
        .help("compare things of one sort; a text beside a typed value takes its type: `x < '1s'`")
}

pub(crate) fn not_computable(span: Span, sign: &str, a: &str, b: &str) -> Diagnostic {
    let several = [a, b].iter().any(|noun| noun.starts_with("a `"));
    Diagnostic::new(codes::E0311, span, format!("`{sign}` does not take {a} and {b}")).help(if several {
        "what has several fields is asked for one of them: `self.memory.both`, `self.cpu.limit`"
    } else {
        "both sides are numbers, or amounts of one sort, or an amount and a number"
    })
}

pub(crate) fn unknown_function(span: Span, name: &str) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0312, span, format!("there is no function `{name}`"));
    let names = crate::expr::functions::FUNCTIONS.iter().map(|function| function.name).collect();
    suggest_word(problem, span, name, names, "functions are")
}

pub(crate) fn argument_count(span: Span, name: &str, wanted: usize, given: usize) -> Diagnostic {
    let s = if wanted == 1 { "" } else { "s" };
    let here = if given == 1 { "here is" } else { "here are" };
    let problem = Diagnostic::new(
        codes::E0313,
        span,
        format!("`{name}` takes {wanted} argument{s}, and {here} {given}"),
    );
    match crate::expr::functions::Function::find(name) {
        Some(function) => {
            let takes: Vec<&str> = function.takes.iter().map(|takes| takes.noun()).collect();
            problem.help(format!("write `{name}(…)` with {}", takes.join(", then ")))
        }
        None => problem.help("take out what is too much, or add what is missing"),
    }
}

pub(crate) fn argument_type(span: Span, name: &str, wanted: &str, found: &str) -> Diagnostic {
    Diagnostic::new(codes::E0313, span, format!("`{name}` takes {wanted} here, and this is {found}"))
        .help("ask for a field of it, or use another function")
}

pub(crate) fn no_field(span: Span, of: &str, name: &str, names: Vec<&str>) -> Diagnostic {
    if name.is_empty() {
        return already_reported(span);
    }
    let problem = Diagnostic::new(codes::E0314, span, format!("{of} has no `{name}`"));
    suggest_word(problem, span, name, names, "it has")
}

pub(crate) fn not_a_call(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0314, span, format!("`cidr.{name}` is a function"))
        .help("call it: `cidr.host('10.1.0.0/24', 1)`")
}

/// Why a list is not made; said by functions, which know no codes.
pub(crate) const LIST_TOO_LONG: &str = "this would be a list of more than 10000 elements";

/// What to write instead, by how the reason begins.
const WAYS_OUT: &[(&str, &str)] = &[
    ("this is neither true nor false", "compare it with something: `x > 0`, `x == 'a'`, `len(xs) > 0`"),
    ("this is no list", "go over a list, or over numbers: `range(0, 3)`"),
    ("this is no number", "only numbers and amounts have a minus"),
    ("these two have no order", "compare numbers, amounts of one sort or texts; `==` compares anything"),
    ("nothing can be divided by 0", "ask first: `n == 0 ? 0 : x / n`"),
    ("the list is empty", "say what it is then: `len(xs) == 0 ? 0 : min(xs)`"),
    ("a list is asked by number", "elements are counted from 0: `xs[0]`"),
    ("the result is too large", "a whole number fits into 64 bits: use smaller ones, or amounts with units"),
    ("a whole number fits into 64 bits", "write a smaller one, or an amount with its unit: '2GiB'"),
    ("a key is a text", "write it in quotes: `x['name']`"),
    ("a name is a text", "write it in quotes: `x['name']`"),
];

pub(crate) fn cannot_compute(span: Span, reason: &str) -> Diagnostic {
    if reason == LIST_TOO_LONG {
        return Diagnostic::new(codes::E0318, span, reason).help("go over fewer elements");
    }
    let help = WAYS_OUT.iter().find(|(fact, _)| reason.starts_with(fact)).map(|(_, help)| *help);
    Diagnostic::new(codes::E0315, span, reason)
        .help(help.unwrap_or("write another value; nothing is guessed"))
}

pub(crate) fn out_of_list(span: Span, index: i64, len: usize) -> Diagnostic {
    let count = if len == 1 { "1 element".to_owned() } else { format!("{len} elements") };
    Diagnostic::new(codes::E0315, span, format!("there is no element {index}: the list has {count}"))
        .help("elements are counted from 0")
}

pub(crate) fn no_member(span: Span, stateful: &str, role: Option<&str>, place: &str) -> Diagnostic {
    let what = role.map_or_else(|| "member".to_owned(), ToOwned::to_owned);
    Diagnostic::new(codes::E0316, span, format!("no {what} of `{stateful}` is at `{place}`")).help(format!(
        "put one there with `on`, let one serve it with `serves`, or say another place: `{stateful}.in('…')`"
    ))
}

pub(crate) fn not_one_member(span: Span, stateful: &str, found: usize, place: &str) -> Diagnostic {
    Diagnostic::new(codes::E0316, span, format!("`{stateful}` has {found} primaries at `{place}`"))
        .help("one member has the role `primary`; ask for `replica` to get a list")
}

pub(crate) fn not_known_here(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::E0317, span, format!("`{name}` is not known here: {why}"))
        .help("ask where it is known, or write it down with `let`")
}

pub(crate) fn fact_not_known(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0317,
        span,
        format!("`{name}` is worked out by the plan, after all values are known"),
    )
    .help("ask for it in a `test`")
}

pub(crate) fn value_too_large(span: Span) -> Diagnostic {
    let kib = platc_diag::limits::VALUE_BYTES >> 10;
    Diagnostic::new(codes::E0318, span, format!("this would be a text of more than {kib} KiB"))
        .help("no environment variable holds so much")
}

pub(crate) fn too_many_steps(span: Span) -> Diagnostic {
    let steps = platc_diag::limits::EXPRESSION_STEPS;
    Diagnostic::new(codes::E0318, span, format!("this expression takes more than {steps} steps"))
        .help("work it out over fewer elements")
}

pub(crate) fn circular(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0319, span, "this value depends on itself")
        .help("break the circle: write one of the values down")
}

pub(crate) fn check_failed(span: Span, message: &str, rule: Span) -> Diagnostic {
    Diagnostic::new(codes::E0310, span, message.to_owned())
        .related(rule, "this must be true")
        .help("change a value that it speaks of")
}

// Declarations of types.

pub(crate) fn unknown_type(span: Span, name: &str) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0320, span, format!("there is no type `{name}`"));
    if let Some(ours) = crate::words::type_elsewhere(name) {
        let fix =
            Fix { edits: vec![Edit { span, text: ours.to_owned() }], ..rename(span, ours, Safety::Safe) };
        return problem.help(format!("write `{ours}`")).fix(fix);
    }
    match name {
        "array" | "slice" | "vec" | "set" | "List" => {
            return problem.help("write `list<string>`, of what it is a list");
        }
        "object" | "dict" | "hash" | "struct" | "Map" | "record" => {
            return problem.help("write `map<string>`, or a block with its fields");
        }
        "enum" | "choice" => return problem.help("write the words: `debug|info`"),
        _ => {}
    }
    let known = Scalar::ALL.iter().map(|scalar| scalar.word()).chain(["any", "secret"]);
    suggest_word(problem, span, name, known.collect(), "beside `list<…>`, `map<…>` and `ref<…>`, types are")
}

pub(crate) fn type_missing(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::E0320, span, format!("the field `{field}` has no type"))
        .help(format!("write `{field} string`, or a block with its fields"))
}

pub(crate) fn type_not_text(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0320, span, "a type is written as a word")
        .help("write it like `int` or `list<host-port>`")
}

pub(crate) fn type_of_itself(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0320, span, format!("the type `{name}` is only another name for itself"))
        .help("name a type that says what it is")
}

pub(crate) fn type_without_fields(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0320,
        span,
        format!("the type `{name}` has no fields, and a config is made of fields"),
    )
    .help(format!("declare it with a block: `type {name} {{ … }}`"))
}

pub(crate) fn unknown_attribute(span: Span, name: &str, names: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0320, span, format!("a field has no `{name}`"));
    suggest_word(problem, span, name, names.to_vec(), "what can be said of a field")
}

pub(crate) fn unknown_role(span: Span, name: &str) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0320, span, format!("there is no role `{name}`"));
    suggest_word(problem, span, name, vec!["arg", "args", "key", "keys", "each", "body", "fact"], "roles are")
}

pub(crate) fn bad_length(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0320, span, "this is no length")
        .help("write a number or a range, like 3, \"1..15\" or \"1..\"")
}

// Places.

pub(crate) fn no_cluster_here(span: Span, host: &str, datacenter: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0401,
        span,
        format!("`{host}` is to be in a cluster, and `{datacenter}` has none"),
    )
    .help(format!("declare a cluster with `in {datacenter}`, or give the host the role `outside`"))
}

pub(crate) fn several_clusters(span: Span, host: &str, names: &[&str]) -> Diagnostic {
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(codes::E0401, span, format!("`{host}` may be in one of several clusters: {listed}"))
        .help("say which: `cluster NAME`")
}

pub(crate) fn cluster_elsewhere(span: Span, host: &str, cluster: &str, datacenter: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0401,
        span,
        format!("`{host}` stands in `{datacenter}`, where `{cluster}` is not"),
    )
    .help(format!("add `{datacenter}` to the `in` of `{cluster}`, or name another cluster"))
}

pub(crate) fn host_without_address(span: Span, host: &str) -> Diagnostic {
    Diagnostic::new(codes::E0402, span, format!("`{host}` has no address"))
        .help("add `address=\"10.1.0.11\"`, or a `nic` with one")
}

pub(crate) fn bad_lock_line(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0809, span, "platc.lock says something that platc does not write")
        .help("undo the change, or resolve the conflict line by line; each number is given out once")
}

pub(crate) fn asset_unreadable(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::new(codes::E0810, span, format!("`{path}` cannot be read: {reason}"))
        .help("a path is from the directory of the file that names it")
}

// Configs from files.

pub(crate) fn config_twice(span: Span, file: Span) -> Diagnostic {
    Diagnostic::new(codes::E0207, span, "a config is taken from a file or written here, not both")
        .related(file, "the file")
        .help("move the value into the file, or the file into the block")
}

pub(crate) fn bad_yaml(span: Span, reason: &str) -> Diagnostic {
    Diagnostic::new(codes::E0323, span, format!("this is no YAML that a config can be: {reason}"))
        .help("a config is one document of YAML 1.2: maps, lists and scalars")
}

pub(crate) fn second_document(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0323, span, "a second document begins here")
        .help("a config is one document: take the `---` out")
}

pub(crate) fn yaml_no_map(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0323, span, "a config is a map at its outermost")
        .help("give the value a name: `name: …`")
}

pub(crate) fn yaml_too_large(span: Span) -> Diagnostic {
    let most = platc_diag::limits::LIST_ELEMENTS * 10;
    Diagnostic::new(codes::E0318, span, format!("this file has more than {most} values, or nests too deep"))
        .help("aliases count as what they stand for; write out what is needed")
}

pub(crate) fn yaml_form(span: Span, field: &str, ty: &Type, types: &Types, found: &str) -> Diagnostic {
    if let Type::Record(id) = ty {
        let names = types.record(*id).written_names().take(8);
        let listed = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Diagnostic::new(codes::E0301, span, format!("`{field}` has fields, and this is {found}"))
            .help(format!("give its fields: {listed}"));
    }
    let problem = Diagnostic::new(
        codes::E0301,
        span,
        format!("`{field}` takes {}, and this is {found}", noun_of(ty, types)),
    );
    problem.maybe_help(example(ty).map(|like| format!("write it like {like}")))
}

pub(crate) fn bad_schema(span: Span, path: &str, reason: &str) -> Diagnostic {
    // The library speaks of ways to fetch it; a build fetches nothing.
    let elsewhere = reason.strip_prefix("Resource '").and_then(|rest| rest.split_once("' is not present"));
    let reason = elsewhere.map_or_else(|| reason.to_owned(), |(uri, _)| format!("it refers to `{uri}`"));
    Diagnostic::new(codes::E0324, span, format!("`{path}` is no JSON Schema: {reason}"))
        .help("a schema is one JSON file, and refers to nothing but itself")
}

pub(crate) fn schema_mismatch(span: Span, pointer: &str, reason: &str, schema: Span) -> Diagnostic {
    let place = if pointer.is_empty() { "the config".to_owned() } else { format!("`{pointer}`") };
    Diagnostic::new(codes::E0325, span, format!("{place} is not what its schema takes: {reason}"))
        .related(schema, "the schema")
        .help(if reason.ends_with("is not of type \"array\"") {
            "one value alone is no list: write `(array)` before the name, or children named `-`"
        } else {
            "mend the value; the schema is the program's own"
        })
}
