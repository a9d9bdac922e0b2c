// The contract as TypeScript sees it: what the host offers, and the shapes that cross. The words are those of
// `wit/v0.1/policy.wit`; this file only says them in another language.

declare module "platc:policy/model@0.1.0" {
  /** A node of the model, which the host holds. */
  export interface Node {
    id(): number;
    kind(): string;
    name(): string;
    parent(): Node | null;
    children(kind: string): Node[];
    links(relation: string): Node[];
    getStr(path: string): string | null;
    getInt(path: string): number | null;
    getBool(path: string): boolean | null;
    getJson(path: string): string | null;
    text(): string | null;
  }
  const model: {
    nodes(kind: string): Node[];
    lookup(kind: string, name: string): Node | null;
    byId(node: number): Node | null;
    select(kind: string, paths: string[]): string;
    modelVersion(): string;
  };
  export default model;
}

declare module "platc:policy/log@0.1.0" {
  const log: {
    debug(message: string): void;
    abort(message: string): void;
  };
  export default log;
}
