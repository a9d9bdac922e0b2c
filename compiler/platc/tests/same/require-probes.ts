// `require-probes` of the library, word for word in another language: a test compares what both find.

import { definePolicy, rule, setting } from "../sdk/typescript/policy";

const KINDS = ["service", "daemon"];

export const guest = definePolicy({
  name: "require-probes",
  version: "0.1.0",
  settings: {
    liveness: setting.bool(false, "Whether a liveness probe is needed too."),
  },
  rules: {
    readiness: rule.onModel("error", "a service or daemon has a readiness probe", KINDS),
    liveness: rule.onModel("error", "a service or daemon has a liveness probe", KINDS),
  },
  validateModel(model, settings, findings) {
    for (const kind of KINDS) {
      const paths = ["/probes/readiness", "/probes/liveness"];
      for (const { node, values } of model.select<[unknown, unknown]>(kind, paths)) {
        const [readiness, liveness] = values;
        if (readiness === null) {
          findings
            .report("readiness", node, `${kind} \`${model.name(node)}\` has no readiness probe`)
            .help('add `probes { readiness http="/readyz"; }` with a path that answers once it can serve');
        }
        if (settings.liveness && liveness === null) {
          findings
            .report("liveness", node, `${kind} \`${model.name(node)}\` has no liveness probe`)
            .help('add `probes { liveness http="/healthz"; }` with a path that fails only if a restart helps');
        }
      }
    }
  },
});
