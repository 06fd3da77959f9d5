-- The work of a publication of the three datasets as a bare script, without the checks of files, reports, manifests
-- and reproducible bytes: what BenchmarkScale compares the program with. {hub}: the extract, Parquet; {out}: where the
-- files go; {asof}: the first day that is not seen; {debut}, {fin}: the first and the last day that count.

CREATE MACRO propre(t) AS nullif(trim(t, ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8239)), '');
CREATE MACRO lettres(t) AS regexp_replace(strip_accents(upper(t)), '[^A-Z]', '', 'g');
CREATE MACRO nir_juste(nir) AS regexp_full_match(nir, '[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{8}')
    AND 97 - TRY_CAST(replace(replace(substr(nir, 1, 13), '2A', '19'), '2B', '18') AS BIGINT) % 97 = TRY_CAST(substr(nir, 14, 2) AS INTEGER);
CREATE MACRO chiffre(t, i) AS ascii(substr(t, i, 1)) - 48;
CREATE MACRO double_luhn(t, i) AS CASE WHEN chiffre(t, i) > 4 THEN 2 * chiffre(t, i) - 9 ELSE 2 * chiffre(t, i) END;
CREATE MACRO siret_juste(t) AS regexp_full_match(t, '[0-9]{14}') AND (double_luhn(t, 1) + chiffre(t, 2) + double_luhn(t, 3) + chiffre(t, 4)
    + double_luhn(t, 5) + chiffre(t, 6) + double_luhn(t, 7) + chiffre(t, 8) + double_luhn(t, 9) + chiffre(t, 10) + double_luhn(t, 11)
    + chiffre(t, 12) + double_luhn(t, 13) + chiffre(t, 14)) % 10 = 0;

-- Read: clean values, number persons, find what is wrong with a record by itself.

CREATE TABLE dossiers_lus AS
SELECT file_index * 1099511627776 + file_row_number AS rid,
    CASE WHEN id_dossier IS NULL OR version IS NULL OR date_maj IS NULL OR operation IS NULL OR operation NOT IN ('C', 'M', 'S')
        OR nir IS NOT NULL AND NOT nir_juste(nir)
        OR nir_juste(nir) AND substr(nir, 2, 2) <> strftime(date_naissance, '%y')
        OR nir IS NULL AND (nom_naissance IS NULL OR prenoms IS NULL OR date_naissance IS NULL)
        OR date_naissance > coalesce(date_validation, DATE '{asof}')
        OR genre NOT IN ('1', '2') OR situation NOT IN ('DE', 'SA', 'IN', 'AU') OR NOT regexp_full_match(csp, '[1-8]') OR dispositif IS NULL
        OR statut IS NULL OR statut NOT IN ('VALIDE', 'ENTREE', 'SORTIE', 'CLOS_TOTAL', 'CLOS_PARTIEL', 'ANNULE_OF', 'ANNULE_TITULAIRE', 'ANNULE_GESTIONNAIRE', 'REJETE')
        OR modalite_presence IS NULL OR modalite_presence NOT IN ('PRESENTIEL', 'DISTANCE', 'MIXTE')
        OR date_validation IS NULL AND statut <> 'REJETE'
        OR date_validation > date_entree OR date_validation > date_sortie OR date_validation > date_cloture
        OR date_entree > date_sortie OR date_entree > date_cloture OR date_sortie > date_cloture
        OR greatest(date_validation, date_entree, date_sortie, date_cloture) > DATE '{asof}' + INTERVAL 5 YEAR
        OR CASE statut WHEN 'VALIDE' THEN date_cloture IS NOT NULL WHEN 'ENTREE' THEN date_entree IS NULL OR date_cloture IS NOT NULL
            WHEN 'SORTIE' THEN date_entree IS NULL OR date_sortie IS NULL OR date_cloture IS NOT NULL
            WHEN 'CLOS_TOTAL' THEN date_entree IS NULL OR date_sortie IS NULL OR date_cloture IS NULL
            WHEN 'CLOS_PARTIEL' THEN date_entree IS NULL OR date_sortie IS NULL OR date_cloture IS NULL
            WHEN 'REJETE' THEN date_entree IS NOT NULL ELSE false END
        OR duree_heures NOT BETWEEN 0 AND 10000 OR type_referentiel NOT IN ('RNCP', 'RS') THEN true ELSE false END AS faux,
    id_dossier, version, operation, date_maj, date_naissance, genre, commune_domicile, situation, csp, dispositif, financeur_siret, statut,
    date_validation, date_entree, type_referentiel, code_certification, code_certifinfo, organisme_siret, commune_formation, modalite_presence, duree_heures,
    CASE WHEN nir IS NOT NULL THEN hash(1, substr(nir, 1, 13)) ELSE identite END AS personne,
    CASE WHEN nir IS NOT NULL AND identite IS NULL THEN hash(1, substr(nir, 1, 13)) ELSE identite END AS identite
