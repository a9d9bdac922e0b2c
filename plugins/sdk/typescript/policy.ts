// Write policies for platc in TypeScript: `definePolicy` says what a policy is; it gets a `Model` to look at, and
// `Findings` or `Patches` to fill. Not here: which kinds and fields a model has. They are those of the language
// reference.

import log from "platc:policy/log@0.1.0";
import host, { type Node as HostNode } from "platc:policy/model@0.1.0";

/** How serious a finding is. The platform has the last word. */
export type Severity = "error" | "warning" | "info";
/** What is judged: the model with the plan's decisions in it, or the files that will be delivered. */
export type Phase = "model" | "artifacts";
/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A place: a node, and an RFC 6901 pointer in it; without one, the node itself. */
export interface Location {
  node: number;
  path: string;
  /** Said beside the underline. */
  label?: string;
}

/** A rule: what `allow "POLICY/RULE"` names. */
export interface Rule {
  /** The level of its findings where they say nothing else. */
  severity: Severity;
  /** One sentence for lists. */
  summary: string;
  /** When it is asked. */
  phases: Phase[];
  /** The kinds that it reads. */
  kinds: string[];
  /** Whether it gives patches. */
  mutates: boolean;
}

/** A setting: its JSON Schema, with its default, and how it is read. */
export interface Setting<T> {
  schema: { [name: string]: Json };
  default: T;
  read(json: Json): T;
}

/** A setting that the policy does not accept. */
export interface SettingError {
  /** RFC 6901 pointer into the settings. */
  path: string;
  message: string;
}

/** The values of settings that are declared as `S`. */
export type Values<S> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** What a policy is. */
export interface Definition<S extends { [name: string]: Setting<unknown> }> {
  name: string;
  version: string;
  settings: S;
  rules: { [id: string]: Rule };
  /** Settings that fit the schema and still make no sense. */
  configure?(settings: Values<S>): SettingError[];
  validateModel?(model: Model, settings: Values<S>, findings: Findings): void;
  validateArtifacts?(model: Model, settings: Values<S>, findings: Findings): void;
  mutate?(model: Model, settings: Values<S>, patches: Patches): void;
}

/** Rules by what they are about. */
export const rule = {
  onModel: (severity: Severity, summary: string, kinds: string[]): Rule =>
    ({ severity, summary, phases: ["model"], kinds, mutates: false }),
  onArtifacts: (severity: Severity, summary: string, kinds: string[]): Rule =>
    ({ severity, summary, phases: ["artifacts"], kinds, mutates: false }),
  mutation: (summary: string, kinds: string[]): Rule =>
    ({ severity: "info", summary, phases: [], kinds, mutates: true }),
};

function scalar<T extends Json>(type: string): (value: T, description: string) => Setting<T> {
  return (value, description) =>
    ({ schema: { type, description, default: value }, default: value, read: (json) => json as T });
}

/** Settings by their type. Each has a default and a sentence for people. */
export const setting = {
  bool: scalar<boolean>("boolean"),
  text: scalar<string>("string"),
  number: scalar<number>("number"),
  integer: scalar<number>("integer"),
  /** In KDL `kinds service` is a list of one and a text alike, so a list takes its element too. */
  texts: (value: string[], description: string): Setting<string[]> => ({
    schema: {
      anyOf: [{ type: "array", items: { type: "string" } }, { type: "string" }],
      description,
      default: value,
    },
    default: value,
    read: (json) => (Array.isArray(json) ? json : [json]) as string[],
  }),
};

/** What a policy may look at. */
export class Model {
  /** The values at some pointers of all nodes of a kind, in one call: by far the fastest way to read. A pointer
   *  that leads nowhere gives `null`. */
  select<T extends readonly unknown[]>(kind: string, paths: string[]): { node: number; values: T }[] {
    const rows: [number, ...unknown[]][] = JSON.parse(host.select(kind, paths));
    return rows.map(([node, ...values]) => ({ node, values: values as unknown as T }));
  }

