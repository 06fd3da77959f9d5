"""polars: CSV, lines and Parquet of addresses, in memory and lazily."""

import io

import polars as pl
import requests
from polars.testing import assert_frame_equal

from checking import ENGAGED, EXPLORE, OFFER, check, client, file_url, one, parquet, same

client("polars")
truth = pl.read_parquet(parquet(OFFER))
TEXT = {c: pl.String for c in truth.columns if truth.schema[c] == pl.String}


@check
def csv():
    """read_csv of the default export, fetched: of an address polars wants the length first"""
    df = pl.read_csv(requests.get(f"{EXPLORE}/{OFFER}/exports/csv").content, separator=";", schema_overrides=TEXT)
    same(df.columns, truth.columns, "columns")
    same(df["numero_formation"].to_list(), truth["numero_formation"].to_list(), "numero_formation")
    same(df["frais_ttc_tot_mean"].to_list(), truth["frais_ttc_tot_mean"].cast(pl.Float64).to_list(), "prices")


@check
def addresses():
    """read_csv of addresses that are files of the release"""
    for url in (f"{EXPLORE}/{OFFER}/exports/csv?delimiter=,&with_bom=false", file_url(OFFER, OFFER, "csv")):
        df = pl.read_csv(url, schema_overrides=TEXT)
        same(df["siret"].to_list(), truth["siret"].to_list(), "siret")


@check
def lines():
    """read_ndjson of lines"""
    df = pl.read_ndjson(io.BytesIO(requests.get(f"{EXPLORE}/{OFFER}/exports/jsonl").content), infer_schema_length=None)
    same(df["contenu_formation"].to_list(), truth["contenu_formation"].to_list(), "texts")


@check
def parquet_export():
    """read_parquet of an export, fetched: values and types"""
    assert_frame_equal(pl.read_parquet(requests.get(f"{EXPLORE}/{OFFER}/exports/parquet").content), truth)


@check
def lazily():
    """scan_parquet of the file of the release, in place by ranges"""
    df = pl.scan_parquet(file_url(ENGAGED, ENGAGED)).filter(pl.col("code_rncp") != "-1").select(pl.col("nb_dossiers").sum()).collect()
    same(df.item(), one("SELECT sum(nb_dossiers) FROM {%s} WHERE code_rncp != '-1'" % ENGAGED), "sum")


@check
def scanned_export():
    """scan_parquet of an export that is a file of the release"""
    df = pl.scan_parquet(f"{EXPLORE}/{OFFER}/exports/parquet?parquet_compression=zstd").select("siret").collect()
    same(df["siret"].to_list(), truth["siret"].to_list(), "siret")
