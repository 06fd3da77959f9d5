-- The lists that certifiers file: nearly all who offer the certification, and some who no longer do.
WITH listes AS (
    SELECT id, type_referentiel, code_certification, jour() - 3 - parmi(germe(entite_liste(), id), 2, 360) AS date_liste
    FROM certification
    WHERE livree AND type_referentiel IS NOT NULL AND parmi(germe(entite_liste(), id), 1, 100) < 40
),

noms AS (
    SELECT DISTINCT f.certification, f.siret, f.organisme FROM formation AS f
    UNION
    SELECT l.id, o.siret, o.id FROM listes AS l JOIN organisme AS o ON o.id = parmi(germe(entite_liste(), l.id), 3, organismes())
)

SELECT * EXCLUDE (rang) FROM (
    SELECT
        l.id AS rang,
        NULL AS faute,
        l.type_referentiel,
        l.code_certification,
        n.siret,
        l.date_liste,
        1 AS version,
        'C' AS operation,
        instant(l.date_liste + 1, germe(entite_liste(), l.id), 4) AS date_maj
    FROM listes AS l
    JOIN noms AS n ON n.certification = l.id
    WHERE parmi(germe(entite_liste(), l.id * 1000003 + n.organisme), 5, 100) < 86
    UNION ALL
    SELECT 1000000 + i, list_extract(fautes_habilitations(), 1 + i % len(fautes_habilitations())), type_referentiel, code_certification, siret_temoin(i),
        jour() - 100, 1, 'C', jour() - INTERVAL 99 DAY
    FROM range({fautes}) AS t(i), (SELECT * FROM certification WHERE livree AND type_referentiel IS NOT NULL ORDER BY id LIMIT 1)
)
ORDER BY rang, siret
