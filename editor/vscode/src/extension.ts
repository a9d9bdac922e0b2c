// The VS Code side of platc: it starts the language server, shows what a declaration becomes, and leads from
// a line of that back to the KDL that it comes from; beside it, pictures of what is being edited. Everything
// that needs to know platc is in the server.

import * as vscode from "vscode";
import { page, type Pictures } from "./page";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

/** An artifact, as `platc/becomes` gives it. */
interface Artifact {
  path: string;
  kind: string;
  target: string;
  text: string;
  /** Lines that come from what the cursor is on, from 0. */
  lines: number[];
}

interface Becomes {
  kind: string;
  name: string;
  /** A platform with errors is not written. */
  broken: boolean;
  artifacts: Artifact[];
}

interface Origin {
  uri: string;
  range: { start: vscode.Position; end: vscode.Position };
  /** The rule that decided it, if it is not written there. */
  rule: string | null;
}

const ARTIFACTS = "platc-artifact";
const LIBRARY = "platc-stdlib";
/** Typing pauses this long before the view is made anew. */
const PAUSE_MS = 80;

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const view = new ArtifactView();
  const pictures = new PictureView();
  context.subscriptions.push(
    view,
    pictures,
    vscode.commands.registerCommand("platc.showPictures", () => pictures.show()),
    vscode.workspace.registerTextDocumentContentProvider(ARTIFACTS, view),
    vscode.languages.registerDefinitionProvider({ scheme: ARTIFACTS }, view),
    vscode.workspace.registerTextDocumentContentProvider(LIBRARY, { provideTextDocumentContent: libraryText }),
    vscode.commands.registerCommand("platc.showArtifacts", (uri?: string, position?: vscode.Position) =>
      view.show(uri, position),
    ),
    vscode.commands.registerCommand("platc.restart", async () => {
      await client?.stop();
      await start();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(): Promise<void> {
  const command = vscode.workspace.getConfiguration("platc").get<string[]>("command") ?? ["platc", "lsp"];
  const [program, ...args] = command;
  if (program === undefined) {
    void vscode.window.showErrorMessage("platc.command is empty: it names the program that serves.");
    return;
  }
  const server: ServerOptions = { command: program, args };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "kdl" },
      { scheme: "untitled", language: "kdl" },
    ],
    initializationOptions: { showArtifacts: true, opensLibrary: true },
  };
  client = new LanguageClient("platc", "platc", server, options);
  await client.start();
}

async function libraryText(uri: vscode.Uri): Promise<string> {
  const text = await client?.sendRequest<string | null>("platc/libraryText", { uri: uri.toString() });
  return text ?? "";
}

