-- Les achats de certifications : une ligne par mois de validation, région du lieu de formation et modalité de
-- présence, d'après les cellules à cette maille.
SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee_de_validation,
    x.periode AS date_validation,
    m.modalite_presence,
    r.nom_region AS region_lieu_formation,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.titulaires AS INTEGER) AS nb_titulaires,
    moyenne(x.montant_engage, x.nb_dossiers) AS prix_moyen,
    CAST(x.nb_durees AS INTEGER) AS nb_dossiers_a_duree_connue,
    moyenne(x.duree_heures, x.nb_durees) AS duree_moyenne,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    x.code_region AS code_region_lieu_formation,
    x.modalite AS _modalite,
    x.titulaires AS _titulaires,
    x.titulaires_a_duree_connue AS _titulaires_a_duree_connue,
    x.personnes AS _personnes,
    x.identites AS _identites,
    x.contributions_personnes AS _contributions_personnes,
    x.contributions_identites AS _contributions_identites,
    x.duree_heures AS _heures,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN membres_code_region AS r ON r.code_region = x.code_region
JOIN membres_modalite AS m ON m.modalite = x.modalite
