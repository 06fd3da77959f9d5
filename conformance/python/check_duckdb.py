"""DuckDB: Parquet by address, read in place by ranges, and exports."""

import tempfile
from email.utils import parsedate_to_datetime

import duckdb
import requests
from fsspec.implementations.http import HTTPFileSystem

from checking import ENGAGED, EXPLORE, OFFER, check, client, file_url, one, parquet, same, sql

client("duckdb")


class Web(HTTPFileSystem):
    """DuckDB's own extension for HTTP is no part of its package: fsspec reads for it."""

    def modified(self, path):
        return parsedate_to_datetime(requests.head(path).headers["Last-Modified"])


web = duckdb.connect()
web.register_filesystem(Web())


@check
def group():
    """a group by over the file of the release, in place"""
    query = "SELECT code_region_lieu_formation, sum(nb_dossiers), sum(montant_engage) FROM %s GROUP BY 1 ORDER BY 1"
    same(web.execute(query % f"read_parquet('{file_url(ENGAGED, ENGAGED)}')").fetchall(), sql(query % ("{%s}" % ENGAGED)), "groups")


@check
def types():
    """types of an export are those of the release"""
    with tempfile.NamedTemporaryFile(suffix=".parquet") as f:
        f.write(requests.get(f"{EXPLORE}/{OFFER}/exports/parquet").content)
        f.flush()
        same(duckdb.execute(f"DESCRIBE SELECT * FROM '{f.name}'").fetchall(), sql("DESCRIBE SELECT * FROM {%s}" % OFFER), "columns")
        same(duckdb.execute(f"SELECT count(*) FROM (FROM '{f.name}' EXCEPT ALL FROM '{parquet(OFFER)}')").fetchone()[0], 0, "rows that differ")


@check
def sniffed():
    """the default CSV, its dialect found out"""
    with tempfile.NamedTemporaryFile(suffix=".csv") as f:
        f.write(requests.get(f"{EXPLORE}/{OFFER}/exports/csv").content)
        f.flush()
        got = duckdb.execute(f"SELECT count(*), sum(frais_ttc_tot_mean::DECIMAL(14,2)), min(siret::VARCHAR) FROM read_csv('{f.name}', all_varchar = true)").fetchone()
    same(got, sql("SELECT count(*), sum(frais_ttc_tot_mean), min(siret) FROM {%s}" % OFFER)[0], "count, sum, min")


@check
def lines():
    """lines of JSON"""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as f:
        f.write(requests.get(f"{EXPLORE}/{OFFER}/exports/jsonl").content)
        f.flush()
        got = duckdb.execute(f"SELECT count(*) FROM read_json('{f.name}', format = 'newline_delimited')").fetchone()[0]
    same(got, one("SELECT count(*) FROM {%s}" % OFFER), "rows")
