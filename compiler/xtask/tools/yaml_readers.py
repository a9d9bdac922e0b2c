"""Reads YAML with PyYAML, go-yaml (kubectl kustomize) and js-yaml, and says where they disagree.

    yaml_readers.py BUILD LIST KUBECTL NODE JS_YAML      LIST names files of BUILD, one a line

Each document of a file is read, and each string that is a YAML document of its own, such as the configuration
in a variable, as it is after Kubernetes has expanded it. Values are compared with their types.
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile

import yaml

BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(BASE):
    """As the others do, refuses a key that stands twice."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def typed(value):
    """A value with its types, as js_yaml.js gives it."""
    match value:
        case None:
            return None
        case bool():
            return ["bool", value]
        case int() | float():
            # JavaScript has one kind of number.
            return ["number", float(value)]
        case str():
            return ["string", value]
        case datetime.date():
            return ["time", value.isoformat()[:10]]
        case list():
            return [typed(item) for item in value]
        case dict():
            # JSON, in which Go hands values on, has no other keys than strings.
            return {str(key): typed(item) for key, item in value.items()}
    return ["other", repr(value)]


def split(text):
    """The documents of a stream, as texts."""
    parts, lines = [], []
    for line in text.splitlines(keepends=True):
        if line.rstrip() == "---":
            parts.append("".join(lines))
            lines = []
        else:
            lines.append(line)
    parts.append("".join(lines))
    return [part for part in parts if part.strip()]


def strings(value):
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from strings(item)
        case dict():
            for item in value.values():
                yield from strings(item)


def embedded(value):
    """Texts within a value that are YAML documents of their own."""
    for text in strings(value):
        if "\n" not in text and not text.startswith("{"):
            continue
        for part in split(text.replace("$$", "$")):
            try:
                inner = yaml.load(part, Loader)
            except yaml.YAMLError:
                continue
            if isinstance(inner, (dict, list)):
                yield part


def collect(build, files):
    """(where, text) of everything that is compared; and what PyYAML itself refuses."""
    texts, wrong = [], []
    for file in files:
        with open(os.path.join(build, file), encoding="utf-8") as stream:
            documents = split(stream.read())
        for number, text in enumerate(documents, 1):
            where = f"{file}, document {number}"
            try:
                value = yaml.load(text, Loader)
            except yaml.YAMLError as error:
                wrong.append(f"{where}: PyYAML: {error}")
                continue
            texts.append((where, text))
            texts.extend((f"{where}, embedded {at}", inner) for at, inner in enumerate(embedded(value), 1))
    return texts, wrong


def go_yaml(kubectl, texts):
    """What Go reads. Each text stands in an object of its own, which kustomize prints again with its types."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        with open(os.path.join(folder, "kustomization.yaml"), "w", encoding="utf-8") as file:
            file.write("resources: [all.yaml]\n")
        with open(os.path.join(folder, "all.yaml"), "w", encoding="utf-8") as file:
            for number, text in enumerate(texts):
                head = f"---\napiVersion: read.example/v1\nkind: Reading\nmetadata: {{name: n{number}}}\nvalue:\n"
                file.write(head + "".join("  " + line for line in text.splitlines(keepends=True)) + "\n")
        done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr.strip()
    found = {item["metadata"]["name"]: item.get("value") for item in yaml.load_all(done.stdout, Loader)}
    return [typed(found.get(f"n{number}")) for number in range(len(texts))], ""


def one_by_one(kubectl, texts):
    """The same when something in the batch is refused: who it is, and the others."""
    values, wrong = [], {}
    for number, text in enumerate(texts):
        value, error = go_yaml(kubectl, [text])
        values.append(value[0] if value else None)
        if error:
            wrong[number] = error
    return values, wrong


def first_difference(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        key = next(key for key in ours if ours[key] != theirs[key])
        return first_difference(ours[key], theirs[key], f"{path}.{key}")
    is_list = isinstance(ours, list) and isinstance(theirs, list) and ours[:1] != [] and not isinstance(ours[0], str)
    if is_list and len(ours) == len(theirs):
        at = next(at for at in range(len(ours)) if ours[at] != theirs[at])
        return first_difference(ours[at], theirs[at], f"{path}[{at}]")
    return f"{path or 'the document'}: {json.dumps(ours)[:120]} against {json.dumps(theirs)[:120]}"


def js_yaml(node, module, texts):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "js_yaml.js")
    done = subprocess.run([node, script, module], input=json.dumps(texts), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main(build, listing, kubectl, node, module):
    with open(listing, encoding="utf-8") as file:
        found, wrong = collect(build, file.read().splitlines())
    texts = [text for _, text in found]
    ours = [typed(yaml.load(text, Loader)) for text in texts]
    go, error = go_yaml(kubectl, texts) if texts else ([], "")
    refused = {}
    if error:
        go, refused = one_by_one(kubectl, texts)
    others = js_yaml(node, module, texts)
    for number, (where, _) in enumerate(found):
        if number in refused:
            wrong.append(f"{where}: go-yaml: {refused[number]}")
        elif go[number] != ours[number]:
            wrong.append(f"{where}: PyYAML and go-yaml disagree at {first_difference(ours[number], go[number])}")
        if "error" in others[number]:
            wrong.append(f"{where}: js-yaml: {others[number]['error']}")
        elif others[number]["value"] != ours[number]:
            difference = first_difference(ours[number], others[number]["value"])
            wrong.append(f"{where}: PyYAML and js-yaml disagree at {difference}")
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
