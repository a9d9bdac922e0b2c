//! Findings on projects and files: one named constructor for each.

use std::io;

use platc_diag::{Diagnostic, Edit, Fix, Safety, Span, codes, limits};

pub(crate) fn not_utf8(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0101, span, "this is not UTF-8")
        .help("save the file as UTF-8, or convert it with `iconv -f latin1 -t utf-8`")
}

pub(crate) fn file_too_large(span: Span) -> Diagnostic {
    let mib = limits::FILE_BYTES >> 20;
    Diagnostic::new(codes::E0108, span, format!("the file is larger than {mib} MiB"))
        .help("split it, or name it in `.platcignore` if it is not a source file")
}

pub(crate) fn cannot_read(span: Span, error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::Interrupted {
        return Diagnostic::new(codes::E0803, span, "the file changed while it was read")
            .help("run the command again when whatever writes it is done");
    }
    Diagnostic::new(codes::E0802, span, format!("the file cannot be read: {}", io_reason(error)))
        .help("mend it, remove it, or name it in `.platcignore`")
}

pub(crate) fn cannot_list(span: Span, error: &io::Error) -> Diagnostic {
    Diagnostic::new(codes::E0802, span, format!("the directory cannot be read: {}", io_reason(error)))
        .help("mend its permissions, or name it in `.platcignore`")
}

pub(crate) fn bad_ignore_pattern(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0804, span, "this is no pattern").help("write it as gitignore(5) has it")
}

pub(crate) fn import_missing(span: Span, written: &str, looked_at: &str) -> Diagnostic {
    Diagnostic::new(codes::E0805, span, format!("there is no directory `{written}`")).help(format!(
        "a path is from the directory of the file that imports: this one leads to `{looked_at}`"
    ))
}

pub(crate) fn imports_platform(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(codes::E0806, span, format!("`{written}` is a platform, not a library"))
        .help("a library has no `platform.kdl`; move what both share into a directory of its own")
}

pub(crate) fn imports_itself(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(codes::E0807, span, format!("`{written}` is the directory that imports it"))
        .help("all files below a directory belong together without an import")
}

pub(crate) fn import_cycle(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0807, span, format!("the library `{name}` leads back here"))
        .help("move what both need into a third library")
}

pub(crate) fn import_not_vendored(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(codes::E0808, span, format!("`{written}` is not here")).help(
        "a build never touches the network: fetch it into a directory beside the platform and import that",
    )
}

/// Why something cannot be read, for people.
pub(crate) fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        // ELOOP: the kind has no stable name yet.
        _ if error.raw_os_error() == Some(40) => "its links go round in circles".to_owned(),
        _ => error.to_string(),
    }
}

pub(crate) fn waiver_without_end(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0811, span, format!("`{name}` is an error there, and this waiver has no end"))
        .help("add `until=\"2027-06-30\"`: an error is waived for a time")
}

pub(crate) fn waiver_over(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0812, span, format!("the waiver of `{name}` is over"))
        .help("mend what it is about, or give it a new day if the reason still holds")
}

pub(crate) fn waiver_of_nothing(span: Span, name: &str, names: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0813, span, format!("no finding is called `{name}`"));
    let sure = platc_diag::unmistakable(name, names.iter().copied());
    match platc_diag::closest(name, names.iter().copied()) {
        Some(near) => {
            let safety = if sure == Some(near) { Safety::Safe } else { Safety::Suggestion };
            let edits = vec![Edit { span, text: near.to_owned() }];
            let fix = Fix { title: format!("change it to `{near}`"), edits, safety };
            problem.help(format!("did you mean `{near}`?")).fix(fix)
        }
        None => problem
            .help("write the name that stands beside the code of the finding; a policy's is `POLICY/RULE`"),
    }
}

pub(crate) fn waiver_on_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0813, span, format!("this waiver does not say on what `{name}` is waived"))
        .help("add `on=NAME`, or put it into the declaration that it is about")
}

pub(crate) fn waiver_unused(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0814, span, format!("there is no `{name}` to waive")).help("take the line out")
}

pub(crate) fn not_in_a_test(span: Span, name: &str) -> Diagnostic {
    let words = ["amend", "lose", "expect", "golden"];
    Diagnostic::new(codes::E0820, span, format!("a test has no `{name}`"))
        .maybe_help(platc_diag::did_you_mean(name, words, "it has"))
}

pub(crate) fn expects_unknown_finding(span: Span, name: &str) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0820, span, format!("no finding is called `{name}`"));
    match platc_diag::closest(name, platc_diag::Code::all().map(platc_diag::Code::name)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("write the name that stands beside the code of the finding"),
    }
}

