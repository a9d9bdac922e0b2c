//! `allow`: findings that somebody has looked at and takes upon them, for a reason and, if they are errors,
//! until a day.
//!
//! Start with [`apply`].

use platc_diag::{Code, Diagnostic, Level, Problems};
use platc_model::generated::Allow;
use platc_model::scalar::Date;
use platc_model::{Declared, Items, Model};

use crate::errors;

/// Whether policies have judged already: before, a waiver of a policy's finding may yet be for something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judged {
    /// They have.
    Yes,
    /// They have not, or not all of them.
    No,
    /// Nobody has even planned: before, a waiver of anything may yet be for something.
    NotPlanned,
}

/// Takes out what is waived, and reports waivers that are wrong, over or for nothing.
///
/// `today` is the day on which dates are judged; without one, no waiver is over.
pub fn apply(
    allows: &Items<Allow, Declared<Allow>>,
    problems: Problems,
    today: Option<Date>,
    judged: Judged,
) -> Problems {
    let waivers: Vec<&Declared<Allow>> = allows.values().collect();
    let mut used = vec![false; waivers.len()];
    let mut kept = Problems::new();
    for problem in problems {
        let found = waivers.iter().enumerate().find(|(_, waiver)| speaks_of(waiver, &problem));
        match found {
            Some((at, waiver)) => {
                if let Some(slot) = used.get_mut(at) {
                    *slot = true;
                }
                match force(waiver, &problem, today) {
                    Force::Holds => {}
                    Force::NeedsEnd => {
                        kept.push(errors::waiver_without_end(waiver.head.span, &waiver.head.name));
                        kept.push(problem);
                    }
                    Force::Over => {
                        let until = waiver.value.until.and_then(|until| until.origin.span());
                        kept.push(errors::waiver_over(until.unwrap_or(waiver.head.span), &waiver.head.name));
                        kept.push(problem);
                    }
                }
            }
            None => kept.push(problem),
        }
    }
    // What comes of a plan is not looked for while there are errors, so nothing is known of its waivers.
    let broken = kept.iter().any(Diagnostic::is_error);
    for (waiver, used) in waivers.iter().zip(used) {
        let name = &waiver.head.name;
        let code = Code::find(name);
        let policys = name.contains('/') || code.is_some_and(|code| code.id().starts_with("E07"));
        let known = policys || code.is_some();
        if !known {
            let names: Vec<&str> = Code::all().map(Code::name).collect();
            kept.push(errors::waiver_of_nothing(waiver.head.span, name, &names));
        } else if waiver.value.on.is_none() && waiver.head.parent.is_none() {
            kept.push(errors::waiver_on_nothing(waiver.head.span, name));
        } else if !used && !broken && (judged == Judged::Yes || (judged == Judged::No && !policys)) {
            kept.push(errors::waiver_unused(waiver.head.span, name));
        }
    }
    kept.sort_by(Diagnostic::report_order);
    kept.dedup();
    kept
}

/// What of some findings is not waived. Of the waivers themselves nothing is said: who asks about a part of a
/// platform, or about a change to it, does not ask whether each waiver is still for something.
pub fn unwaived(model: &Model, problems: Problems, today: Option<Date>) -> Problems {
    let waived = |problem: &Diagnostic| {
        let mut waivers = model.allows.values();
        waivers.any(|waiver| speaks_of(waiver, problem) && force(waiver, problem, today) == Force::Holds)
    };
    problems.into_iter().filter(|problem| !waived(problem)).collect()
}

/// Whether a waiver counts for a finding that it speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Force {
    Holds,
    /// An error is waived for a time only.
    NeedsEnd,
    Over,
}

fn force(waiver: &Declared<Allow>, problem: &Diagnostic, today: Option<Date>) -> Force {
    match waiver.value.until {
        None if problem.level() == Level::Error => Force::NeedsEnd,
        Some(until) if today.is_some_and(|today| until.value <= today) => Force::Over,
        _ => Force::Holds,
    }
}

fn speaks_of(waiver: &Declared<Allow>, problem: &Diagnostic) -> bool {
    let code = problem.code();
    let named = *waiver.head.name == *code.name() || waiver.head.name.eq_ignore_ascii_case(code.id());
    let Some(subject) = problem.subject() else { return false };
    let on = waiver.value.on.iter().flatten().any(|on| *on.value == *subject);
    let inside = waiver.value.on.is_none()
        && waiver.head.parent.as_ref().is_some_and(|parent| *parent.name == *subject);
    named && (on || inside)
}
