-- Les dossiers validés dans l'année, par statut au 31 mars de l'année suivante : une ligne par année de validation et
-- groupe de statuts, d'après les cellules à cette maille.
SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(x.periode AS INTEGER) AS annee_de_validation,
    s.statut_dossier,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    x.statut AS _statut,
    x.titulaires AS _titulaires,
    x.personnes AS _personnes,
    x.identites AS _identites,
    x.contributions_personnes AS _contributions_personnes,
    x.contributions_identites AS _contributions_identites,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN membres_statut AS s ON s.statut = x.statut
