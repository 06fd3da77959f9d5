"""schemathesis: cases drawn from the OpenAPI document of the service, at every operation."""

import json
import os
import subprocess
import tempfile

import requests

from checking import URL, client, tell

# What the document cannot say is not checked: a query may be right by the schema and wrong
# by the language, and an empty parameter is an absent one, as the dialect has it.
EXCLUDED = "positive_data_acceptance,negative_data_rejection"
# The document calls its own form in YAML a text; schemathesis reads it and finds an object.
UNREAD = "/openapi.yaml"

client("schemathesis")
answer = requests.get(URL + "/openapi.json", timeout=60)
answer.raise_for_status()

with tempfile.NamedTemporaryFile(suffix=".json") as f:
    run = subprocess.run(
        ["schemathesis", "run", URL + "/openapi.json", "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--max-time", "120", "--seed", "1",
         "--continue-on-failure", "--exclude-checks", EXCLUDED, "--exclude-path", UNREAD, "--request-timeout", "60", "--report", "json", "--report-json-path", f.name],
        capture_output=True, text=True, check=False,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": os.path.dirname(__file__)},
    )
    report = f.read()
if not report:
    raise SystemExit(run.stderr or run.stdout)
report = json.loads(report)
found = {}
for kind in ("failures", "errors"):
    for failure in report[kind]:
        for operation in failure.get("operations") or ["the run"]:
            found.setdefault(operation, []).append(failure.get("title") or str(failure))
for path, operations in answer.json()["paths"].items():
    if path == UNREAD:
        continue
    for method in operations:
        if method in ("get", "head", "post", "put", "delete", "options", "patch"):
            name = f"{method.upper()} {path}"
            tell(check=name, **({"failed": "; ".join(found.pop(name))} if name in found else {}))
for name, titles in found.items():
    tell(check=name, failed="; ".join(titles))
if report["operations"]["tested"] < report["operations"]["selected"]:
    tell(check="the run", failed=f"operations: {report['operations']}")
if run.returncode and not report["failures"] and not report["errors"]:
    tell(check="the run", failed=run.stdout[-2000:])