FROM (SELECT *, CASE WHEN nom_naissance IS NOT NULL AND prenoms IS NOT NULL AND date_naissance IS NOT NULL
            THEN hash(2, lettres(nom_naissance), lettres(prenoms), date_naissance, genre) END AS identite
    FROM (SELECT * REPLACE (propre(id_dossier) AS id_dossier, propre(nir) AS nir, propre(nom_naissance) AS nom_naissance, propre(prenoms) AS prenoms,
            propre(genre) AS genre, propre(commune_domicile) AS commune_domicile, propre(situation) AS situation, propre(csp) AS csp, propre(dispositif) AS dispositif,
            propre(financeur_siret) AS financeur_siret, propre(statut) AS statut, propre(type_referentiel) AS type_referentiel, propre(code_certification) AS code_certification,
            propre(code_certifinfo) AS code_certifinfo, propre(organisme_siret) AS organisme_siret, propre(commune_formation) AS commune_formation,
            propre(modalite_presence) AS modalite_presence, propre(operation) AS operation), file_index, file_row_number
        FROM read_parquet('{hub}/dossiers/*.parquet', hive_partitioning = false)));

CREATE TABLE financements_lus AS
SELECT file_index * 1099511627776 + file_row_number AS rid,
    id_dossier IS NULL OR version IS NULL OR date_maj IS NULL OR operation IS NULL OR operation NOT IN ('C', 'M', 'S')
        OR type_financeur IS NULL OR type_financeur NOT IN ('france_competences', 'titulaire', 'etat', 'pole_emploi', 'region', 'opco', 'entreprise', 'cec')
        OR montant_engage IS NULL OR montant_engage < 0 OR coalesce(montant_realise < 0, false) AS faux,
    id_dossier, type_financeur, montant_engage, version, operation, date_maj
FROM (SELECT * REPLACE (propre(id_dossier) AS id_dossier, propre(type_financeur) AS type_financeur, propre(operation) AS operation), file_index, file_row_number
    FROM read_parquet('{hub}/financements/*.parquet', hive_partitioning = false));

CREATE TABLE territoires AS SELECT * FROM read_parquet('{hub}/territoires/*.parquet', hive_partitioning = false);
CREATE TABLE certifications AS SELECT *, coalesce(type_referentiel, '') || ':' || coalesce(code_certification, code_certifinfo) AS cle
    FROM read_parquet('{hub}/certifications/*.parquet', hive_partitioning = false);
