"""The queries that public code sends to these datasets: filters, searches, groups, facets,
exports and the addresses of version 1. Only their shapes are taken from there; values are
those of the release at hand, and every answer is compared with its files."""

import csv
import io
import statistics

import openpyxl
import requests

from checking import ENGAGED, EXPLORE, OFFER, REGIONS, URL, USERS, check, client, near, one, same, sql

client("requests")
session = requests.Session()


def get(url, status=200, **parameters):
    answer = session.get(url, params=parameters, timeout=60)
    assert answer.status_code == status, f"{answer.url}: {answer.status_code} {answer.text[:500]}"
    return answer


def records(table=OFFER, **parameters):
    return get(f"{EXPLORE}/{table}/records", **parameters).json()


def export(kind, table=OFFER, **parameters):
    return get(f"{EXPLORE}/{table}/exports/{kind}", **parameters)


def count(condition, *values, table=OFFER):
    return one("SELECT count(*) FROM {%s} WHERE %s" % (table, condition), *values)


RNCP, SIRET = sql("SELECT code_rncp, siret FROM {%s} WHERE code_rncp != '-1' GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1" % OFFER)[0]
RS = one("SELECT code_inventaire FROM {%s} WHERE code_inventaire != '-1' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1" % OFFER)
NSF = one("SELECT libelle_nsf_1 FROM {%s} WHERE code_nsf_1 = '326' LIMIT 1" % OFFER)
TITLE = one("SELECT intitule_certification FROM {%s} WHERE type_referentiel = 'RS' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1" % OFFER)
WORD = max((w for w in TITLE.replace("(", " ").replace(")", " ").split() if w.isalpha()), key=len)
CONTENT = "strip_accents(lower(%s)) LIKE '%%' || strip_accents(lower(?)) || '%%'"


@check
def siret():
    """siret="…" with a hundred rows"""
    got = records(where=f'siret="{SIRET}"', limit=100)
    same(got["total_count"], count("siret = ?", SIRET), "total_count")
    same({r["siret"] for r in got["results"]}, {SIRET}, "siret")


@check
def active():
    """code_rncp="…" AND nb_session_active>0 AND siret="…", one column, one row"""
    got = records(where=f'code_rncp="{RNCP}" AND nb_session_active>0 AND siret="{SIRET}"', limit="1", select="nb_session_active")
    same(got["total_count"], count("code_rncp = ? AND nb_session_active > 0 AND siret = ?", RNCP, SIRET), "total_count")
    same(list(got["results"][0]), ["nb_session_active"], "columns")


@check
def numbers():
    """code_rncp=… and code_inventaire=… as bare numbers, in an address that is not encoded"""
    for field, code in (("code_rncp", RNCP), ("code_inventaire", RS)):
        got = get(f"{EXPLORE}/{OFFER}/records?where={field}={code}").json()
        same(got["total_count"], count(f"{field} = ?", code), field)


@check
def absent():
    """code_certifinfo != -1, IS NOT NULL and a word of the NSF label, as CSV"""
    where = "libelle_nsf_1 like 'Informatique' and nom_region is not null and code_certifinfo != -1"
    text = export("csv", where=where, select="nom_of,nom_region,type_referentiel,code_inventaire,code_rncp,libelle_nsf_2,frais_ttc_tot_mean").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    same(len(rows), count(f"{CONTENT % 'libelle_nsf_1'} AND nom_region IS NOT NULL AND code_certifinfo != '-1'", "informatique"), "rows")
    assert rows and all(r["nom_region"] for r in rows)


@check
def sentence():
    """libelle_nsf_1 like a whole label with commas and an apostrophe; offset on an export is ignored"""
    got = export("json", where=f'libelle_nsf_1 like "{NSF}"', select="date_extract, nom_of, code_nsf_1", limit=5, offset=0, timezone="UTC", include_links="false", include_app_metas="false").json()
    same([r["code_nsf_1"] for r in got], ["326"] * min(5, count("code_nsf_1 = '326'")), "code_nsf_1")


@check
def like_codes():
    """code_nsf_1 like "326" AND type_referentiel like "RNCP", every row"""
    got = export("json", where='code_nsf_1 like "326" AND type_referentiel like "RNCP"', select="code_nsf_1, type_referentiel", limit=-1).json()
    same(len(got), count("code_nsf_1 = '326' AND type_referentiel = 'RNCP'"), "rows")


