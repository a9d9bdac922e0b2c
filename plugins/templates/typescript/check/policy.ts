// A service has at most so many replicas. Replace this by what your policy is for.
// Not here: whether they fit; the compiler proves that.

import { at, definePolicy, rule, setting } from "../sdk/typescript/policy";

export const guest = definePolicy({
  name: "NAME",
  version: "0.1.0",
  settings: {
    most: setting.integer(20, "The most that a service may have."),
  },
  rules: {
    most: rule.onModel("error", "a service has at most so many replicas", ["service"]),
  },
  validateModel(model, settings, findings) {
    for (const { node, values } of model.select<[number]>("service", ["/replicas"])) {
      const [replicas] = values;
      if (replicas > settings.most) {
        findings
          .report("most", at(node, "/replicas"), `${replicas} replicas are more than ${settings.most}`)
          .help("ask the platform team for more");
      }
    }
  },
});
