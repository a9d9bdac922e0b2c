// Reads a JSON list of YAML texts from stdin with js-yaml and prints their values with types, as
// yaml_readers.py compares them.
//
//     js_yaml.js FOLDER_OF_JS_YAML

const yaml = require(process.argv[2]);

function typed(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return ["bool", value];
  if (typeof value === "number" || typeof value === "bigint") return ["number", Number(value)];
  if (typeof value === "string") return ["string", value];
  if (value instanceof Date) return ["time", value.toISOString().slice(0, 10)];
  if (Array.isArray(value)) return value.map(typed);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typed(item)]));
}

function read(text) {
  try {
    return { value: typed(yaml.load(text)) };
  } catch (error) {
    return { error: String(error.message) };
  }
}

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map(read)));
