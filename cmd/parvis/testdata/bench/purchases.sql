-- Invented rows of the detailed table of purchases: a certification in ten is bought in a département in a month. {values} is
-- how many combinations are drawn from.
SELECT DATE '2026-11-02' AS date_chargement, (2020 + m // 12)::INTEGER AS annee_de_validation,
  strftime(DATE '2020-01-01' + to_months(m::INTEGER), '%Y-%m') AS date_validation,
  CASE WHEN c < 1900 THEN 'RNCP' ELSE 'RS' END AS type_referentiel,
  CASE WHEN c >= 1900 THEN (3000 + c)::VARCHAR END AS code_rs, CASE WHEN c < 1900 THEN (30000 + c)::VARCHAR END AS code_rncp,
  (900000 + c)::VARCHAR AS code_certifinfo, 'Certification inventée, numéro ' || c AS intitule_certification,
  'Domaine inventé ' || (c % 90) AS domaine_formation_nsf, (10000 + c % 300)::VARCHAR AS formacode_principal,
  'Formacode inventé ' || (c % 300) AS libelle_formacode_principal, 'Région ' || (d % 18) AS region_lieu_formation,
  'Département ' || d AS departement_lieu_formation, n AS nb_dossiers, n AS nb_titulaires,
  price::DECIMAL(14,2) AS prix_moyen, n AS nb_dossiers_a_duree_connue, (h // 7 % 40000 / 100)::DECIMAL(14,2) AS duree_moyenne,
  (n * price)::DECIMAL(14,2) AS montant_engage, (100 + c % 90)::VARCHAR AS code_nsf,
  lpad((d % 18)::VARCHAR, 2, '0') AS code_region_lieu_formation, lpad(d::VARCHAR, 2, '0') AS code_departement_lieu_formation
FROM (
  SELECT i // (101 * 2400) AS m, i // 101 % 2400 AS c, i % 101 AS d, hash(i) AS h,
    (5 + hash(i) // 11 % 200)::INTEGER AS n, 300 + hash(i) // 13 % 400000 / 100 AS price
  FROM range({values}) r(i) WHERE hash(i) % 10 = 0)
ORDER BY date_validation, type_referentiel NULLS LAST, code_rs NULLS LAST, code_rncp NULLS LAST, code_certifinfo, code_departement_lieu_formation