  /** All nodes of a kind, in model order; of every kind for `""`. */
  nodes(kind: string): Node[] {
    return host.nodes(kind).map((node) => new Node(node));
  }

  /** The node of that kind and name. */
  lookup(kind: string, name: string): Node | null {
    return wrapped(host.lookup(kind, name));
  }

  /** The node of that number. */
  node(id: number): Node | null {
    return wrapped(host.byId(id));
  }

  /** The name of a node, for a message; empty for what has none. */
  name(id: number): string {
    return host.byId(id)?.name() ?? "";
  }

  /** Version of the language that the model is written in. */
  version(): string {
    return host.modelVersion();
  }
}

/** A node of the model. */
export class Node {
  constructor(private readonly own: HostNode) {}

  get id(): number {
    return this.own.id();
  }
  /** `service`, `host`; for an artifact its format and kind. */
  get kind(): string {
    return this.own.kind();
  }
  /** Empty for what has none. */
  get name(): string {
    return this.own.name();
  }
  parent(): Node | null {
    return wrapped(this.own.parent());
  }
  /** Nodes directly below, of that kind; of all kinds for `""`. */
  children(kind: string): Node[] {
    return this.own.children(kind).map((node) => new Node(node));
  }
  /** Nodes that this one refers to by that field or relation. */
  links(relation: string): Node[] {
    return this.own.links(relation).map((node) => new Node(node));
  }
  /** The value at a pointer, whatever it is; `null` where there is none. */
  value(path: string): Json {
    const json = this.own.getJson(path);
    return json == null ? null : JSON.parse(json);
  }
  /** The whole text of an artifact. */
  text(): string | null {
    return this.own.text();
  }
}

function wrapped(node: HostNode | null): Node | null {
  // What is not there is `null` in one version of the toolchain and `undefined` in another.
  return node == null ? null : new Node(node);
}

/** A place in a node: `at(row.node, "/replicas")`. */
export function at(node: number, path = "", label?: string): Location {
  return label == null ? { node, path } : { node, path, label };
}

/** One finding. Its methods add to it. */
export class Finding {
  private words: string | null = null;
  private places: Location[] = [];
  private edits: RawPatch[] = [];
  private json: Json | undefined;

  constructor(
    private readonly rule: string,
    private level: Severity,
    private readonly message: string,
    private readonly primary: Location,
  ) {}

  /** Another level than its rule's. */
  severity(level: Severity): this {
    this.level = level;
    return this;
  }
  /** The way out. */
  help(text: string): this {
    this.words = text;
    return this;
  }
  /** Another place, with what is to be said there. */
  related(place: Location | number, text: string): this {
    this.places.push({ ...located(place), label: text });
    return this;
  }
  /** Offers to set a value; `title` says in the imperative what that does. */
  fix(place: Location | number, value: Json, title: string): this {
    this.edits.push(raw("set", place, value, this.rule, title));
    return this;
  }
  /** JSON for tools that read findings. */
  data(value: Json): this {
    this.json = value;
    return this;
  }
  /** As the contract has it. */
  raw() {
    return {
      rule: this.rule,
      severity: this.level,
      message: this.message,
      primary: rawLocation(this.primary),
      related: this.places.map(rawLocation),
      help: this.words,
      fixes: this.edits,
      data: this.json === undefined ? null : JSON.stringify(this.json),
    };
  }
}

/** A list to fill. */
export class Findings {
  private readonly found: Finding[] = [];

  constructor(private readonly rules: { [id: string]: Rule }) {}

  /** Reports that a rule is broken at a place: a node, or a location in one. */
  report(id: string, place: Location | number, message: string): Finding {
    const declared = this.rules[id];
    if (declared === undefined) throw new Error(`the policy declares no rule \`${id}\``);
    const finding = new Finding(id, declared.severity, message, located(place));
    this.found.push(finding);
    return finding;
  }

  /** All of them, as the contract has them. */
  raw() {
    return this.found.map((finding) => finding.raw());
  }
}