CREATE TABLE organismes AS SELECT * FROM read_parquet('{hub}/organismes/*.parquet', hive_partitioning = false) WHERE siret_juste(siret);
CREATE TABLE habilitations AS SELECT DISTINCT type_referentiel, code_certification, siret, date_liste FROM read_parquet('{hub}/habilitations/*.parquet', hive_partitioning = false);
CREATE TABLE formations_lues AS SELECT * REPLACE (propre(numero_formation) AS numero_formation, propre(siret) AS siret, propre(intitule_formation) AS intitule_formation,
        propre(points_forts) AS points_forts, propre(objectif_formation) AS objectif_formation, propre(contenu_formation) AS contenu_formation,
        propre(resultats_attendus_formation) AS resultats_attendus_formation),
        file_index * 1099511627776 + file_row_number AS rid
    FROM read_parquet('{hub}/formations/*.parquet', hive_partitioning = false) WHERE siret_juste(siret) AND intitule_formation IS NOT NULL;
CREATE TABLE actions_lues AS SELECT *, file_index * 1099511627776 + file_row_number AS rid FROM read_parquet('{hub}/actions/*.parquet', hive_partitioning = false);
CREATE TABLE sessions_lues AS SELECT *, file_index * 1099511627776 + file_row_number AS rid FROM read_parquet('{hub}/sessions/*.parquet', hive_partitioning = false);

-- The current version of each record.

CREATE TABLE financements AS SELECT * EXCLUDE (rang) FROM (
    SELECT *, row_number() OVER (PARTITION BY id_dossier, type_financeur ORDER BY version DESC, date_maj DESC, rid DESC) AS rang
    FROM financements_lus WHERE date_maj < TIMESTAMP '{asof}' AND id_dossier IS NOT NULL) WHERE rang = 1 AND operation <> 'S';
CREATE TABLE dossiers_ecartes AS SELECT rid FROM (
    SELECT rid, operation, faux, row_number() OVER (PARTITION BY id_dossier ORDER BY version DESC, date_maj DESC, rid DESC) AS rang
    FROM dossiers_lus WHERE date_maj < TIMESTAMP '{asof}') WHERE rang > 1 OR operation = 'S' OR faux
    UNION ALL SELECT rid FROM dossiers_lus WHERE date_maj >= TIMESTAMP '{asof}' OR date_maj IS NULL;
CREATE TABLE formations AS SELECT * FROM formations_lues WHERE date_maj < TIMESTAMP '{asof}'
    QUALIFY row_number() OVER (PARTITION BY numero_formation ORDER BY version DESC, date_maj DESC, rid DESC) = 1 AND operation <> 'S';
CREATE TABLE actions AS SELECT * FROM actions_lues WHERE date_maj < TIMESTAMP '{asof}'
    QUALIFY row_number() OVER (PARTITION BY numero_action ORDER BY version DESC, date_maj DESC, rid DESC) = 1 AND operation <> 'S';
CREATE TABLE sessions AS SELECT * FROM sessions_lues WHERE date_maj < TIMESTAMP '{asof}'
    QUALIFY row_number() OVER (PARTITION BY numero_session ORDER BY version DESC, date_maj DESC, rid DESC) = 1 AND operation <> 'S';

-- References.

CREATE TABLE montants AS SELECT id_dossier, CAST(sum(montant_engage) AS DECIMAL(14, 2)) AS montant_engage FROM financements WHERE NOT faux GROUP BY id_dossier;
CREATE TABLE fautifs AS SELECT DISTINCT id_dossier FROM financements WHERE faux;
CREATE TABLE sirets AS SELECT DISTINCT organisme_siret AS siret FROM dossiers_lus UNION SELECT DISTINCT financeur_siret FROM dossiers_lus;
CREATE TABLE sirets_faux AS SELECT siret FROM sirets WHERE siret IS NOT NULL AND NOT siret_juste(siret);
INSERT INTO dossiers_ecartes SELECT rid FROM dossiers_lus
    WHERE rid NOT IN (SELECT rid FROM dossiers_ecartes)
    AND (type_referentiel IS NOT NULL AND coalesce(type_referentiel || ':' || code_certification NOT IN (SELECT cle FROM certifications), true)
        OR commune_formation NOT IN (SELECT commune FROM territoires)
        OR NOT starts_with(commune_domicile, '99') AND commune_domicile NOT IN (SELECT commune FROM territoires)
        OR organisme_siret IS NULL OR organisme_siret IN (SELECT siret FROM sirets_faux) OR financeur_siret IN (SELECT siret FROM sirets_faux)
        OR id_dossier IN (SELECT id_dossier FROM fautifs)
        OR dispositif = 'CPF' AND id_dossier NOT IN (SELECT id_dossier FROM montants WHERE montant_engage > 0));
