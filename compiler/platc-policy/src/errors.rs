//! The words of `E07`: one named constructor for each code.
//!
//! Not here: the words of policies, which are their own ([`crate::resolve`]).
//!
//! Start with [`fault`].

use platc_artifact::judge::{Cost, Patch, PolicyUse};
use platc_artifact::view::PointerError;
use platc_diag::{Diagnostic, Span, codes, did_you_mean, limits};

use crate::cache::CacheTrouble;
use crate::guest::SettingError;
use crate::inspect::Refusal;
use crate::plugin::LoadTrouble;
use crate::run::Fault;
use crate::settings::Mismatch;
use crate::state::Stop;

/// `E0701`.
pub(crate) fn unknown_policy(policy: &PolicyUse, library: &[&str]) -> Diagnostic {
    Diagnostic::new(codes::E0701, policy.span, format!("there is no policy `{}`", policy.name))
        .maybe_help(did_you_mean(&policy.name, library.iter().copied(), "the library has"))
        .note("a policy of your own is declared with `plugin NAME from=\"…\"`")
}

/// `E0702` to `E0708`, or what `describe` ran into.
pub(crate) fn load(policy: &PolicyUse, trouble: &LoadTrouble) -> Diagnostic {
    match trouble {
        LoadTrouble::Refused(refusal) => refused(policy, refusal),
        LoadTrouble::Fault(fault) => {
            self::fault(policy, fault, Cost::default()).note("it was asked what it is, and had seen no model")
        }
        LoadTrouble::Description(reason) => {
            let message = format!("policy `{}` does not describe itself properly: {reason}", policy.name);
            Diagnostic::new(codes::E0708, policy.span, message).help(TELL_ITS_AUTHOR)
        }
    }
}

/// `E0702` to `E0707`.
pub(crate) fn refused(policy: &PolicyUse, refusal: &Refusal) -> Diagnostic {
    let file = file(policy);
    match refusal {
        Refusal::TooLarge { bytes } => {
            let most = limits::POLICY_FILE_BYTES;
            let message = format!("{file} has {bytes} bytes, and {most} is the most");
            Diagnostic::new(codes::E0707, policy.span, message)
                .help("strip debug information, or leave out what its rules do not need")
        }
        Refusal::NotWasm { looks_like } => Diagnostic::new(
            codes::E0702,
            policy.span,
            format!("{file} is no WebAssembly: it is {looks_like}"),
        )
        .help("a policy is a component, or what `cargo build --target wasm32-unknown-unknown` makes"),
        Refusal::CutShort { bytes } => {
            let message = format!("{file} ends too early: its contents go on beyond its {bytes} bytes");
            Diagnostic::new(codes::E0703, policy.span, message).help("fetch it again")
        }
        Refusal::Damaged { reason } => Diagnostic::new(
            codes::E0704,
            policy.span,
            format!("{file} is damaged: it is not valid WebAssembly"),
        )
        .note(reason.clone())
        .help("compare its SHA-256 with its author's, and fetch it again"),
        Refusal::Import { name } => {
            let message = format!("policy `{}` asks for `{name}`, which platc does not offer", policy.name);
            let help = if name.contains("wasi") {
                "build it without WASI: Rust for `wasm32-unknown-unknown`, JavaScript and Python with `--stub-wasi`"
            } else {
                "a policy may import `platc:policy` and nothing else"
            };
            Diagnostic::new(codes::E0705, policy.span, message).help(help)
        }
        Refusal::OtherContract { reason } => Diagnostic::new(
            codes::E0706,
            policy.span,
            format!("{file} is no policy for this platc: {reason}"),
        )
        .help("build it with the SDK of this platc (`platc policy new` writes it)"),
    }
}

/// `E0709`.
pub(crate) fn setting_mismatch(policy: &PolicyUse, mismatch: Mismatch) -> Diagnostic {
    let span = policy.setting_span(&mismatch.pointer);
    Diagnostic::new(codes::E0709, span, format!("policy `{}`: {}", policy.name, mismatch.message))
        .maybe_help(mismatch.help)
}

/// `E0710`.
pub(crate) fn setting_refused(policy: &PolicyUse, error: &SettingError) -> Diagnostic {
    let span = policy.setting_span(&error.path);
    let message = format!("policy `{}` does not take this setting: {}", policy.name, cut(&error.message));
    Diagnostic::new(codes::E0710, span, message)
}

