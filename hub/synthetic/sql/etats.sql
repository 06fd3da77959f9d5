-- The files of a lot whose state changed after one day and until another, as they stood on the latter: what a
-- delivery of that day brings. Events are known to the hub some days late (retard). The last delivery also
-- corrects, deletes, and brings records dated after the day of the extract.
-- {apres}, {jusque}: the days; {version}; {derniere}: whether it is the last delivery.
CREATE OR REPLACE TEMP VIEW etat AS
WITH vus AS (
    SELECT
        *,
        CASE WHEN validation + retard > {jusque} THEN validation ELSE {jusque} - retard END AS vu
    FROM lot
    WHERE validation + retard <= {jusque}
        OR {derniere} AND retard > 10 AND validation + retard <= {jusque} + 60 AND validation <= jour() AND faute IS NULL
),

dates AS (
    SELECT
        *,
        validation + retard <= {apres} AS connu,
        CASE WHEN cloture <= vu THEN cloture WHEN sortie <= vu THEN sortie WHEN entree <= vu THEN entree ELSE validation END AS dernier
    FROM vus
)

SELECT
    * REPLACE (
        CASE WHEN sortie <= vu THEN sortie END AS sortie,
        CASE WHEN cloture <= vu THEN cloture END AS cloture,
        CASE WHEN issue = 'REJETE' AND cloture <= vu AND i % 2 = 0 THEN NULL ELSE validation END AS validation,
        CASE WHEN sort = 'correction' AND NOT ({derniere} AND connu) THEN CAST(duree_heures + 7 AS DECIMAL(14, 2)) ELSE duree_heures END AS duree_heures
    ),
    CASE WHEN cloture <= vu THEN issue WHEN sortie <= vu THEN 'SORTIE' WHEN entree <= vu THEN 'ENTREE' ELSE 'VALIDE' END AS statut,
    {version} AS version,
    CASE WHEN sort = 'suppression' AND connu AND {derniere} THEN 'S' WHEN connu THEN 'M' ELSE 'C' END AS operation,
    instant(CASE WHEN dernier + retard > {apres} THEN dernier + retard ELSE {jusque} - parmi(g, 60, greatest({jusque} - {apres}, 1)) END, g, 61) AS date_maj
FROM dates
WHERE (dernier + retard > {apres} OR {derniere} AND connu AND sort IN ('correction', 'suppression'))
    AND (faute IS NULL OR NOT connu);