CREATE TABLE orphelins AS SELECT rid FROM financements WHERE id_dossier NOT IN (SELECT id_dossier FROM dossiers_lus WHERE id_dossier IS NOT NULL);
CREATE VIEW dossiers AS SELECT * FROM dossiers_lus ANTI JOIN dossiers_ecartes USING (rid);

-- Purchases.

CREATE TABLE achats AS
SELECT strftime(d.date_validation, '%Y-%m') AS periode, coalesce(c.cle, ':') AS certification, coalesce(t.code_departement, '00') AS code_departement,
    d.personne, d.identite, hash(1, d.id_dossier) AS alea_1, hash(2, d.id_dossier) AS alea_2, d.duree_heures, m.montant_engage
FROM dossiers AS d JOIN montants AS m USING (id_dossier)
LEFT JOIN certifications AS c ON c.cle = coalesce(d.type_referentiel, '') || ':' || coalesce(d.code_certification, d.code_certifinfo)
LEFT JOIN territoires AS t ON t.commune = CASE WHEN d.modalite_presence <> 'DISTANCE' THEN d.commune_formation END
WHERE d.dispositif = 'CPF' AND d.date_validation BETWEEN DATE '{debut}' AND DATE '{fin}';

CREATE TABLE cellules AS
SELECT * FROM (
    SELECT periode, certification, code_departement, sum(n) AS nb_dossiers, sum(montant) AS montant_engage, sum(durees) AS nb_durees, sum(duree) AS duree,
        sum(a1) AS alea_1, sum(a2) AS alea_2, count(*) AS personnes, count(*) FILTER (WHERE durees > 0) AS personnes_duree,
        min(personne, 5) AS numeros, max({montant: montant, numero: personne}, 3) AS grands
    FROM (SELECT periode, certification, code_departement, personne, count(*) AS n, sum(montant_engage) AS montant, count(duree_heures) AS durees,
            sum(duree_heures) AS duree, sum(alea_1) AS a1, sum(alea_2) AS a2 FROM achats GROUP BY ALL) GROUP BY ALL)
JOIN (
    SELECT periode, certification, code_departement, count(*) AS identites, count(*) FILTER (WHERE durees > 0) AS identites_duree,
        min(identite, 5) AS numeros_2, max({montant: montant, numero: identite}, 3) AS grands_2
    FROM (SELECT periode, certification, code_departement, identite, sum(montant_engage) AS montant, count(duree_heures) AS durees FROM achats GROUP BY ALL) GROUP BY ALL)
USING (periode, certification, code_departement);

CREATE TABLE montrees AS
SELECT * FROM cellules
WHERE least(personnes, identites) >= 5
    AND 100 * (montant_engage - grands[1].montant - coalesce(grands[2].montant, 0)) >= 10 * grands[1].montant
    AND 100 * (montant_engage - grands_2[1].montant - coalesce(grands_2[2].montant, 0)) >= 10 * grands_2[1].montant;

CREATE TABLE achats_publies AS
SELECT DATE '{fin}' AS date_chargement, CAST(substr(periode, 1, 4) AS INTEGER) AS annee_de_validation, periode AS date_validation, c.type_referentiel,
    CASE WHEN c.type_referentiel = 'RS' THEN c.code_certification END AS code_rs, CASE WHEN c.type_referentiel = 'RNCP' THEN c.code_certification END AS code_rncp,
    c.code_certifinfo, c.intitule, c.libelle_nsf_1, c.code_formacode_1, c.libelle_formacode_1, t.nom_region, t.nom_departement,
    nb_dossiers, least(personnes, identites) AS nb_titulaires, round(montant_engage / nb_dossiers, 2) AS prix_moyen, nb_durees,
    CASE WHEN least(personnes_duree, identites_duree) >= 5 THEN round(duree / nb_durees, 2) END AS duree_moyenne, montant_engage, c.code_nsf_1, t.code_region, m.code_departement
