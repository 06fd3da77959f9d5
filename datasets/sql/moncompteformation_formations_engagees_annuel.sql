-- Les achats de certifications : une ligne par année de validation et région du lieu de formation, et une pour la
-- France
-- (FR). Les titulaires sont comptés sur toute l'année ; les dossiers et les montants sont la somme des mois tels qu'ils
-- sont publiés (mois_publies : periode, code_region, nb_dossiers, montant_engage), vides s'il en manque un ou si l'un d'eux est secret.

WITH mois AS (
    SELECT
        substr(periode, 1, 4) AS periode,
        code_region,
        CASE WHEN count(nb_dossiers) = 12 THEN sum(nb_dossiers) END AS nb_dossiers,
        CASE WHEN count(montant_engage) = 12 THEN sum(montant_engage) END AS montant_engage
    FROM mois_publies
    GROUP BY ALL
)

SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(x.periode AS INTEGER) AS annee_de_validation,
    coalesce(r.nom_region, 'France') AS region_lieu_formation,
    CAST(m.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(x.titulaires AS INTEGER) AS nb_titulaires,
    CAST(m.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    x.code_region AS code_region_lieu_formation,
    x.nb_dossiers AS _nb_dossiers,
    x.montant_engage AS _montant_engage,
    x.titulaires AS _titulaires,
    x.personnes AS _personnes,
    x.identites AS _identites,
    x.contributions_personnes AS _contributions_personnes,
    x.contributions_identites AS _contributions_identites,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
LEFT JOIN membres_code_region AS r ON r.code_region = x.code_region
LEFT JOIN mois AS m ON m.periode = x.periode AND m.code_region = x.code_region
