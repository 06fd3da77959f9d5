"""pyarrow: Parquet in place by ranges, and CSV."""

import io

import fsspec
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import requests

from checking import ENGAGED, EXPLORE, OFFER, REGIONS, check, client, file_url, parquet, same

client("pyarrow")
web = fsspec.filesystem("http")


@check
def schema():
    """types of an export are those of the release, whatever the compression"""
    want = pq.read_schema(parquet(OFFER))
    for compression in ("snappy", "zstd"):
        got = pq.read_schema(io.BytesIO(requests.get(f"{EXPLORE}/{OFFER}/exports/parquet?parquet_compression={compression}").content))
        assert got.equals(want, check_metadata=False), f"{compression}: {got} is not {want}"


@check
def ranges():
    """one column of the file of the release, by ranges"""
    with web.open(file_url(ENGAGED, ENGAGED)) as f:
        got = pq.ParquetFile(f).read(columns=["nb_dossiers"])
    assert got.equals(pq.read_table(parquet(ENGAGED), columns=["nb_dossiers"]))


@check
def filtered():
    """a filter pushed down to a data set over HTTP"""
    filters = [("code_region_lieu_formation", "=", "53")]
    path = file_url(REGIONS.removesuffix("_region"), REGIONS)
    got = ds.dataset(path, filesystem=web, format="parquet").to_table(filter=pc.field("code_region_lieu_formation") == "53")
    assert got.equals(pq.read_table(parquet(REGIONS), filters=filters))


@check
def comma():
    """CSV with commas: the rows of the release"""
    data = requests.get(f"{EXPLORE}/{OFFER}/exports/csv?delimiter=,&with_bom=false").content
    options = csv.ConvertOptions(column_types=pq.read_schema(parquet(OFFER)), strings_can_be_null=True, quoted_strings_can_be_null=False)
    got = csv.read_csv(io.BytesIO(data), parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)
    want = pq.read_table(parquet(OFFER))
    for name in want.column_names:
        same(got[name].to_pylist(), want[name].to_pylist(), name)
