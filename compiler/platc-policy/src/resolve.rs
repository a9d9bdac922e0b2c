//! From what a policy handed over to findings at places in the author's source, and to patches. Nothing
//! that a guest says is taken on trust: its nodes, pointers, rules and values are checked here.
//!
//! Not here: putting the patches of several policies together ([`crate::merge`]).
//!
//! Start with [`findings`].

use std::collections::BTreeMap;

use platc_artifact::judge::{Change, Description, Patch, PolicyUse};
use platc_artifact::view::{NodeId, Pointer, View};
use platc_diag::{Diagnostic, Edit as TextEdit, Fix, Problems, Safety};
use serde_json::Value as Json;

use crate::errors::{self, cut};
use crate::guest::{Edit, Finding, Location, Op};
use crate::json;

/// Who says it, about what.
pub(crate) struct Context<'a> {
    pub(crate) policy: &'a PolicyUse,
    pub(crate) description: &'a Description,
    pub(crate) view: &'a dyn View,
    pub(crate) findings_max: usize,
}

/// Findings for people, and what was attached to them for tools.
pub(crate) struct Resolved {
    pub(crate) findings: Problems,
    pub(crate) data: BTreeMap<usize, String>,
}

/// The findings of a policy, in the order of node, path and rule; what is wrong with any of them after them.
pub(crate) fn findings(context: &Context<'_>, mut told: Vec<Finding>) -> Resolved {
    told.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut about_itself = Problems::new();
    let n_told = told.len();
    if n_told > context.findings_max {
        told.truncate(context.findings_max);
        about_itself.push(errors::too_many(context.policy, n_told, context.findings_max, "findings"));
    }
    let mut resolved = Resolved { findings: Problems::with_capacity(told.len()), data: BTreeMap::new() };
    for finding in told {
        match one(context, &finding) {
            Ok(diagnostic) => {
                resolved.data.extend(finding.data.map(|data| (resolved.findings.len(), data)));
                resolved.findings.push(diagnostic);
            }
            Err(wrong) => about_itself.push(wrong.note(format!("it says: {}", cut(&finding.message)))),
        }
    }
    resolved.findings.extend(about_itself);
    resolved
}

/// The patches of a policy, and what is wrong with the others.
pub(crate) fn patches(context: &Context<'_>, mut told: Vec<Edit>) -> (Vec<Patch>, Problems) {
    told.sort_by(|a, b| (a.at.node, &a.at.path, &a.rule).cmp(&(b.at.node, &b.at.path, &b.rule)));
    let mut problems = Problems::new();
    let n_told = told.len();
    if n_told > context.findings_max {
        told.truncate(context.findings_max);
        problems.push(errors::too_many(context.policy, n_told, context.findings_max, "patches"));
    }
    let mut patches = Vec::with_capacity(told.len());
    for edit in told {
        match mutation(context, &edit) {
            Ok(patch) => patches.push(patch),
            Err(wrong) => problems.push(wrong.note(format!("its reason: {}", cut(&edit.reason)))),
        }
    }
    (patches, problems)
}

fn order(finding: &Finding) -> (u32, &str, &str, &str) {
    (finding.primary.node, &finding.primary.path, &finding.rule, &finding.message)
}

fn one(context: &Context<'_>, finding: &Finding) -> Result<Diagnostic, Diagnostic> {
    let Context { policy, view, .. } = context;
    let rule = context.description.rules.iter().find(|rule| rule.id == finding.rule);
    if rule.is_none() {
        return Err(errors::undeclared_rule(policy, &finding.rule, ""));
    }
    let (node, pointer) = place(context, &finding.primary)?;
    let level = policy.level.unwrap_or(finding.level);
    let code = format!("{}/{}", policy.name, finding.rule);
    let mut found = Diagnostic::of_policy(code, level, view.origin(node, pointer), cut(&finding.message))
        .label(finding.primary.label.as_deref().map(cut).unwrap_or_default())
        .maybe_help(finding.help.as_deref().map(cut));
    if let Some(subject) = view.subject(node) {
        found = found.about(subject);
    }
    for related in &finding.related {
        let (node, pointer) = place(context, related)?;
        found =
            found.related(view.origin(node, pointer), related.label.as_deref().map(cut).unwrap_or_default());
    }
    for fix in &finding.fixes {
        found = match text_fix(context, fix)? {
            Some(fix) => found.fix(fix),
            // No single literal can be replaced; people can still read what is meant.
            None => found.note(proposal(fix)),
        };
    }
    Ok(found)
}

fn place<'a>(context: &Context<'_>, at: &'a Location) -> Result<(NodeId, Pointer<'a>), Diagnostic> {
    let n_nodes = context.view.node_count();
    if at.node >= n_nodes {
        return Err(errors::forged_node(context.policy, at.node, n_nodes));
    }
    match Pointer::parse(&at.path) {
        Ok(pointer) => Ok((NodeId(at.node), pointer)),
        Err(error) => Err(errors::bad_pointer(context.policy, &at.path, error)),
    }
}