/// `E0720` to `E0729`, and `E0731` and `E0733` where they ended a run.
pub(crate) fn fault(policy: &PolicyUse, fault: &Fault, cost: Cost) -> Diagnostic {
    let name = &policy.name;
    let of = |code, message: String| Diagnostic::new(code, policy.span, message);
    let found = match fault {
        Fault::Fuel { limit } => of(
            codes::E0720,
            format!("policy `{name}` computed for longer than it may: its limit is {limit} units of fuel"),
        )
        .help("does it loop for ever, or compare everything with everything?"),
        Fault::Stack => {
            let kib = limits::POLICY_STACK_BYTES >> 10;
            of(
                codes::E0723,
                format!("policy `{name}` called itself too deeply: its stack may have {kib} KiB"),
            )
        }
        Fault::Stopped(stop) => return stopped(policy, stop).note(cost_note(cost)),
        Fault::Parts(what) => {
            let most = limits::POLICY_PARTS;
            of(codes::E0721, format!("policy `{name}` is made of more parts than {most}: {what}"))
        }
        Fault::OutputSize => {
            let mib = limits::POLICY_OUTPUT_BYTES >> 20;
            of(codes::E0724, format!("policy `{name}` handed over more than {mib} MiB at once"))
        }
        Fault::Panic { words, frames } => {
            with_frames(of(codes::E0727, format!("policy `{name}` panicked: {}", cut(words))), frames)
                .help(TELL_ITS_AUTHOR)
        }
        Fault::Trap { rule, frames } => {
            with_frames(of(codes::E0726, format!("policy `{name}` broke down: {rule}")), frames)
                .help(TELL_ITS_AUTHOR)
        }
        Fault::GaveUp(words) => of(codes::E0728, format!("policy `{name}` cannot judge: {}", cut(words))),
        Fault::Settings(errors) => {
            let words = errors.first().map(|error| cut(&error.message)).unwrap_or_default();
            of(codes::E0710, format!("policy `{name}` does not take its settings: {words}"))
        }
        Fault::Contract(reason) => {
            return refused(policy, &Refusal::OtherContract { reason: reason.clone() });
        }
        Fault::Malformed(reason) => {
            of(codes::E0733, format!("what policy `{name}` handed over is malformed: {}", cut(reason)))
                .help(TELL_ITS_AUTHOR)
        }
        Fault::NotRun(reason) => return not_run(policy, reason),
    };
    found.note(cost_note(cost))
}

/// `E0729`.
pub(crate) fn not_run(policy: &PolicyUse, reason: &str) -> Diagnostic {
    let message = format!("policy `{}` could not be run: {reason}", policy.name);
    Diagnostic::new(codes::E0729, policy.span, message)
        .help("look at the limits of this machine (`ulimit -a`)")
}

fn stopped(policy: &PolicyUse, stop: &Stop) -> Diagnostic {
    let name = &policy.name;
    let of = |code, message: String| Diagnostic::new(code, policy.span, message);
    match stop {
        Stop::Memory { limit } => {
            let mib = limit >> 20;
            of(codes::E0721, format!("policy `{name}` asked for more memory than its {mib} MiB"))
                .help("read the values that it needs with `select`, not whole objects")
        }
        Stop::Table { limit } => {
            of(codes::E0721, format!("policy `{name}` asked for more than {limit} entries in its tables"))
        }
        Stop::HostWork { limit } => {
            of(codes::E0722, format!("policy `{name}` asked more of the host than its {limit} units of work"))
                .help("one `select` replaces thousands of calls")
        }
        Stop::Handles { limit } => {
            of(codes::E0722, format!("policy `{name}` held more than {limit} handles of nodes at once"))
                .help("let go of handles, or read with `select`")
        }
        Stop::Pointer { text, error } => bad_pointer(policy, text, *error),
    }
}

/// `E0725`.
pub(crate) fn too_many(policy: &PolicyUse, n: usize, most: usize, what: &str) -> Diagnostic {
    let message = format!("policy `{}` gave {n} {what}, and {most} is the most", policy.name);
    Diagnostic::new(codes::E0725, policy.span, message).note(format!("the first {most} are kept"))
}

/// `E0730`.
pub(crate) fn forged_node(policy: &PolicyUse, node: u32, n_nodes: u32) -> Diagnostic {
    let message = format!("policy `{}` points at node {node} of a model that has {n_nodes}", policy.name);
    Diagnostic::new(codes::E0730, policy.span, message).help(TELL_ITS_AUTHOR)
}

