// A service without a label gets it. Replace this by what your policy is for.
// Not here: services that have the label: what the platform says itself counts.

import { at, definePolicy, rule, setting } from "../sdk/typescript/policy";

export const guest = definePolicy({
  name: "NAME",
  version: "0.1.0",
  settings: {
    label: setting.text("cost-centre", "The label."),
    value: setting.text("shared", "What it says where the platform says nothing."),
  },
  rules: {
    label: rule.mutation("a service has the label", ["service"]),
  },
  mutate(model, settings, patches) {
    // In a pointer `~` is written `~0` and `/` inside a name `~1`.
    const label = `/labels/${settings.label.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    for (const { node, values } of model.select<[string | null]>("service", [label])) {
      if (values[0] === null) patches.set("label", at(node, label), settings.value, "every service has one");
    }
  },
});