/** A list to fill. Each patch addresses the model as it was before any. */
export class Patches {
  private readonly patches: RawPatch[] = [];

  constructor(private readonly rules: { [id: string]: Rule }) {}

  /** Sets a value; `expect`, if given, is what the old one must be, `null` for nothing there. */
  set(id: string, place: Location | number, value: Json, reason: string, expect?: Json): void {
    this.push(raw("set", place, value, this.declared(id), reason, expect));
  }
  /** Takes a value out. */
  remove(id: string, place: Location | number, reason: string, expect?: Json): void {
    this.push(raw("remove", place, undefined, this.declared(id), reason, expect));
  }
  /** Adds an element to a list. */
  append(id: string, place: Location | number, value: Json, reason: string): void {
    this.push(raw("append", place, value, this.declared(id), reason));
  }
  /** All of them, as the contract has them. */
  raw(): RawPatch[] {
    return this.patches;
  }

  private push(patch: RawPatch): void {
    this.patches.push(patch);
  }
  private declared(id: string): string {
    if (this.rules[id]?.mutates !== true) throw new Error(`the policy declares no rule \`${id}\` that mutates`);
    return id;
  }
}

interface RawPatch {
  op: "set" | "remove" | "append";
  at: { node: number; path: string; label: string | null };
  value: string | null;
  expect: string | null;
  rule: string;
  reason: string;
}

function raw(
  op: RawPatch["op"], place: Location | number, value: Json | undefined, id: string, reason: string, expect?: Json,
): RawPatch {
  const text = (json: Json | undefined) => (json === undefined ? null : JSON.stringify(json));
  return { op, at: rawLocation(located(place)), value: text(value), expect: text(expect), rule: id, reason };
}

function located(place: Location | number): Location {
  return typeof place === "number" ? at(place) : place;
}

function rawLocation({ node, path, label }: Location): RawPatch["at"] {
  return { node, path, label: label ?? null };
}

/** Declares the policy. Export what it gives as `guest`. */
export function definePolicy<S extends { [name: string]: Setting<unknown> }>(policy: Definition<S>) {
  let settings: Values<S> | null = null;
  const configured = () => {
    if (settings === null) throw new Error("it was not configured");
    return settings;
  };
  return {
    describe: () => ({
      name: policy.name,
      version: policy.version,
      rules: Object.entries(policy.rules).map(([id, declared]) => ({ id, ...declared })),
      settingsSchema: JSON.stringify(schema(policy.settings)),
      data: null,
    }),
    configure(text: string): void {
      const values = last(() => read(policy.settings, JSON.parse(text)));
      const errors = last(() => policy.configure?.(values) ?? []);
      if (errors.length > 0) throw errors;
      settings = values;
    },
    validate(phase: Phase) {
      return last(() => {
        const findings = new Findings(policy.rules);
        const judge = phase === "model" ? policy.validateModel : policy.validateArtifacts;
        judge?.(new Model(), configured(), findings);
        return findings.raw();
      });
    },
    mutate() {
      return last(() => {
        const patches = new Patches(policy.rules);
        policy.mutate?.(new Model(), configured(), patches);
        return patches.raw();
      });
    },
  };
}

/** An exception ends in a trap that says nothing; its words must reach the author by another way. */
function last<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const words = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
    log.abort(words.trim());
    throw error;
  }
}

function schema(settings: { [name: string]: Setting<unknown> }): Json {
  const properties: { [name: string]: Json } = {};
  for (const [name, declared] of Object.entries(settings)) properties[name] = declared.schema;
  return { type: "object", additionalProperties: false, properties };
}

function read<S extends { [name: string]: Setting<unknown> }>(declared: S, said: { [name: string]: Json }): Values<S> {
  const values: { [name: string]: unknown } = {};
  for (const [name, own] of Object.entries(declared)) {
    const value = said[name];
    values[name] = value === undefined ? own.default : own.read(value);
  }
  return values as Values<S>;
}
