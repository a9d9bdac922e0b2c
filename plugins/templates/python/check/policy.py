"""A service has at most so many replicas. Replace this by what your policy is for.

Not here: whether they fit; the compiler proves that.
"""

from platc_policy import Findings, Model, Settings, at, define_policy, integer, on_model


def check(model: Model, settings: Settings, findings: Findings) -> None:
    for row in model.select("service", ["/replicas"]):
        (replicas,) = row.values
        if replicas > settings.most:
            findings.report(
                "most", at(row.node, "/replicas"), f"{replicas} replicas are more than {settings.most}"
            ).help("ask the platform team for more")


Guest = define_policy(
    name="NAME",
    version="0.1.0",
    settings={"most": integer(20, "The most that a service may have.")},
    rules={"most": on_model("error", "a service has at most so many replicas", ["service"])},
    validate_model=check,
)
