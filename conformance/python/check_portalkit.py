"""portalkit: finds out what the portal runs, lists, describes and reads it."""

import portalkit

from checking import OFFER, REGIONS, URL, check, client, one, same, sql

client("portalkit")
portal = portalkit.open(URL, cache=False)


@check
def detected():
    """the portal is recognised without being told"""
    same(portal.name, "opendatasoft", "software")


@check
def search():
    """search of the catalogue"""
    found = {d.id: d for d in portal.search("offre", limit=50)}
    assert OFFER in found, f"{OFFER} is not among {list(found)}"
    same(found[OFFER].rows, one("SELECT count(*) FROM {%s}" % OFFER), "records_count")


@check
def described():
    """fields of a table, in the order of the release"""
    names = [r[0] for r in sql("DESCRIBE SELECT * FROM {%s}" % OFFER)]
    same([f.name for f in portal.dataset(OFFER).info.fields], names, "fields")


@check
def pages():
    """250 rows in pages of 100, by a condition, in an order"""
    df = portal.dataset(OFFER).to_pandas(where='code_region = "11"', order="frais_ttc_tot_mean desc", limit=250)
    want = sql("SELECT frais_ttc_tot_mean FROM {%s} WHERE code_region = '11' ORDER BY 1 DESC NULLS LAST LIMIT 250" % OFFER)
    same([float(x) for x in df["frais_ttc_tot_mean"]], [float(x) for (x,) in want], "prices")
    same(df.duplicated(["numero_formation", "code_departement", "code_region"]).sum(), 0, "rows seen twice")


@check
def whole():
    """the whole table, through the export; codes stay text"""
    df = portal.dataset(OFFER).to_pandas()
    same(len(df), one("SELECT count(*) FROM {%s}" % OFFER), "rows")
    same(sorted(df["siret"]), [s for (s,) in sql("SELECT siret FROM {%s} ORDER BY siret" % OFFER)], "siret")


@check
def aggregate():
    """chosen columns of a summary"""
    df = portal.dataset(REGIONS).to_pandas(select="date_validation, nb_dossiers", where="code_region_lieu_formation = '53'", limit=100)
    same(len(df), one("SELECT count(*) FROM {%s} WHERE code_region_lieu_formation = '53'" % REGIONS), "rows")
    same(list(df.columns), ["date_validation", "nb_dossiers"], "columns")


@check
def unknown():
    """a dataset that does not exist is said to be none"""
    try:
        portal.dataset("nothing_of_that_name").info
    except portalkit.DatasetNotFound:
        return
    raise AssertionError("no exception")
