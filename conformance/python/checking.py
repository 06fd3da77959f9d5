"""What the scripts share: the service, the files of the release, and how a check is told.

A script prints one JSON object a line: its version first, then every check.
"""

import json
import os
import traceback
from importlib.metadata import version

import duckdb

URL = os.environ["PARVIS_URL"]
TRUTH = os.environ["PARVIS_TRUTH"]
EXPLORE = URL + "/api/explore/v2.1/catalog/datasets"

OFFER = "moncompteformation_catalogueformation"
ENGAGED = "moncompteformation_formations_engagees"
REGIONS = ENGAGED + "_region"
USERS = "moncompteformation_usagers"


def client(*packages):
    """Tells the versions of the packages under test."""
    tell(version=" ".join(version(p) if len(packages) == 1 else f"{p} {version(p)}" for p in packages))


def tell(**line):
    print(json.dumps(line), flush=True)


def check(test):
    """Runs a function now; it fails by an exception. Its docstring is the name of the check."""
    name = " ".join(test.__doc__.split())
    try:
        test()
    except AssertionError as e:
        tell(check=name, failed=(str(e) or traceback.format_exc())[:2000])
    except Exception:
        tell(check=name, failed=traceback.format_exc()[-2000:])
    else:
        tell(check=name)


def same(got, want, what="value"):
    assert got == want, f"{what}: got {str(got)[:600]}, want {str(want)[:600]}"


def near(got, want, what="value"):
    assert got is not None and abs(got - want) <= 1e-9 * max(1, abs(want)), f"{what}: got {got}, want {want}"


def sql(query, *values):
    """Rows of a query over the files of the release: {table} stands for its Parquet file."""
    import re

    query = re.sub(r"\{(\w+)\}", lambda m: f"read_parquet('{TRUTH}/{m[1]}.parquet')", query)
    return duckdb.execute(query, list(values)).fetchall()


def one(query, *values):
    """The only value of a query over the files of the release."""
    return sql(query, *values)[0][0]


def parquet(table):
    return f"{TRUTH}/{table}.parquet"


def file_url(dataset, table, extension="parquet"):
    return f"{URL}/datasets/{dataset}/releases/latest/{table}.{extension}"
