SELECT NULL AS faute, siret, raison_sociale, nom_commercial, personne_physique, statut_diffusion, qualiopi,
    1 AS version, 'C' AS operation, instant(jour() - 70 - parmi(germe(entite_organisme(), id), 8, 900), germe(entite_organisme(), id), 9) AS date_maj
FROM organisme
UNION ALL
SELECT list_extract(fautes_organismes(), 1 + i % len(fautes_organismes())), siret_temoin(i), 'ORGANISME TEMOIN ' || CAST(i AS VARCHAR), NULL, false, 'O', true,
    1, 'C', jour() - INTERVAL 100 DAY
FROM range({fautes}) AS t(i)
