//! What a client can do, and what we say that we can.
//!
//! Start with [`server_capabilities`]. A test compares it with the table of handlers.

use lsp_types::InitializeParams;
use serde_json::{Value, json};

use crate::features::tokens;
use crate::text::Encoding;

/// What a client can do, as far as answers depend on it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// How it counts within a line.
    pub(crate) encoding: Encoding,
    /// Whether completions may have places to fill in.
    pub(crate) snippets: bool,
    /// Whether it tells what changes on the disk.
    pub(crate) watches_files: bool,
    /// Whether a definition may say which part of the source leads to it.
    pub(crate) definition_links: bool,
    /// Whether it runs commands of ours: the lens that shows what a line becomes.
    pub(crate) shows_artifacts: bool,
    /// Whether it opens files of the standard library by their names alone.
    pub(crate) opens_library: bool,
}

impl Client {
    pub(crate) fn of(params: &InitializeParams) -> Self {
        let all = &params.capabilities;
        let general = all.general.as_ref();
        let offered = general.and_then(|general| general.position_encodings.clone()).unwrap_or_default();
        let text = all.text_document.as_ref();
        let item = text
            .and_then(|text| text.completion.as_ref())
            .and_then(|completion| completion.completion_item.as_ref());
        let watched = all.workspace.as_ref().and_then(|all| all.did_change_watched_files.as_ref());
        let definition = text.and_then(|text| text.definition.as_ref());
        let own = params.initialization_options.as_ref();
        let own = |name: &str| own.and_then(|own| own.get(name)).and_then(Value::as_bool).unwrap_or(false);
        Self {
            encoding: Encoding::of_client(&offered),
            snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            watches_files: watched.and_then(|watched| watched.dynamic_registration).unwrap_or(false),
            definition_links: definition.and_then(|own| own.link_support).unwrap_or(false),
            shows_artifacts: own("showArtifacts"),
            opens_library: own("opensLibrary"),
        }
    }
}

/// What we say that we can.
pub(crate) fn server_capabilities(client: &Client) -> Value {
    json!({
        "positionEncoding": client.encoding.kind(),
        "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
        "hoverProvider": true,
        "completionProvider": { "triggerCharacters": ["{", ".", "$", "=", "\"", "'", "<", "|"] },
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "renameProvider": { "prepareProvider": true },
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "documentFormattingProvider": true,
        "documentRangeFormattingProvider": true,
        "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
        "inlayHintProvider": true,
        "semanticTokensProvider": {
            "legend": { "tokenTypes": tokens::TYPES, "tokenModifiers": tokens::MODIFIERS },
            "full": true,
            "range": true,
        },
        "foldingRangeProvider": true,
        "selectionRangeProvider": true,
        "documentLinkProvider": { "resolveProvider": false },
        "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
        "codeLensProvider": { "resolveProvider": false },
        "callHierarchyProvider": true,
        "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::handlers::HANDLERS;

    /// Requests that a capability promises.
    fn promised(name: &str) -> &'static [&'static str] {
        match name {
            "hoverProvider" => &["textDocument/hover"],
            "completionProvider" => &["textDocument/completion"],
            "definitionProvider" => &["textDocument/definition"],
            "referencesProvider" => &["textDocument/references"],
            "documentHighlightProvider" => &["textDocument/documentHighlight"],
            "renameProvider" => &["textDocument/rename", "textDocument/prepareRename"],
            "documentSymbolProvider" => &["textDocument/documentSymbol"],
            "workspaceSymbolProvider" => &["workspace/symbol"],
            "documentFormattingProvider" => &["textDocument/formatting"],
            "documentRangeFormattingProvider" => &["textDocument/rangeFormatting"],
            "codeActionProvider" => &["textDocument/codeAction"],
            "inlayHintProvider" => &["textDocument/inlayHint"],
            "semanticTokensProvider" => {
                &["textDocument/semanticTokens/full", "textDocument/semanticTokens/range"]
            }
            "foldingRangeProvider" => &["textDocument/foldingRange"],
            "selectionRangeProvider" => &["textDocument/selectionRange"],
            "documentLinkProvider" => &["textDocument/documentLink"],
            "signatureHelpProvider" => &["textDocument/signatureHelp"],
            "codeLensProvider" => &["textDocument/codeLens"],
            "callHierarchyProvider" => &[
                "textDocument/prepareCallHierarchy",
                "callHierarchy/incomingCalls",
                "callHierarchy/outgoingCalls",
            ],
            // Notifications, and how positions are counted.
            "positionEncoding" | "textDocumentSync" | "workspace" => &[],
            other => panic!("nobody knows what `{other}` promises"),
        }
    }

    #[test]
    fn what_is_promised_is_what_is_answered() {
        let client = Client::of(&InitializeParams::default());
        let capabilities = server_capabilities(&client);
        let promised: BTreeSet<&str> =
            capabilities.as_object().unwrap().keys().flat_map(|name| promised(name)).copied().collect();
        let answered: BTreeSet<&str> = HANDLERS.iter().map(|handler| handler.method).collect();
        let (own, standard): (BTreeSet<&str>, BTreeSet<&str>) =
            answered.iter().partition(|method| method.starts_with("platc/"));
        assert_eq!(promised, standard);
        let documented =
            ["platc/becomes", "platc/libraryText", "platc/origin", "platc/pictures", "platc/settled"];
        assert_eq!(own.into_iter().collect::<Vec<_>>(), documented);
        assert_eq!(answered.len(), HANDLERS.len(), "each has one handler");
        // The shapes are those of the protocol.
        serde_json::from_value::<lsp_types::ServerCapabilities>(capabilities).unwrap();
    }

    #[test]
    fn utf8_is_taken_where_it_is_offered() {
        let offer = |encodings: &[&str]| {
            let params = json!({ "capabilities": { "general": { "positionEncodings": encodings } } });
            Client::of(&serde_json::from_value(params).unwrap()).encoding
        };
        assert_eq!(offer(&["utf-16", "utf-8"]), Encoding::Utf8);
        assert_eq!(offer(&["utf-16"]), Encoding::Utf16);
        assert_eq!(Client::of(&InitializeParams::default()).encoding, Encoding::Utf16);
    }
}
