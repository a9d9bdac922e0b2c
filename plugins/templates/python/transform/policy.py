"""A service without a label gets it. Replace this by what your policy is for.

Not here: services that have the label: what the platform says itself counts.
"""

from platc_policy import Model, Patches, Settings, at, define_policy, mutation, text


def change(model: Model, settings: Settings, patches: Patches) -> None:
    # In a pointer `~` is written `~0` and `/` inside a name `~1`.
    label = "/labels/" + settings.label.replace("~", "~0").replace("/", "~1")
    for row in model.select("service", [label]):
        if row.values[0] is None:
            patches.set("label", at(row.node, label), settings.value, "every service has one")


Guest = define_policy(
    name="NAME",
    version="0.1.0",
    settings={
        "label": text("cost-centre", "The label."),
        "value": text("shared", "What it says where the platform says nothing."),
    },
    rules={"label": mutation("a service has the label", ["service"])},
    mutate=change,
)
