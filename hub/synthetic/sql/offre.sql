-- What is on offer: trainings and their actions, from their numbers.
CREATE TABLE formation AS
SELECT
    t.f,
    t.g,
    t.faute,
    t.certification,
    o.id AS organisme,
    o.siret,
    o.commune,
    o.siret || '_' || upper(substr(c.domaine, 1, 3)) || lpad(CAST(t.f AS VARCHAR), 6, '0') AS numero_formation,
    -- Every thousandth is dated after the day of the extract.
    CASE WHEN parmi(t.g, 3, 1000) = 0 THEN jour() + 1 + parmi(t.g, 4, 20) ELSE jour() - parmi(t.g, 4, 1400) END AS cree,
    CASE WHEN t.faute IS NOT NULL THEN NULL WHEN parmi(t.g, 5, 1000) < 10 THEN 'correction' WHEN parmi(t.g, 5, 1000) < 13 THEN 'suppression' END AS sort,
    u(t.g, 6) < 0.05 + 0.55 * c.a_distance AS a_distance,
    parmi(t.g, 7, 100) < 6 AS fermee,
    -- A faulty training takes its actions and sessions along: it has one of each.
    CASE
        WHEN t.faute IS NOT NULL THEN 1
        WHEN u(t.g, 6) < 0.05 + 0.55 * c.a_distance THEN CASE WHEN parmi(t.g, 8, 10) = 0 THEN 2 ELSE 1 END
        WHEN u(t.g, 8) < 0.50 THEN 1 WHEN u(t.g, 8) < 0.70 THEN 2 WHEN u(t.g, 8) < 0.83 THEN 3 WHEN u(t.g, 8) < 0.91 THEN 4 WHEN u(t.g, 8) < 0.96 THEN 5 ELSE 6
    END AS actions
FROM (
    SELECT i AS f, g, faute(entite_formation(), i, bloc_formation(), fautes_formations()) AS faute, tc.certification
    FROM (SELECT i, germe(entite_formation(), i) AS g FROM range(0, formations()) AS t(i))
    JOIN tirage_offre AS tc ON tc.cran = cran(g, 1)
) AS t
JOIN certification AS c ON c.id = t.certification
-- Each certification is offered by some of the providers, the first of them most.
JOIN organisme AS o ON o.id = parmi(germe(entite_organisme(), t.certification * 1000003 + CAST(floor(c.fournisseurs * u(t.g, 2) * u(t.g, 9)) AS BIGINT)), 1, organismes());

-- The trainings of a certification by rank. A certification that nobody offers has an empty one.
CREATE TABLE offre AS
SELECT certification, row_number() OVER (PARTITION BY certification ORDER BY f) - 1 AS rang, numero_formation, siret FROM formation
UNION ALL
SELECT id, 0, NULL, NULL FROM certification WHERE id NOT IN (SELECT certification FROM formation);

UPDATE certification SET offres = n FROM (SELECT certification, count(*) AS n FROM offre GROUP BY certification) AS o WHERE o.certification = id;

CREATE TABLE action AS
SELECT
    a.* EXCLUDE (faute, g, sort, i),
    a.i AS a,
    ga AS g,
    faute(entite_action(), a.i, bloc_action(), fautes_actions()) AS faute,
    a.faute IS NOT NULL OR faute(entite_action(), a.i, bloc_action(), fautes_actions()) IS NOT NULL AS sans_suite,
    CASE WHEN a.sort = 'suppression' THEN 'suppression' WHEN parmi(ga, 5, 1000) < 10 THEN 'correction' END AS sort,
    CASE WHEN a.a_distance THEN NULL WHEN k = 0 THEN siege.commune ELSE lieu.commune END AS lieu,
    c.prix_median,
    c.duree_mediane
FROM (
    SELECT *, germe(entite_action(), i) AS ga FROM (
        SELECT *, f * 8 + k AS i FROM (SELECT *, unnest(range(actions)) AS k FROM formation)
    )
) AS a
JOIN certification AS c ON c.id = a.certification
JOIN commune AS siege ON siege.id = a.commune
JOIN tirage_lieu AS tl ON tl.zone = siege.zone_region AND tl.cran = CAST(tire(ga, 1) & 1023 AS INTEGER)
JOIN commune AS lieu ON lieu.id = tl.commune;
