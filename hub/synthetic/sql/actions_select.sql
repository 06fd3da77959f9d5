SELECT
    faute,
    numero_formation || '_' || CAST(k + 1 AS VARCHAR) AS numero_action,
    numero_formation,
    lieu AS commune,
    CASE WHEN parmi(g, 10, 100) >= 9 THEN CAST(greatest(1, round(duree_mediane * (0.6 + 0.4 * u(g, 11) + 0.4 * u(g, 12)))) AS DECIMAL(14, 2)) END AS nombre_heures,
    euros(100 * 5 * CAST(round(prix_median / 5.0 * (0.6 + 0.4 * u(g, 13) + 0.4 * u(g, 14))) AS BIGINT)
        + CASE WHEN sort = 'correction' AND cree <= {apres} THEN 5000 ELSE 0 END) AS frais_ttc,
    {version} AS version,
    CASE WHEN cree > {apres} THEN 'C' WHEN sort = 'suppression' THEN 'S' ELSE 'M' END AS operation,
    instant(CASE WHEN cree > {apres} THEN cree ELSE {jusque} - parmi(g, 60, greatest({jusque} - {apres}, 1)) END, g, 61) AS date_maj
FROM action
WHERE f BETWEEN {de} AND {a}
    AND (cree > {apres} AND (cree <= {jusque} OR {derniere}) OR {derniere} AND cree <= {apres} AND sort IS NOT NULL AND faute IS NULL)
