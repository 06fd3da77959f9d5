SELECT
    f.faute,
    f.numero_formation,
    f.siret,
    texte('titre', c.domaine, c.intitule, '', cle) AS intitule_formation,
    CASE WHEN parmi(f.g, 11, 100) < 92 THEN texte('points_forts', c.domaine, c.intitule, nom, cle) END AS points_forts,
    texte('objectif', c.domaine, c.intitule, nom, cle) AS objectif_formation,
    texte('contenu', c.domaine, c.intitule, nom, cle) AS contenu_formation,
    CASE WHEN parmi(f.g, 12, 100) < 95 THEN texte('resultats', c.domaine, c.intitule, nom, cle) END AS resultats_attendus_formation,
    c.type_referentiel,
    c.code_certification,
    c.code_certifinfo,
    {version} AS version,
    operation,
    date_maj
FROM (
    SELECT
        *,
        CASE WHEN cree > {apres} THEN 'C' WHEN sort = 'suppression' THEN 'S' ELSE 'M' END AS operation,
        instant(CASE WHEN cree > {apres} THEN cree ELSE {jusque} - parmi(g, 60, greatest({jusque} - {apres}, 1)) END, g, 61) AS date_maj,
        -- A correction writes the texts anew.
        CAST(tire(g, CASE WHEN sort = 'correction' AND cree <= {apres} THEN 63 ELSE 62 END) AS VARCHAR) AS cle
    FROM formation
    WHERE f BETWEEN {de} AND {a}
        AND (cree > {apres} AND (cree <= {jusque} OR {derniere}) OR {derniere} AND cree <= {apres} AND sort IS NOT NULL)
) AS f
JOIN certification AS c ON c.id = f.certification
JOIN (SELECT id, CASE WHEN personne_physique THEN raison_sociale ELSE '' END AS nom FROM organisme) AS o ON o.id = f.organisme
