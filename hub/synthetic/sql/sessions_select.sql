WITH session AS (
    SELECT
        *,
        -- A session becomes known on some day after its training.
        CASE WHEN cree > jour() THEN cree ELSE cree + parmi(h, 4, jour() - cree + 1) END AS connue,
        CASE WHEN sort = 'suppression' OR faute IS NULL AND parmi(h, 5, 1000) < 3 THEN 'suppression' WHEN parmi(h, 5, 1000) < 13 THEN 'correction' END AS sort_session,
        CASE WHEN fermee OR s > 0 AND parmi(h, 6, 100) < 18 THEN 'fermee' ELSE 'active' END AS etat,
        faute(entite_session(), a * 8 + s, bloc_session(), fautes_sessions()) AS faute_session
    FROM (
        SELECT *, germe(entite_session(), a * 8 + s) AS h FROM (
            SELECT *, unnest(range(CASE WHEN sans_suite THEN 1 ELSE 1 + CAST(floor(8 * u(g, 15) * u(g, 16)) AS INTEGER) END)) AS s
            FROM action
            WHERE f BETWEEN {de} AND {a}
        )
    )
)

SELECT
    faute_session AS faute,
    numero_formation || '_' || CAST(k + 1 AS VARCHAR) || '_' || CAST(s + 1 AS VARCHAR) AS numero_session,
    numero_formation || '_' || CAST(k + 1 AS VARCHAR) AS numero_action,
    debut AS date_debut,
    debut + 1 + CAST(duree_mediane / (1.5 + 4.5 * u(h, 7)) AS INTEGER) AS date_fin,
    a_distance,
    CASE WHEN sort_session = 'correction' AND connue <= {apres} THEN 'fermee' ELSE etat END AS etat,
    {version} AS version,
    CASE WHEN connue > {apres} THEN 'C' WHEN sort_session = 'suppression' THEN 'S' ELSE 'M' END AS operation,
    instant(CASE WHEN connue > {apres} THEN connue ELSE {jusque} - parmi(h, 60, greatest({jusque} - {apres}, 1)) END, h, 61) AS date_maj
FROM (SELECT *, CASE etat WHEN 'active' THEN jour() + parmi(h, 8, 330) - 30 ELSE jour() - 20 - parmi(h, 8, 400) END AS debut FROM session)
WHERE (connue > {apres} AND (connue <= {jusque} OR {derniere}) OR {derniere} AND connue <= {apres} AND sort_session IS NOT NULL AND faute_session IS NULL)