@check
def market():
    """région, département, prices and hours with AND; ROME codes with OR; an empty where"""
    where = 'nom_region = "Île-de-France" AND nom_departement = "Paris" AND frais_ttc_tot_mean >= 500 AND frais_ttc_tot_mean <= 3000 AND nombre_heures_total_mean >= 7'
    got = records(where=where, select="nom_of, intitule_formation, frais_ttc_tot_mean", limit=100)
    same(got["total_count"], count("nom_region = 'Île-de-France' AND nom_departement = 'Paris' AND frais_ttc_tot_mean BETWEEN 500 AND 3000 AND nombre_heures_total_mean >= 7"), "total_count")
    rome = one("SELECT code_rome_1 FROM {%s} WHERE code_rome_1 IS NOT NULL LIMIT 1" % OFFER)
    got = records(where=f'(code_rome_1="{rome}" OR code_rome_2="{rome}" OR code_rome_3="{rome}")', limit=1)
    same(got["total_count"], count("? IN (code_rome_1, code_rome_2, code_rome_3)", rome), "ROME")
    same(records(where="", limit=1)["total_count"], count("true"), "empty where")


@check
def search():
    """search(intitule_certification, "…") with refine, and without accents or case"""
    hits = records(where=f'search(intitule_certification,"{WORD.upper()}")', limit=1)["total_count"]
    assert hits >= count(CONTENT % "intitule_certification", WORD) > 0, f"{WORD}: {hits}"
    got = records(where=f'search(intitule_certification,"{WORD}")', refine="nom_departement:Paris", limit=5)
    assert got["total_count"] >= count(f"{CONTENT % 'intitule_certification'} AND nom_departement = 'Paris'", WORD)
    assert all(r["nom_departement"] == "Paris" for r in got["results"])


@check
def search_in():
    """code_rncp="…" AND search(intitule_formation, several words), the dearest first"""
    title = one("SELECT intitule_formation FROM {%s} WHERE code_rncp = ? AND frais_ttc_tot_mean IS NOT NULL ORDER BY frais_ttc_tot_mean DESC LIMIT 1" % OFFER, RNCP)
    words = " ".join([w for w in title.replace('"', " ").split() if len(w) > 2][:5])
    got = records(where=f'code_rncp="{RNCP}" AND search(intitule_formation, "{words}")', select="frais_ttc_tot_mean, nb_action", order_by="frais_ttc_tot_mean desc", limit=1)
    near(got["results"][0]["frais_ttc_tot_mean"], float(one("SELECT max(frais_ttc_tot_mean) FROM {%s} WHERE code_rncp = ?" % OFFER, RNCP)), "dearest")


@check
def statistics_of():
    """avg, median, min, max over lines that a title LIKEs, in a select of several lines"""
    got = records(select="""avg(frais_ttc_tot_mean) as prix_moyen,
                            median(frais_ttc_tot_mean) as prix_median,
                            min(frais_ttc_tot_mean) as prix_min,
                            max(frais_ttc_tot_mean) as prix_max,
                            median(nombre_heures_total_mean) as duree_mediane""", where='intitule_certification LIKE "permis"')["results"]
    rows = sql("SELECT frais_ttc_tot_mean::DOUBLE, nombre_heures_total_mean::DOUBLE FROM {%s} WHERE %s" % (OFFER, CONTENT % "intitule_certification"), "permis")
    prices = [p for p, _ in rows if p is not None]
    same(len(got), 1, "rows")
    for name, want in (("prix_moyen", statistics.fmean(prices)), ("prix_median", statistics.median(prices)), ("prix_min", min(prices)), ("prix_max", max(prices)), ("duree_mediane", statistics.median(h for _, h in rows))):
        near(got[0][name], want, name)


@check
def groups():
    """count(*) as count, a reserved word, by département, 101 groups; the largest first"""
    got = records(select="count(*) as count", group_by="nom_departement", limit=101)
    want = dict(sql("SELECT nom_departement, count(*) FROM {%s} GROUP BY 1" % OFFER))
    same(got["total_count"], len(want), "total_count")
    same({r["nom_departement"]: r["count"] for r in got["results"]}.items() <= want.items(), True, "counts")
    got = records(select="intitule_certification, count(*) as count", where="intitule_certification IS NOT NULL", group_by="intitule_certification", order_by="count DESC", limit=10)
    want = sql("SELECT count(*) n FROM {%s} GROUP BY intitule_certification ORDER BY n DESC LIMIT 10" % OFFER)
    same([r["count"] for r in got["results"]], [n for (n,) in want], "largest")
    got = records(select="intitule_certification, count(*) as competitor_count", where='libelle_nsf_1 LIKE "Commerce" AND nom_region = "Bretagne"', group_by="intitule_certification", order_by="competitor_count ASC", limit=50)
    want = sql("SELECT count(*) n FROM {%s} WHERE %s AND nom_region = 'Bretagne' GROUP BY intitule_certification ORDER BY n" % (OFFER, CONTENT % "libelle_nsf_1"), "commerce")
    same([r["competitor_count"] for r in got["results"]], [n for (n,) in want][:50], "smallest")


