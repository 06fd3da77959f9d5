-- Les entrées en formation : une ligne par trimestre d'entrée, région de résidence et situation, d'après les cellules
-- à cette maille.
SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee,
    x.periode AS trimestre,
    x.code_region,
    r.nom_region,
    s.nom_situation AS situation,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.titulaires AS INTEGER) AS nb_titulaires,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    CAST(x.part_france_competences AS DECIMAL(14, 2)) AS part_france_competences,
    CAST(x.nb_dossiers_titulaire AS INTEGER) AS nb_dossiers_finances_par_titulaires,
    CAST(x.part_titulaire AS DECIMAL(14, 2)) AS part_titulaire,
    CAST(x.nb_dossiers_etat AS INTEGER) AS nb_dossiers_finances_par_etat,
    CAST(x.part_etat AS DECIMAL(14, 2)) AS part_etat,
    CAST(x.nb_dossiers_pole_emploi AS INTEGER) AS nb_dossiers_finances_par_pole_emploi,
    CAST(x.part_pole_emploi AS DECIMAL(14, 2)) AS part_pole_emploi,
    CAST(x.nb_dossiers_region AS INTEGER) AS nb_dossiers_finances_par_regions,
    CAST(x.part_region AS DECIMAL(14, 2)) AS part_region,
    CAST(x.nb_dossiers_opco AS INTEGER) AS nb_dossiers_finances_par_opco,
    CAST(x.part_opco AS DECIMAL(14, 2)) AS part_opco,
    CAST(x.nb_dossiers_entreprise AS INTEGER) AS nb_dossiers_finances_par_entreprises,
    CAST(x.part_entreprise AS DECIMAL(14, 2)) AS part_entreprise,
    CAST(x.nb_dossiers_cec AS INTEGER) AS nb_dossiers_finances_par_cec,
    CAST(x.part_cec AS DECIMAL(14, 2)) AS part_cec,
    x.situation AS _situation,
    x.titulaires AS _titulaires,
    x.personnes AS _personnes,
    x.identites AS _identites,
    x.contributions_personnes AS _contributions_personnes,
    x.contributions_identites AS _contributions_identites,
    x.financeurs AS _financeurs,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN membres_code_region AS r ON r.code_region = x.code_region
JOIN membres_situation AS s ON s.situation = x.situation
