//! The table of requests: each with what answers it. What we say that we can follows from it, by a test.
//!
//! Start with [`HANDLERS`].

use lsp_types::request::{self, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::desk::Desk;
use crate::features::{
    actions, becomes, calls, completion, definition, folding, formatting, hints, hover, lens, links,
    pictures, references, selection, signature, symbols, tokens,
};

/// A request with what answers it.
pub(crate) struct Handler {
    /// Its name in the protocol.
    pub(crate) method: &'static str,
    pub(crate) run: fn(&Desk<'_>, Value) -> Result<Value, Fault>,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It does not say what it must.
    Params(String),
    /// It asks for what cannot be: renaming what has no name.
    Refused(String),
}

/// Answered once the findings of all that was said so far are out: for scripts and tests.
pub(crate) const SETTLED: &str = "platc/settled";

/// [`SETTLED`] as a request.
enum Settled {}

impl Request for Settled {
    type Params = Value;
    type Result = ();
    const METHOD: &'static str = SETTLED;
}

/// What a declaration becomes.
enum BecomesRequest {}

impl Request for BecomesRequest {
    type Params = becomes::BecomesParams;
    type Result = Option<becomes::Becomes>;
    const METHOD: &'static str = "platc/becomes";
}

/// Where a line of an artifact comes from.
enum OriginRequest {}

impl Request for OriginRequest {
    type Params = becomes::OriginParams;
    type Result = Option<becomes::OriginAnswer>;
    const METHOD: &'static str = "platc/origin";
}

/// Pictures of what is being edited.
enum PicturesRequest {}

impl Request for PicturesRequest {
    type Params = pictures::PicturesParams;
    type Result = Option<pictures::Pictures>;
    const METHOD: &'static str = "platc/pictures";
}

/// The text of a file of the standard library, by its URI.
enum LibraryText {}

impl Request for LibraryText {
    type Params = lsp_types::TextDocumentIdentifier;
    type Result = Option<String>;
    const METHOD: &'static str = "platc/libraryText";
}

fn library_text(_: &Desk<'_>, params: &lsp_types::TextDocumentIdentifier) -> Result<Option<String>, Fault> {
    let path = params.uri.as_str().rsplit_once("stdlib/").map(|(_, path)| path.to_owned());
    let mut files = platc_sema::stdlib::sources();
    let found = files.find(|(own, _)| path.as_deref() == Some(*own));
    Ok(found.map(|(_, text)| text.to_owned()))
}

macro_rules! handlers {
    ($($request:ty => $function:expr,)*) => {
        /// All requests that we answer.
        pub(crate) static HANDLERS: &[Handler] = &[$(Handler {
            method: <$request as Request>::METHOD,
            run: |desk, params| answer::<$request>(desk, params, $function),
        }),*];
    };
}

handlers! {
    request::HoverRequest => hover::hover,
    request::Completion => completion::completion,
    request::GotoDefinition => definition::definition,
    request::References => references::references,
    request::DocumentHighlightRequest => references::highlights,
    request::PrepareRenameRequest => references::prepare_rename,
    request::Rename => references::rename,
    request::DocumentSymbolRequest => symbols::document,
    request::WorkspaceSymbolRequest => symbols::workspace,
    request::Formatting => formatting::whole,
    request::RangeFormatting => formatting::range,
    request::CodeActionRequest => actions::actions,
    request::InlayHintRequest => hints::hints,
    request::SemanticTokensFullRequest => tokens::all,
    request::SemanticTokensRangeRequest => tokens::range,
    request::FoldingRangeRequest => folding::folding,
    request::SelectionRangeRequest => selection::selections,
    request::DocumentLinkRequest => links::links,
    request::SignatureHelpRequest => signature::signature,
    request::CodeLensRequest => lens::lenses,
    request::CallHierarchyPrepare => calls::prepare,
    request::CallHierarchyIncomingCalls => calls::incoming,
    request::CallHierarchyOutgoingCalls => calls::outgoing,
    BecomesRequest => becomes::becomes,
    OriginRequest => becomes::origin,
    PicturesRequest => pictures::pictures,
    LibraryText => library_text,
    Settled => |_, _| Ok(()),
}

/// Requests about the plan, which is worked out elsewhere: they wait for it, and others do not wait for them.
const ABOUT_PLANS: &[&str] = &[
    request::InlayHintRequest::METHOD,
    request::CodeLensRequest::METHOD,
    request::CodeActionRequest::METHOD,
    BecomesRequest::METHOD,
    OriginRequest::METHOD,
    PicturesRequest::METHOD,
];

/// Whether a request is answered from the plan.
pub(crate) fn needs_plan(method: &str) -> bool {
    ABOUT_PLANS.contains(&method)
}

/// The handler of a request.
pub(crate) fn find(method: &str) -> Option<&'static Handler> {
    HANDLERS.iter().find(|handler| handler.method == method)
}

fn answer<R: Request>(
    desk: &Desk<'_>,
    params: Value,
    run: fn(&Desk<'_>, &R::Params) -> Result<R::Result, Fault>,
) -> Result<Value, Fault>
where
    R::Params: DeserializeOwned,
    R::Result: Serialize,
{
    let params: R::Params =
        serde_json::from_value(params).map_err(|error| Fault::Params(error.to_string()))?;
    let result = run(desk, &params)?;
    serde_json::to_value(result).map_err(|error| Fault::Refused(error.to_string()))
}
