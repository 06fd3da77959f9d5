SELECT NULL AS faute, commune, nom_commune, code_departement, nom_departement, code_region, nom_region,
    1 AS version, 'C' AS operation, date_trunc('year', jour()) + INTERVAL 8 HOUR AS date_maj
FROM commune
UNION ALL
-- Communes that exist nowhere, each with its fault.
SELECT list_extract(fautes_territoires(), 1 + i % len(fautes_territoires())), '79' || CAST(950 + i AS VARCHAR), 'Ville-Témoin ' || CAST(i AS VARCHAR),
    '79', 'Deux-Sèvres', '75', 'Nouvelle-Aquitaine', 1, 'C', date_trunc('year', jour()) + INTERVAL 8 HOUR
FROM range({fautes}) AS t(i)
