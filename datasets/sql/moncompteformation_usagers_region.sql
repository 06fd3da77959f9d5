-- Les entrées en formation : une ligne par trimestre d'entrée, région de résidence, genre, tranche d'âge et
-- situation, d'après les cellules à cette maille.
SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee,
    x.periode AS trimestre,
    x.code_region,
    r.nom_region,
    g.nom_genre AS genre,
    t.nom_tranche_age AS tranche_age,
    s.nom_situation AS situation,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.titulaires AS INTEGER) AS nb_titulaires,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    x.genre AS _genre,
    x.tranche_age AS _tranche_age,
    x.situation AS _situation,
    x.titulaires AS _titulaires,
    x.personnes AS _personnes,
    x.identites AS _identites,
    x.contributions_personnes AS _contributions_personnes,
    x.contributions_identites AS _contributions_identites,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN membres_code_region AS r ON r.code_region = x.code_region
JOIN membres_genre AS g ON g.genre = x.genre
JOIN membres_tranche_age AS t ON t.tranche_age = x.tranche_age
JOIN membres_situation AS s ON s.situation = x.situation