@check
def moved():
    """status and mode of attendance in the table of engagements: the error names where they are"""
    for field, table in (("statut_dossier", ENGAGED + "_statut"), ("modalite_presence", ENGAGED + "_region_modalite")):
        answer = get(f"{EXPLORE}/{ENGAGED}/records", 400, where=f'{field}="x"').json()
        same(answer["error_code"], "ODSQLError", "error_code")
        assert table in answer["message"], answer["message"]


@check
def engagements():
    """mean price and files by certification and year of the engagements"""
    code = one("SELECT code_rncp FROM {%s} WHERE code_rncp != '-1' GROUP BY 1 ORDER BY sum(nb_dossiers) DESC, 1 LIMIT 1" % ENGAGED)
    got = records(ENGAGED, select="annee_de_validation, avg(prix_moyen) as prix, sum(nb_dossiers) as nb", where=f'code_rncp="{code}"', group_by="annee_de_validation", order_by="nb desc")
    want = sql("SELECT annee_de_validation, avg(prix_moyen::DOUBLE), sum(nb_dossiers) n FROM {%s} WHERE code_rncp = ? GROUP BY 1 ORDER BY n DESC" % ENGAGED, code)
    same([(r["annee_de_validation"], r["nb"]) for r in got["results"]], [(y, int(n)) for y, _, n in want], "years")
    for r, (_, price, _) in zip(got["results"], want):
        near(r["prix"], price, "prix")


@check
def months():
    """months: date'…', year(), refine by year and month"""
    month = one("SELECT max(date_validation) FROM {%s}" % REGIONS)
    same(records(REGIONS, where=f"date_validation = date'{month[:7]}'")["total_count"], count("date_validation = ?", month, table=REGIONS), "month")
    year = count("date_validation LIKE ?", month[:4] + "%", table=REGIONS)
    same(records(REGIONS, where=f"year(date_validation) = {int(month[:4])}")["total_count"], year, "year()")
    same(records(REGIONS, refine=f"date_validation:{month[:4]}")["total_count"], year, "refine by year")
    same(records(REGIONS, refine="date_validation:" + month[:7].replace("-", "/"))["total_count"], count("date_validation = ?", month, table=REGIONS), "refine by month")


@check
def users():
    """users of a quarter by gender"""
    quarter = one("SELECT max(trimestre) FROM {%s}" % USERS)
    got = records(USERS, select="sum(nb_dossiers) as n", where=f"trimestre = '{quarter}'", group_by="genre", order_by="genre")
    want = sql("SELECT genre, sum(nb_dossiers) FROM {%s} WHERE trimestre = ? GROUP BY 1 ORDER BY 1" % USERS, quarter)
    same([(r["genre"], r["n"]) for r in got["results"]], [(g, int(n)) for g, n in want], "genders")


@check
def facets():
    """all facets; one, refined; refine twice"""
    got = {f["name"]: f["facets"] for f in get(f"{EXPLORE}/{OFFER}/facets").json()["facets"]}
    want = dict(sql("SELECT nom_region, count(*) FROM {%s} WHERE nom_region IS NOT NULL GROUP BY 1" % OFFER))
    same({v["value"]: v["count"] for v in got["nom_region"]}, want, "nom_region")
    got = get(f"{EXPLORE}/{OFFER}/facets", facet="nom_departement", refine=["code_region:11", "type_referentiel:RS"]).json()["facets"][0]["facets"]
    want = dict(sql("SELECT nom_departement, count(*) FROM {%s} WHERE code_region = '11' AND type_referentiel = 'RS' GROUP BY 1" % OFFER))
    same({v["value"]: v["count"] for v in got}, want, "nom_departement")