/// A fix as a replacement of text, where the value stands in the source as a literal of its own.
fn text_fix(context: &Context<'_>, fix: &Edit) -> Result<Option<Fix>, Diagnostic> {
    let (node, pointer) = place(context, &fix.at)?;
    let value = change(context, fix)?;
    let (Op::Set, Change::Set(value)) = (fix.op, value) else { return Ok(None) };
    let edit = context.view.literal(node, pointer).zip(kdl_literal(&value));
    Ok(edit.map(|(span, text)| Fix {
        title: cut(&fix.reason),
        edits: vec![TextEdit { span, text }],
        safety: Safety::Suggestion,
    }))
}

fn proposal(fix: &Edit) -> String {
    let (path, reason) = (cut(&fix.at.path), cut(&fix.reason));
    match (fix.op, &fix.value) {
        (Op::Set, Some(value)) => format!("`{path}` could be `{}`: {reason}", cut(value)),
        (Op::Append, Some(value)) => format!("`{path}` could also have `{}`: {reason}", cut(value)),
        (Op::Remove | Op::Set | Op::Append, _) => format!("`{path}` could be left out: {reason}"),
    }
}

/// A scalar as the author would write it, in KDL v2; `None` for what has no plain literal.
fn kdl_literal(json: &str) -> Option<String> {
    match serde_json::from_str(json).ok()? {
        Json::String(text) if is_plain(&text) => {
            // KDL has the escapes of JSON.
            let mut literal = String::new();
            json::write_str(&text, &mut literal);
            Some(literal)
        }
        Json::Bool(truth) => Some(format!("#{truth}")),
        Json::Number(number) => Some(number.to_string()),
        Json::Null => Some("#null".into()),
        Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Whether a text is no more than its characters: nothing that would be read as an expression, and nothing
/// that KDL escapes in another way than JSON.
fn is_plain(text: &str) -> bool {
    !text.contains("${") && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

fn mutation(context: &Context<'_>, edit: &Edit) -> Result<Patch, Diagnostic> {
    let Context { policy, view, .. } = context;
    let declared = |rule: &&platc_artifact::judge::RuleInfo| rule.id == edit.rule && rule.mutates;
    if context.description.rules.iter().find(declared).is_none() {
        return Err(errors::undeclared_rule(policy, &edit.rule, " that mutates"));
    }
    let (node, pointer) = place(context, &edit.at)?;
    if pointer.is_root() {
        let reason = "it would replace a whole node; a patch changes something in one";
        return Err(errors::malformed_patch(policy, &edit.rule, reason));
    }
    let patch = Patch {
        node,
        pointer: edit.at.path.clone(),
        change: change(context, edit)?,
        policy: policy.name.clone(),
        rule: edit.rule.clone(),
        reason: cut(&edit.reason),
    };
    if let Some(expect) = &edit.expect {
        let expected = json::canonical(&parsed(context, edit, expect)?);
        let mut is = String::new();
        match view.value(node, pointer) {
            Some(value) => json::write_value(&value, &mut is),
            None => is.push_str("null"),
        }
        let is = serde_json::from_str(&is).map(|json| json::canonical(&json)).unwrap_or(is);
        if is != expected {
            return Err(errors::patch_stale(policy, view.origin(node, pointer), &patch, &expected, &is));
        }
    }
    Ok(patch)
}

fn change(context: &Context<'_>, edit: &Edit) -> Result<Change, Diagnostic> {
    let wrong = |reason| errors::malformed_patch(context.policy, &edit.rule, reason);
    match (edit.op, &edit.value) {
        (Op::Remove, None) => Ok(Change::Remove),
        (Op::Remove, Some(_)) => Err(wrong("it removes, and yet it has a value")),
        (Op::Set | Op::Append, None) => Err(wrong("it has no value")),
        (Op::Set, Some(value)) => Ok(Change::Set(json::canonical(&parsed(context, edit, value)?))),
        (Op::Append, Some(value)) => Ok(Change::Append(json::canonical(&parsed(context, edit, value)?))),
    }
}

fn parsed(context: &Context<'_>, edit: &Edit, text: &str) -> Result<Json, Diagnostic> {
    serde_json::from_str(text).map_err(|error| {
        errors::malformed_patch(context.policy, &edit.rule, &format!("`{}` is no JSON: {error}", cut(text)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_is_written_as_kdl_writes_it() {
        assert_eq!(kdl_literal(r#""a \"b\"""#).as_deref(), Some(r#""a \"b\"""#));
        assert_eq!(kdl_literal("true").as_deref(), Some("#true"));
        assert_eq!(kdl_literal("null").as_deref(), Some("#null"));
        assert_eq!(kdl_literal("3").as_deref(), Some("3"));
        assert_eq!(kdl_literal("[1]"), None);
        assert_eq!(kdl_literal(r#""\u0001""#), None);
        assert_eq!(kdl_literal(r#""${kafka.broker}""#), None, "it would become an expression");
    }
}