pub(crate) fn nothing_to_lose(span: Span, name: &str, names: &[String]) -> Diagnostic {
    Diagnostic::new(codes::E0820, span, format!("there is no host, rack or datacenter `{name}` to lose"))
        .maybe_help(platc_diag::did_you_mean(name, names.iter().map(String::as_str), "there are"))
}

pub(crate) fn expects_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0820, span, "this `expect` says nothing")
        .help("write `expect \"web.replicas == 2\"` or `expect finding=NAME on=THING`")
}

pub(crate) fn expectation_failed(span: Span, sides: Option<(String, String)>) -> Diagnostic {
    let problem = Diagnostic::new(codes::E0821, span, "this is not so");
    match sides {
        Some((left, right)) => problem.help(format!("the left side is {left}, the right side {right}")),
        None => problem.help("mend the platform, or what is expected of it"),
    }
}

pub(crate) fn finding_missing(span: Span, name: &str, thing: Option<&str>) -> Diagnostic {
    let on = thing.map_or_else(String::new, |thing| format!(" on `{thing}`"));
    Diagnostic::new(codes::E0822, span, format!("there is no `{name}`{on}"))
        .help("what the test does no longer leads to it; see `platc check` for what it leads to")
}

pub(crate) fn golden_differs(span: Span, path: &str, kept: &str, difference: &str) -> Diagnostic {
    Diagnostic::new(codes::E0823, span, format!("`{path}` is not as it is kept in `{kept}`"))
        .note(difference)
        .help("look at the difference; if it is meant, `platc test --bless` writes it down")
}

pub(crate) fn golden_left_over(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(codes::E0823, span, format!("`{path}` is kept, and nothing makes it any more"))
        .help("if that is meant, `platc test --bless` removes it")
}

pub(crate) fn golden_of_nothing(span: Span, pattern: &str) -> Diagnostic {
    Diagnostic::new(codes::E0820, span, format!("no file of the build has a path like `{pattern}`"))
        .help("`*` stands for anything but `/`, `**` for anything; `platc build` shows what there is")
}

pub(crate) fn golden_without_pattern(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0820, span, "this `golden` names no files")
        .help("write `golden \"clusters/**/web*\"`")
}

pub(crate) fn golden_shared(span: Span, other: Span) -> Diagnostic {
    Diagnostic::new(
        codes::E0820,
        span,
        "the golden files of this test would lie where another test has its own",
    )
    .related(other, "the other test")
    .help("give one of them another name")
}

pub(crate) fn plugin_not_fetched(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(codes::E0808, span, format!("`{written}` is not here"))
        .help("a build never touches the network: `platc fetch` brings it and pins it in `platc.lock`")
}

pub(crate) fn fetched_changed(span: Span, name: &str, path: &str, pinned: &str, found: &str) -> Diagnostic {
    let message = format!("`{path}` is not the plugin `{name}` that `platc.lock` has");
    Diagnostic::new(codes::E0711, span, message)
        .note(format!("locked {pinned}, found {found}"))
        .help("remove the file and run `platc fetch`; or `platc vendor`, if it is to be committed")
}

pub(crate) fn plugin_changed(span: Span, name: &str, pinned: &str, found: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0711,
        span,
        format!("the file of the plugin `{name}` is not the one in `platc.lock`"),
    )
    .note(format!("locked {pinned}, found {found}"))
    .help(format!(
        "if the new one is meant, take the line `plugin {name} …` out of `platc.lock` and build again"
    ))
}

pub(crate) fn used_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0712, span, format!("the policy `{name}` is used twice"))
        .related(first, "first here")
        .help("put all its settings into one `use`; for the same rules twice, declare a second `plugin`")
}

pub(crate) fn patch_nowhere(
    span: Span,
    policy: &str,
    rule: &str,
    pointer: &str,
    (why, help): (String, String),
    used: Span,
) -> Diagnostic {
    Diagnostic::new(codes::E0742, span, format!("`{policy}/{rule}` wants to change `{pointer}`: {why}"))
        .related(used, "this policy")
        .help(format!("this is for the author of the policy: {help}"))
}

pub(crate) fn patch_unsettled(span: Span, policy: &str, rule: &str, pointer: &str, used: Span) -> Diagnostic {
    let message = format!("`{policy}/{rule}` would change `{pointer}` once more, after its own change");
    Diagnostic::new(codes::E0743, span, message)
        .related(used, "this policy")
        .help("this is for the author of the policy: change nothing that is as the policy wants it")
}
