-- Les achats de certifications : une ligne par mois de validation et certification, d'après les cellules à cette
-- maille.
SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee_de_validation,
    x.periode AS date_validation,
    c.type_referentiel,
    c.code_rs,
    c.code_rncp,
    c.code_certifinfo,
    c.intitule_certification,
    c.domaine_formation_nsf,
    c.formacode_principal,
    c.libelle_formacode_principal,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.titulaires AS INTEGER) AS nb_titulaires,
    moyenne(x.montant_engage, x.nb_dossiers) AS prix_moyen,
    CAST(x.nb_durees AS INTEGER) AS nb_dossiers_a_duree_connue,
    moyenne(x.duree_heures, x.nb_durees) AS duree_moyenne,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    c.code_nsf,
    x.certification AS _certification,
    c.domaine AS _domaine,
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
JOIN membres_certification AS c ON c.certification = x.certification
