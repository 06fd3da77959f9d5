"""odsclient: whole tables through the download address of version 1."""

import io
import os
import tempfile

import pandas as pd
from odsclient import ODSClient, ODSException

from checking import OFFER, REGIONS, TRUTH, URL, check, client, one, same

client("odsclient")
ods = ODSClient(base_url=URL, use_keyring=False)
truth = pd.read_csv(f"{TRUTH}/{OFFER}.csv", dtype=str, keep_default_na=False)


@check
def dataframe():
    """get_whole_dataframe with names as headers: every row"""
    df = ods.get_whole_dataframe(OFFER, use_labels_for_header=False)
    same(len(df), len(truth), "rows")
    same(list(df.columns), list(truth.columns), "columns")
    same(df["numero_formation"].tolist(), truth["numero_formation"].tolist(), "numero_formation")
    want = one("SELECT sum(frais_ttc_tot_mean) FROM {%s}" % OFFER)
    assert abs(df["frais_ttc_tot_mean"].sum() - float(want)) < 0.01


@check
def labels():
    """get_whole_dataframe as it is, with labels as headers"""
    df = ods.get_whole_dataframe(OFFER)
    same([c for c in ("date_chargement", "code_rs", "siret_of") if c not in df.columns], [], "missing labels")


@check
def text():
    """get_whole_dataset as CSV text, separated by commas: every cell"""
    got = ods.get_whole_dataset(OFFER, format="csv", csv_separator=",", use_labels_for_header=False)
    got = pd.read_csv(io.StringIO(got), dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(got, truth)


@check
def file():
    """get_whole_dataset into a file, as JSON"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.json")
        ods.get_whole_dataset(REGIONS, format="json", to_path=path)
        same(len(pd.read_json(path)), one("SELECT count(*) FROM {%s}" % REGIONS), "rows")


@check
def unknown():
    """a dataset that does not exist is an ODSException with its message"""
    try:
        ods.get_whole_dataset("nothing_of_that_name")
    except ODSException as e:
        same(e.status_code, 404, "status")
        assert e.error_msg, "no message"
        return
    raise AssertionError("no exception")