FROM montrees AS m LEFT JOIN certifications AS c ON c.cle = m.certification
LEFT JOIN (SELECT code_departement, min(nom_departement) AS nom_departement, min(code_region) AS code_region, min(nom_region) AS nom_region FROM territoires GROUP BY ALL) AS t
    ON t.code_departement = m.code_departement;

-- Users.

CREATE TABLE entrees AS
SELECT CAST(year(d.date_entree) AS VARCHAR) || '-T' || quarter(d.date_entree) AS trimestre, coalesce(t.code_departement, '99') AS code_departement, d.genre,
    date_diff('year', d.date_naissance, d.date_entree) // 10 AS tranche, CASE WHEN d.situation = 'DE' THEN 'DE' ELSE d.csp END AS situation,
    d.personne, d.identite, hash(1, d.id_dossier) AS alea_1, hash(2, d.id_dossier) AS alea_2, m.montant_engage
FROM dossiers AS d JOIN montants AS m USING (id_dossier) LEFT JOIN territoires AS t ON t.commune = d.commune_domicile
WHERE d.dispositif = 'CPF' AND d.date_entree BETWEEN DATE '{debut}' AND DATE '{fin}' AND d.statut NOT IN ('ANNULE_OF', 'ANNULE_TITULAIRE', 'ANNULE_GESTIONNAIRE', 'REJETE');

CREATE TABLE usagers AS
SELECT * FROM (
    SELECT trimestre, code_departement, genre, tranche, situation, sum(n) AS nb_dossiers, sum(montant) AS montant_engage, sum(a1) AS alea_1, sum(a2) AS alea_2,
        count(*) AS personnes, min(personne, 5) AS numeros, max({montant: montant, numero: personne}, 3) AS grands
    FROM (SELECT trimestre, code_departement, genre, tranche, situation, personne, count(*) AS n, sum(montant_engage) AS montant, sum(alea_1) AS a1, sum(alea_2) AS a2
        FROM entrees GROUP BY ALL) GROUP BY ALL) AS p
JOIN (
    SELECT trimestre, code_departement, genre, tranche, situation, count(*) AS identites, min(identite, 5) AS numeros_2, max({montant: montant, numero: identite}, 3) AS grands_2
    FROM (SELECT trimestre, code_departement, genre, tranche, situation, identite, sum(montant_engage) AS montant FROM entrees GROUP BY ALL) GROUP BY ALL) AS i
ON p.trimestre = i.trimestre AND p.code_departement = i.code_departement AND p.genre IS NOT DISTINCT FROM i.genre
    AND p.tranche IS NOT DISTINCT FROM i.tranche AND p.situation IS NOT DISTINCT FROM i.situation;

CREATE TABLE usagers_publies AS SELECT COLUMNS(c -> c IN ('trimestre', 'code_departement', 'genre', 'tranche', 'situation', 'nb_dossiers', 'montant_engage')) FROM usagers
WHERE least(personnes, identites) >= 5
    AND 100 * (montant_engage - grands[1].montant - coalesce(grands[2].montant, 0)) >= 10 * grands[1].montant
    AND 100 * (montant_engage - grands_2[1].montant - coalesce(grands_2[2].montant, 0)) >= 10 * grands_2[1].montant;

-- Count the shown cells again, and find their largest contributions again.

