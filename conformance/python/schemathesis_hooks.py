"""Taken out of the cases of schemathesis: a part of a JSON file is no JSON, which it expects
of every answer that has the type. The other clients read by ranges."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    for name in [n for n in case.headers or {} if n.lower() == "range"]:
        del case.headers[name]