@check
def spreadsheet():
    """xlsx with and without labels: codes are text, numbers numbers"""
    for labels, siret in (("false", "siret"), ("true", "siret_of")):
        sheet = openpyxl.load_workbook(io.BytesIO(export("xlsx", where=f'siret="{SIRET}"', use_labels=labels).content), read_only=True).active
        head, *rows = sheet.iter_rows(values_only=True)
        same({r[head.index(siret)] for r in rows}, {SIRET}, siret)
        same(len(rows), count("siret = ?", SIRET), "rows")
        assert all(isinstance(r[head.index("nb_action")], int) for r in rows)


@check
def linked():
    """the address that catalogues link to: csv with lang, timezone, use_labels and delimiter"""
    got = session.get(f"{EXPLORE}/{OFFER}/exports/csv?lang=fr&timezone=Europe%2FBerlin&use_labels=true&delimiter=%3B", timeout=60)
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig")), delimiter=";"))
    same(len(rows), count("true"), "rows")
    same([r["siret_of"] for r in rows[:50]], [s for (s,) in sql("SELECT siret FROM {%s} LIMIT 50" % OFFER)], "siret_of")
    assert "attachment" in got.headers["Content-Disposition"], got.headers


@check
def paged():
    """pages of a hundred up to the end, then the refusal past ten thousand"""
    seen = []
    while batch := records(limit=100, offset=len(seen), select="numero_formation, code_departement, code_region", where='code_region in ("11", "84")')["results"]:
        seen += [tuple(r.values()) for r in batch]
    same(len(seen), count("code_region IN ('11', '84')"), "rows")
    same(len(set(seen)), len(seen), "distinct rows")
    same(get(f"{EXPLORE}/{OFFER}/records", 400, limit=100, offset=10000).json()["error_code"], "InvalidRESTParameterError", "error_code")


@check
def search_v1():
    """version 1: a word, facets and a refinement by the old name of a column, thousands of rows"""
    facets = ["nom_departement", "nom_region", "rsrncp", "libelle_niveau_sortie_formation", "libelle_nsf_1", "code_certifinfo", "siret", "code_region"]
    got = get(f"{URL}/api/records/1.0/search/", dataset=OFFER, rows=2000, q=WORD, facet=facets, **{"refine.rsrncp": "RS"}).json()
    assert got["nhits"] > 0 and len(got["records"]) == min(2000, got["nhits"])
    same({r["fields"]["type_referentiel"] for r in got["records"]}, {"RS"}, "type_referentiel")
    same(len(got["facet_groups"]), len(facets), "facet groups")


@check
def refine_v1():
    """version 1: every row of one certification, by refine, with facets of the other domains"""
    facets = ["nom_region", "libelle_nsf_1", "libelle_nsf_2", "libelle_nsf_3", "siret"]
    got = get(f"{URL}/api/records/1.0/search/", dataset=OFFER, rows=2000, q="", facet=facets, **{"refine.intitule_certification": TITLE}).json()
    same(got["nhits"], count("intitule_certification = ?", TITLE), "nhits")
    same({r["fields"]["intitule_certification"] for r in got["records"]}, {TITLE}, "certification")
    sirets = next(g for g in got["facet_groups"] if g["name"] == "siret")["facets"]
    want = dict(sql("SELECT siret, count(*) FROM {%s} WHERE intitule_certification = ? GROUP BY 1" % OFFER, TITLE))
    assert all(want[v["name"]] == v["count"] for v in sirets) and sirets, sirets


@check
def loop_v1():
    """version 1: blocks of a hundred rows by start"""
    seen = []
    while batch := get(f"{URL}/api/records/1.0/search/", dataset=OFFER, rows=100, start=len(seen), **{"refine.code_region": "53"}).json()["records"]:
        seen += [r["recordid"] for r in batch]
    same(len(set(seen)), count("code_region = '53'"), "rows")


@check
def download_v1():
    """version 1: whole downloads as csv, json and xls-like formats, with labels as headers"""
    answer = get(f"{URL}/explore/dataset/{OFFER}/download/", format="csv", timezone="Europe/Paris", use_labels_for_header="true")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    same([r["siret_of"] for r in rows], [s for (s,) in sql("SELECT siret FROM {%s}" % OFFER)], "siret_of")
    rows = get(f"{URL}/explore/dataset/{OFFER}/download", format="json", **{"refine.code_region": "53"}).json()
    same(len(rows), count("code_region = '53'"), "rows")


@check
def aliases():
    """other names of columns, as they stand in files of data.gouv.fr"""
    got = records(where=f'siret_of="{SIRET}" AND code_rs != "x"', limit=1)
    same(got["total_count"], count("siret = ?", SIRET), "total_count")