CREATE TABLE controle_achats AS
WITH f AS (SELECT a.* FROM achats AS a JOIN montrees AS m USING (periode, certification, code_departement))
SELECT count(*) AS n, sum(d) AS d, sum(p) AS p, sum(g) AS g FROM
    (SELECT periode, certification, code_departement, count(*) AS d, count(DISTINCT personne) AS p, count(DISTINCT identite) AS i,
        count(DISTINCT CASE WHEN duree_heures IS NOT NULL THEN personne END) AS pd, count(DISTINCT CASE WHEN duree_heures IS NOT NULL THEN identite END) AS id FROM f GROUP BY ALL)
    JOIN (SELECT periode, certification, code_departement, max(montant) FILTER (WHERE rang <= 2) AS g FROM (SELECT periode, certification, code_departement, sum(montant_engage) AS montant,
        row_number() OVER (PARTITION BY periode, certification, code_departement ORDER BY sum(montant_engage) DESC) AS rang FROM f GROUP BY periode, certification, code_departement, personne) GROUP BY ALL)
    USING (periode, certification, code_departement)
    JOIN (SELECT periode, certification, code_departement, max(montant) FILTER (WHERE rang <= 2) AS g2 FROM (SELECT periode, certification, code_departement, sum(montant_engage) AS montant,
        row_number() OVER (PARTITION BY periode, certification, code_departement ORDER BY sum(montant_engage) DESC) AS rang FROM f GROUP BY periode, certification, code_departement, identite) GROUP BY ALL)
    USING (periode, certification, code_departement);
CREATE TABLE controle_usagers AS
WITH f AS (SELECT * FROM entrees)
SELECT count(*) AS n, sum(d) AS d, sum(p) AS p, sum(g) AS g FROM
    (SELECT trimestre, code_departement, genre, tranche, situation, count(*) AS d, count(DISTINCT personne) AS p, count(DISTINCT identite) AS i FROM f GROUP BY ALL)
    JOIN (SELECT trimestre, code_departement, genre, tranche, situation, max(montant) FILTER (WHERE rang <= 2) AS g FROM (SELECT trimestre, code_departement, genre, tranche, situation, sum(montant_engage) AS montant,
        row_number() OVER (PARTITION BY trimestre, code_departement, genre, tranche, situation ORDER BY sum(montant_engage) DESC) AS rang FROM f
        GROUP BY trimestre, code_departement, genre, tranche, situation, personne) GROUP BY ALL)
    USING (trimestre, code_departement, genre, tranche, situation)
    JOIN (SELECT trimestre, code_departement, genre, tranche, situation, max(montant) FILTER (WHERE rang <= 2) AS g2 FROM (SELECT trimestre, code_departement, genre, tranche, situation, sum(montant_engage) AS montant,
        row_number() OVER (PARTITION BY trimestre, code_departement, genre, tranche, situation ORDER BY sum(montant_engage) DESC) AS rang FROM f
        GROUP BY trimestre, code_departement, genre, tranche, situation, identite) GROUP BY ALL)
    USING (trimestre, code_departement, genre, tranche, situation);

-- The catalogue; patterns stand for what takes personal data out of texts, once to remove and once to look.

CREATE MACRO nettoye(t) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(t, '<[^>]{1,200}>', ' ', 'g'),
    '[\w.+-]+@[\w-]+\.[\w.]+', '', 'g'), '(\+33|0)\s?[1-9]([\s.-]?[0-9]{2}){4}', '', 'g'), '[A-Z]{2}[0-9]{2}([ ]?[0-9A-Z]{4}){4,7}', '', 'g');
CREATE MACRO suspect(t) AS regexp_matches(t, '@|\+33|[0-9]{10}|[12][0-9]{12}|FR[0-9]{2}');
CREATE TABLE catalogue AS
WITH lieux AS (
    SELECT a.numero_formation, t.code_departement, t.code_region, min(t.nom_departement) AS nom_departement, min(t.nom_region) AS nom_region, count(*) AS nb_action, sum(n) AS nb_session,
        min(nombre_heures) AS h1, max(nombre_heures) AS h2, avg(nombre_heures) AS h3, min(frais_ttc) AS f1, max(frais_ttc) AS f2, avg(frais_ttc) AS f3
    FROM (SELECT a.numero_formation, a.numero_action, a.commune, a.nombre_heures, a.frais_ttc, count(*) AS n FROM actions AS a JOIN sessions AS s USING (numero_action)
        WHERE s.etat = 'active' GROUP BY ALL) AS a LEFT JOIN territoires AS t USING (commune) GROUP BY a.numero_formation, t.code_departement, t.code_region)
