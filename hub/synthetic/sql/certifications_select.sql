SELECT NULL AS faute, type_referentiel, code_certification, code_certifinfo, intitule, libelle_niveau,
    code_nsf_1, code_nsf_2, code_nsf_3, libelle_nsf_1, libelle_nsf_2, libelle_nsf_3,
    code_formacode_1, code_formacode_2, code_formacode_3, code_formacode_4, code_formacode_5, libelle_formacode_1,
    code_rome_1, code_rome_2, code_rome_3, code_rome_4, code_rome_5,
    parmi(g, 1, 100) >= 6 AS active,
    CASE WHEN parmi(g, 1, 100) < 6 THEN jour() - 10 - parmi(g, 2, 500) WHEN parmi(g, 1, 100) < 60 THEN jour() + 30 + parmi(g, 2, 1200) END AS date_fin,
    1 AS version, 'C' AS operation, instant(jour() - 70 - parmi(g, 3, 700), g, 4) AS date_maj
FROM (SELECT *, germe(entite_certification(), id) AS g FROM certification WHERE livree)
UNION ALL
SELECT list_extract(fautes_certifications(), 1 + i % len(fautes_certifications())), 'RS', CAST(990001 + i AS VARCHAR), CAST(990001 + i AS VARCHAR),
    'Certification témoin ' || CAST(i AS VARCHAR), 'Sans niveau spécifique',
    '326', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    true, jour() + 365, 1, 'C', jour() - INTERVAL 100 DAY
FROM range({fautes}) AS t(i)
