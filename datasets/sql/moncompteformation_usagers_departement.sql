-- Les entrées en formation : une ligne par trimestre d'entrée et département de résidence, d'après les cellules à
-- cette maille.
SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee,
    x.periode AS trimestre,
    r.code_region,
    r.nom_region,
    x.code_departement,
    d.nom_departement,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.titulaires AS INTEGER) AS nb_titulaires,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    x.titulaires AS _titulaires,
    x.personnes AS _personnes,
    x.identites AS _identites,
    x.contributions_personnes AS _contributions_personnes,
    x.contributions_identites AS _contributions_identites,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN membres_code_departement AS d ON d.code_departement = x.code_departement
JOIN membres_code_region AS r ON r.code_region = d.code_region