SELECT l.*, o.nom_commercial, o.raison_sociale, c.* EXCLUDE (version, operation, date_maj), f.siret, h.date_liste, nettoye(f.intitule_formation) AS intitule_formation, nettoye(f.points_forts) AS points_forts,
    nettoye(f.objectif_formation) AS objectif_formation, nettoye(f.contenu_formation) AS contenu_formation, nettoye(f.resultats_attendus_formation) AS resultats_attendus_formation
FROM lieux AS l JOIN formations AS f USING (numero_formation) JOIN organismes AS o ON o.siret = f.siret
LEFT JOIN certifications AS c ON c.cle = coalesce(f.type_referentiel, '') || ':' || coalesce(f.code_certification, f.code_certifinfo)
LEFT JOIN habilitations AS h ON h.type_referentiel = f.type_referentiel AND h.code_certification = f.code_certification AND h.siret = f.siret;
CREATE TABLE controle_catalogue AS SELECT count(*) FILTER (WHERE suspect(intitule_formation)) AS a, count(*) FILTER (WHERE suspect(points_forts)) AS b,
    count(*) FILTER (WHERE suspect(objectif_formation)) AS c, count(*) FILTER (WHERE suspect(contenu_formation)) AS d, count(*) FILTER (WHERE suspect(resultats_attendus_formation)) AS e FROM catalogue;

-- Files, each sorted by its key.

COPY (SELECT * FROM achats_publies ORDER BY ALL) TO '{out}/achats.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000);
COPY (SELECT * FROM achats_publies ORDER BY ALL) TO '{out}/achats.csv';
COPY (SELECT * FROM achats_publies ORDER BY ALL) TO '{out}/achats.csv.gz' (COMPRESSION gzip);
COPY (SELECT * FROM achats_publies ORDER BY ALL) TO '{out}/achats.excel.csv' (DELIMITER ';');
COPY (SELECT * FROM achats_publies ORDER BY ALL) TO '{out}/achats.jsonl.gz' (FORMAT json, COMPRESSION gzip);
COPY (SELECT * FROM usagers_publies ORDER BY ALL) TO '{out}/usagers.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000);
COPY (SELECT * FROM usagers_publies ORDER BY ALL) TO '{out}/usagers.csv';
COPY (SELECT * FROM usagers_publies ORDER BY ALL) TO '{out}/usagers.csv.gz' (COMPRESSION gzip);
COPY (SELECT * FROM usagers_publies ORDER BY ALL) TO '{out}/usagers.excel.csv' (DELIMITER ';');
COPY (SELECT * FROM usagers_publies ORDER BY ALL) TO '{out}/usagers.jsonl.gz' (FORMAT json, COMPRESSION gzip);
COPY (SELECT * FROM catalogue ORDER BY numero_formation, code_departement) TO '{out}/catalogue.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000);
COPY (SELECT * FROM catalogue ORDER BY numero_formation, code_departement) TO '{out}/catalogue.csv';
COPY (SELECT * FROM catalogue ORDER BY numero_formation, code_departement) TO '{out}/catalogue.csv.gz' (COMPRESSION gzip);
COPY (SELECT * FROM catalogue ORDER BY numero_formation, code_departement) TO '{out}/catalogue.excel.csv' (DELIMITER ';');
COPY (SELECT * FROM catalogue ORDER BY numero_formation, code_departement) TO '{out}/catalogue.jsonl.gz' (FORMAT json, COMPRESSION gzip);