/// `E0731`.
pub(crate) fn bad_pointer(policy: &PolicyUse, text: &str, error: PointerError) -> Diagnostic {
    let message = format!("policy `{}` used `{}` as a pointer: {error}", policy.name, cut(text));
    Diagnostic::new(codes::E0731, policy.span, message).help(TELL_ITS_AUTHOR)
}

/// `E0732`.
pub(crate) fn undeclared_rule(policy: &PolicyUse, rule: &str, kind: &str) -> Diagnostic {
    let message = format!("policy `{}` does not declare a rule `{}`{kind}", policy.name, cut(rule));
    Diagnostic::new(codes::E0732, policy.span, message).help(TELL_ITS_AUTHOR)
}

/// `E0733`.
pub(crate) fn malformed_patch(policy: &PolicyUse, rule: &str, reason: &str) -> Diagnostic {
    let message = format!("a patch of `{}/{rule}` is none: {reason}", policy.name);
    Diagnostic::new(codes::E0733, policy.span, message).help(TELL_ITS_AUTHOR)
}

/// `E0740`.
pub(crate) fn patch_conflict(
    span: Span,
    thing: &str,
    (outer, outer_use): (&Patch, Span),
    (inner, inner_use): (&Patch, Span),
) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` change `{}` of {thing} in two ways",
        author(outer),
        author(inner),
        inner.pointer
    );
    Diagnostic::new(codes::E0740, span, message)
        .related(outer_use, format!("`{}` {}: {}", author(outer), intent(outer), cut(&outer.reason)))
        .related(inner_use, format!("`{}` {}: {}", author(inner), intent(inner), cut(&inner.reason)))
        .help("change the settings of one of them, or stop using it: no policy comes before another")
}

/// `E0741`.
pub(crate) fn patch_stale(
    policy: &PolicyUse,
    span: Span,
    patch: &Patch,
    expected: &str,
    is: &str,
) -> Diagnostic {
    let message = format!(
        "`{}` would change `{}` only if it is `{}`, and it is `{}`",
        author(patch),
        patch.pointer,
        cut(expected),
        cut(is)
    );
    Diagnostic::new(codes::E0741, span, message).related(policy.span, cut(&patch.reason))
}

/// `E0750`, `E0751`.
pub(crate) fn cache(policy: &PolicyUse, trouble: &CacheTrouble) -> Diagnostic {
    let name = &policy.name;
    match trouble {
        CacheTrouble::NotTrusted(what) => {
            let message = format!("a file of the plugin cache was not used for policy `{name}`: {what}");
            Diagnostic::new(codes::E0750, policy.span, message)
                .note("the plugin was compiled from its own file, and the verdict is the same")
                .help("look at who can write there; deleting the cache is safe")
        }
        CacheTrouble::NotWritten(what) => {
            let message = format!("the compiled plugin `{name}` could not be stored: {what}");
            Diagnostic::new(codes::E0751, policy.span, message)
                .note("it will be compiled again the next time, and the verdict is the same")
        }
    }
}

const TELL_ITS_AUTHOR: &str = "this is for the policy's author to mend";

/// A guest's text as it can be shown: nothing that moves a terminal's cursor, and no longer than the limit.
pub(crate) fn cut(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    if text.len() <= limits::POLICY_TEXT_BYTES {
        return text.chars().map(shown).collect();
    }
    let end = text.floor_char_boundary(limits::POLICY_TEXT_BYTES);
    text.get(..end).unwrap_or_default().chars().map(shown).chain(['…']).collect()
}

fn file(policy: &PolicyUse) -> String {
    match &policy.source {
        platc_artifact::judge::Source::Library => format!("the library's policy `{}`", policy.name),
        platc_artifact::judge::Source::File { path, .. } => {
            format!("`{path}`, the file of policy `{}`,", policy.name)
        }
    }
}

fn with_frames(found: Diagnostic, frames: &[String]) -> Diagnostic {
    frames.iter().fold(found, |found, frame| found.note(format!("in `{}`", cut(frame))))
}

fn cost_note(cost: Cost) -> String {
    format!("it had used {} units of fuel and {} of host work", cost.fuel, cost.host_work)
}

fn author(patch: &Patch) -> String {
    format!("{}/{}", patch.policy, patch.rule)
}

fn intent(patch: &Patch) -> String {
    use platc_artifact::judge::Change;
    match &patch.change {
        Change::Set(value) => format!("sets `{}` to `{}`", patch.pointer, cut(value)),
        Change::Remove => format!("removes `{}`", patch.pointer),
        Change::Append(value) => format!("appends `{}` to `{}`", cut(value), patch.pointer),
    }
}