/** The files that the declaration under the cursor becomes, in one document beside the source. */
class ArtifactView implements vscode.TextDocumentContentProvider, vscode.DefinitionProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  private readonly uri = vscode.Uri.from({ scheme: ARTIFACTS, path: "/What it becomes.yaml" });
  private readonly mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.wordHighlightBackground"),
  });
  private readonly listeners: vscode.Disposable[];
  private source: { uri: vscode.Uri; position: vscode.Position } | undefined;
  private shown: Becomes | undefined;
  /** Where each artifact begins in the document. */
  private starts: number[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor() {
    this.listeners = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (this.isOpen() && event.document.languageId === "kdl") {
          this.later();
        }
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => {
        const { document, selection } = event.textEditor;
        if (this.isOpen() && document.languageId === "kdl") {
          this.source = { uri: document.uri, position: selection.active };
          this.later();
        }
      }),
    ];
  }

  async show(uri?: string, position?: vscode.Position): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (uri !== undefined && position !== undefined) {
      this.source = { uri: vscode.Uri.parse(uri), position };
    } else if (editor !== undefined) {
      this.source = { uri: editor.document.uri, position: editor.selection.active };
    }
    await this.refresh();
    const document = await vscode.workspace.openTextDocument(this.uri);
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
    this.decorate();
  }

  provideTextDocumentContent(): string {
    const shown = this.shown;
    this.starts = [];
    if (shown === undefined) {
      return "# Put the cursor into a declaration.\n";
    }
    if (shown.broken) {
      return `# ${shown.kind} ${shown.name}: the platform has errors, so nothing is written.\n`;
    }
    const lines: string[] = [];
    for (const artifact of shown.artifacts) {
      lines.push(`# ${artifact.path} (${artifact.kind}, for ${artifact.target})`);
      this.starts.push(lines.length);
      lines.push(...artifact.text.replace(/\n$/, "").split("\n"), "");
    }
    return lines.length > 0 ? lines.join("\n") : `# ${shown.kind} ${shown.name} becomes no file of its own.\n`;
  }

  /** From a line of an artifact to the KDL that it comes from. */
  async provideDefinition(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Location | undefined> {
    const index = this.starts.findLastIndex((start) => start <= position.line);
    const artifact = this.shown?.artifacts[index];
    const start = this.starts[index];
    if (document.uri.toString() !== this.uri.toString() || artifact === undefined || start === undefined) {
      return undefined;
    }
    const origin = await client?.sendRequest<Origin | null>("platc/origin", {
      textDocument: { uri: this.source?.uri.toString() },
      path: artifact.path,
      line: position.line - start,
    });
    if (origin === null || origin === undefined) {
      return undefined;
    }
    const { start: from, end: to } = origin.range;
    return new vscode.Location(
      vscode.Uri.parse(origin.uri),
      new vscode.Range(from.line, from.character, to.line, to.character),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.forEach((listener) => listener.dispose());
    this.mark.dispose();
    this.changed.dispose();
  }

  private isOpen(): boolean {
    return vscode.window.visibleTextEditors.some((editor) => editor.document.uri.scheme === ARTIFACTS);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), PAUSE_MS);
  }

  private async refresh(): Promise<void> {
    if (this.source === undefined || client === undefined) {
      return;
    }
    const { uri, position } = this.source;
    const params = {
      textDocument: { uri: uri.toString() },
      position: { line: position.line, character: position.character },
    };
    this.shown = (await client.sendRequest<Becomes | null>("platc/becomes", params)) ?? undefined;
    this.changed.fire(this.uri);
    this.decorate();
  }

  private decorate(): void {
    const ranges = (this.shown?.artifacts ?? []).flatMap((artifact, index) => {
      const start = this.starts[index] ?? 0;
      return artifact.lines.map((line) => new vscode.Range(start + line, 0, start + line, 0));
    });
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.scheme === ARTIFACTS) {
        editor.setDecorations(this.mark, ranges);
      }
    }
  }
}

/** The topology around the declaration under the cursor and the capacity that it takes, kept fresh while typing. */
class PictureView implements vscode.Disposable {
  private readonly listeners: vscode.Disposable[];
  private panel: vscode.WebviewPanel | undefined;
  private source: { uri: vscode.Uri; position: vscode.Position } | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The newest question: an answer to an older one shows what is gone. */
  private asked = 0;

  constructor() {
    this.listeners = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document.uri.toString() === this.source?.uri.toString()) {
          this.later();
        }
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => this.follow(event.textEditor)),
    ];
  }

  show(): void {
    this.panel ??= this.open();
    this.panel.reveal(vscode.ViewColumn.Beside, true);
    const editor = vscode.window.activeTextEditor;
    if (editor !== undefined) {
      this.follow(editor);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.forEach((listener) => listener.dispose());
    this.panel?.dispose();
  }

  private open(): vscode.WebviewPanel {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    // Pictures need neither scripts nor anything from elsewhere.
    const panel = vscode.window.createWebviewPanel("platcPictures", "platc: pictures", column, {
      enableScripts: false,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }

  private follow(editor: vscode.TextEditor): void {
    if (this.panel !== undefined && editor.document.languageId === "kdl") {
      this.source = { uri: editor.document.uri, position: editor.selection.active };
      this.later();
    }
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), PAUSE_MS);
  }

  private async refresh(): Promise<void> {
    if (this.panel === undefined || this.source === undefined || client === undefined) {
      return;
    }
    const { uri, position } = this.source;
    const asked = ++this.asked;
    const found = await client.sendRequest<Pictures | null>("platc/pictures", {
      textDocument: { uri: uri.toString() },
      position: { line: position.line, character: position.character },
    });
    if (asked === this.asked && this.panel !== undefined) {
      this.panel.webview.html = page(found);
    }
  }
}
