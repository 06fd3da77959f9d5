"""pandas: read_csv, read_json, read_parquet and read_excel of addresses."""

import io
import urllib.parse

import pandas as pd
import requests

from checking import EXPLORE, OFFER, REGIONS, TRUTH, check, client, file_url, one, parquet, same

client("pandas")
truth = pd.read_parquet(parquet(OFFER))
CODES = {c: str for c in truth.columns if c.startswith("code") or c in ("siret", "numero_formation")}


def export(table, kind, **parameters):
    return f"{EXPLORE}/{table}/exports/{kind}?" + urllib.parse.urlencode(parameters)


@check
def csv():
    """read_csv of the default export: ; and a byte order mark that is no part of the first name"""
    df = pd.read_csv(export(OFFER, "csv"), sep=";", dtype=CODES)
    same(list(df.columns), list(truth.columns), "columns")
    same(df["siret"].tolist(), truth["siret"].tolist(), "siret")
    same(df["code_region"].fillna("").tolist(), truth["code_region"].fillna("").tolist(), "code_region")
    assert (df["frais_ttc_tot_mean"].fillna(-1) - truth["frais_ttc_tot_mean"].astype(float).fillna(-1)).abs().max() == 0


@check
def dialects():
    """read_csv with every delimiter, with and without the mark, everything quoted, compressed"""
    want = truth["contenu_formation"].fillna("").tolist()
    for delimiter in (";", ",", "\t", "|"):
        for bom in ("true", "false"):
            url = export(OFFER, "csv", delimiter=delimiter, with_bom=bom, quote_all=bom, select="contenu_formation")
            df = pd.read_csv(url, sep=delimiter, keep_default_na=False)
            same(df["contenu_formation"].tolist(), want, f"texts, delimiter {delimiter!r}, with_bom {bom}")
    df = pd.read_csv(export(OFFER, "csv", compressed="true", select="contenu_formation"), sep=";", compression="gzip", keep_default_na=False)
    same(df["contenu_formation"].tolist(), want, "texts, compressed")


@check
def with_bom():
    """the mark is there by default, and is not with with_bom=false"""
    same(requests.get(export(OFFER, "csv", limit=1)).content[:3], b"\xef\xbb\xbf", "first bytes")
    same(requests.get(export(OFFER, "csv", limit=1, with_bom="false")).content[:12], b"date_extract", "first bytes")


@check
def labels():
    """read_csv with labels as headers"""
    df = pd.read_csv(export(OFFER, "csv", use_labels="true", limit=5), sep=";", dtype=str)
    same([c for c in ("date_chargement", "code_rs", "siret_of") if c not in df.columns], [], "missing labels")
    same(df["siret_of"].tolist(), truth["siret"].head(5).tolist(), "siret_of")


@check
def json():
    """read_json of an export with a condition"""
    df = pd.read_json(export(OFFER, "json", where='code_nsf_1 = "326"', limit=-1, timezone="UTC", use_labels="false", epsg=4326), dtype=CODES)
    want = truth[truth["code_nsf_1"] == "326"]
    same(df["numero_formation"].tolist(), want["numero_formation"].tolist(), "numero_formation")
    same(df["nb_session_active"].tolist(), want["nb_session_active"].tolist(), "nb_session_active")


@check
def jsonl():
    """read_json of lines"""
    df = pd.read_json(export(OFFER, "jsonl"), lines=True, dtype=CODES)
    same(df["numero_formation"].tolist(), truth["numero_formation"].tolist(), "numero_formation")


@check
def parquet_exports():
    """read_parquet of exports, with both compressions and of a choice of columns: values and types"""
    for compression in ("snappy", "zstd"):
        df = pd.read_parquet(export(OFFER, "parquet", parquet_compression=compression))
        pd.testing.assert_frame_equal(df, truth)
    df = pd.read_parquet(export(OFFER, "parquet", select="siret, frais_ttc_tot_mean as prix", where="code_region = '11'"))
    want = truth.loc[truth["code_region"] == "11", ["siret", "frais_ttc_tot_mean"]].rename(columns={"frais_ttc_tot_mean": "prix"})
    pd.testing.assert_frame_equal(df, want.reset_index(drop=True))


@check
def parquet_file():
    """read_parquet of the file of the release"""
    pd.testing.assert_frame_equal(pd.read_parquet(file_url(OFFER, OFFER)), truth)


@check
def excel():
    """read_excel, with names and with labels: codes stay text"""
    for labels, siret in (("false", "siret"), ("true", "siret_of")):
        df = pd.read_excel(io.BytesIO(requests.get(export(OFFER, "xlsx", use_labels=labels)).content), dtype={siret: str})
        same(df[siret].tolist(), truth["siret"].tolist(), siret)
        assert abs(df["frais_ttc_tot_mean"].sum() - float(truth["frais_ttc_tot_mean"].sum())) < 0.01


@check
def secret():
    """secret cells are empty, and their columns stay numbers"""
    df = pd.read_csv(export(REGIONS, "csv"), sep=";")
    same(int(df["nb_dossiers"].isna().sum()), one("SELECT count(*) - count(nb_dossiers) FROM {%s}" % REGIONS), "secret cells")
    assert pd.api.types.is_numeric_dtype(df["nb_dossiers"]), df["nb_dossiers"].dtype


@check
def months():
    """months are read as dates"""
    df = pd.read_csv(export(REGIONS, "csv"), sep=";", parse_dates=["date_validation"])
    want = one("SELECT count(DISTINCT date_validation) FROM {%s}" % REGIONS)
    same(df["date_validation"].nunique(), want, "months")
    assert pd.api.types.is_datetime64_any_dtype(df["date_validation"]), df["date_validation"].dtype


@check
def french():
    """the CSV for a French spreadsheet, with a decimal comma"""
    df = pd.read_csv(f"{TRUTH}/{OFFER}.excel.csv", sep=";", decimal=",", encoding="utf-8-sig", dtype=str)
    url = file_url(OFFER, OFFER, "excel.csv")
    got = pd.read_csv(url, sep=";", decimal=",", encoding="utf-8-sig", dtype=str)
    pd.testing.assert_frame_equal(got, df)
    same(len(got), len(truth), "rows")
