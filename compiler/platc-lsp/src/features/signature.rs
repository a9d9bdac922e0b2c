//! What the function around the cursor takes, in `${…}`.
//!
//! Start with [`signature`].

use lsp_types::{
    Documentation, ParameterInformation, ParameterLabel, SignatureHelp, SignatureHelpParams,
    SignatureInformation,
};
use platc_sema::expr::functions::Function;
use platc_syntax::Place;
use platc_syntax::expr::{Expr, ExprKind};

use crate::describe;
use crate::desk::{Desk, Spot};
use crate::features::hover::expression_at;
use crate::handlers::Fault;

/// `textDocument/signatureHelp`.
pub(crate) fn signature(
    desk: &Desk<'_>,
    params: &SignatureHelpParams,
) -> Result<Option<SignatureHelp>, Fault> {
    let at = &params.text_document_position_params;
    let Some(spot) = desk.spot(&at.text_document.uri, at.position) else { return Ok(None) };
    Ok(help(&spot))
}

fn help(spot: &Spot) -> Option<SignatureHelp> {
    let Place::Value { node, .. } = spot.tree().place_at(spot.offset) else { return None };
    let expr = expression_at(spot, node)?;
    let (function, number) = innermost(&expr, spot.offset)?;
    let parameters = function.takes.iter().map(|takes| ParameterInformation {
        label: ParameterLabel::Simple(takes.noun().to_owned()),
        documentation: None,
    });
    let last = function.takes.len().saturating_sub(1);
    let active = if function.more { number.min(last) } else { number };
    Some(SignatureHelp {
        signatures: vec![SignatureInformation {
            label: describe::signature(function),
            documentation: Some(Documentation::String(function.doc.to_owned())),
            parameters: Some(parameters.collect()),
            active_parameter: None,
        }],
        active_signature: Some(0),
        active_parameter: u32::try_from(active).ok(),
    })
}

/// The innermost call whose parentheses hold the cursor, and which argument that is in.
fn innermost(expr: &Expr, offset: u32) -> Option<(&'static Function, usize)> {
    let mut found = None;
    expr.walk(&mut |inner| {
        let ExprKind::Call { callee, arguments, arguments_span } = &inner.kind else { return };
        let open = arguments_span.start < offset && offset <= arguments_span.end;
        let name = callee.dotted_name().map(|parts| parts.join("."));
        if let (true, Some(function)) = (open, name.and_then(|name| Function::find(&name))) {
            let before = arguments.iter().filter(|argument| argument.span.end < offset).count();
            found = Some((function, before));
        }
    });
    found
}
