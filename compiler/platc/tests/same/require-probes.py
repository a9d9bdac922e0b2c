"""`require-probes` of the library, word for word in another language: a test compares what both find."""

from platc_policy import Findings, Model, Settings, boolean, define_policy, on_model

KINDS = ["service", "daemon"]


def check(model: Model, settings: Settings, findings: Findings) -> None:
    for kind in KINDS:
        for row in model.select(kind, ["/probes/readiness", "/probes/liveness"]):
            readiness, liveness = row.values
            if readiness is None:
                findings.report(
                    "readiness", row.node, f"{kind} `{model.name(row.node)}` has no readiness probe"
                ).help('add `probes { readiness http="/readyz"; }` with a path that answers once it can serve')
            if settings.liveness and liveness is None:
                findings.report(
                    "liveness", row.node, f"{kind} `{model.name(row.node)}` has no liveness probe"
                ).help('add `probes { liveness http="/healthz"; }` with a path that fails only if a restart helps')


Guest = define_policy(
    name="require-probes",
    version="0.1.0",
    settings={"liveness": boolean(False, "Whether a liveness probe is needed too.")},
    rules={
        "readiness": on_model("error", "a service or daemon has a readiness probe", KINDS),
        "liveness": on_model("error", "a service or daemon has a liveness probe", KINDS),
    },
    validate_model=check,
)
