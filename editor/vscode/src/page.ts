// The page with the pictures of what is being edited. It has no script and loads nothing.

/** Pictures, as `platc/pictures` gives them: each an `svg` element. */
export interface Pictures {
  kind: string;
  name: string;
  /** The platform has errors; the pictures show what could be made of it. */
  broken: boolean;
  topology: string;
  capacity: string;
}

const STYLE = "body{padding:8px} svg{max-width:100%;height:auto} h2{font-size:14px} p{opacity:.8}";

/** The page; what the author wrote stands in it as text only. */
export function page(pictures: Pictures | null): string {
  const body =
    pictures === null
      ? "<p>Put the cursor into a file of a platform.</p>"
      : [
          `<h2>${escape(`${pictures.kind} ${pictures.name}`.trim() || "the platform")}</h2>`,
          pictures.broken ? "<p>The platform has errors: this is what could be made of it.</p>" : "",
          pictures.topology,
          pictures.capacity,
        ].join("\n");
  const allowed = "default-src 'none'; style-src 'unsafe-inline'";
  return `<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${allowed}"><style>${STYLE}</style></head><body>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.codePointAt(0)};`);
}
