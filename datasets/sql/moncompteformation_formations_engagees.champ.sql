-- Champ des achats de certifications : les dossiers du compte personnel de formation validés du $debut au $fin
-- inclus, quoi qu'il en soit advenu ensuite. Une ligne par dossier, avec la période et le territoire où il compte.

WITH referentiel AS (
    -- Les actions éligibles par la loi n'ont ni référentiel ni code : leur code Certif Info les désigne.
    SELECT
        coalesce(type_referentiel, '') || ':' || coalesce(code_certification, code_certifinfo) AS certification,
        CASE WHEN type_referentiel IS NOT NULL THEN coalesce(code_nsf_1, '-') ELSE '' END AS domaine
    FROM hub.certifications
),

departements AS (
    SELECT code_departement, min(code_region) AS code_region
    FROM hub.communes
    GROUP BY code_departement
)

SELECT
    mois(d.date_validation) AS periode,
    -- Une action éligible par la loi dont le code est absent ou inconnu compte avec ses pareilles.
    coalesce(r.certification, ':') AS certification,
    -- Domaine NSF : sans objet pour ces actions (vide), non renseigné pour une certification qui n'en a pas (-).
    coalesce(r.domaine, '') AS domaine,
    coalesce(c.code_departement, '00') AS code_departement,
    coalesce(t.code_region, '00') AS code_region,
    d.modalite_presence AS modalite,
    -- Où en est le dossier au 31 mars qui suit l'année de validation : ce qui a été clos plus tard était en cours. Un
    -- dossier clos sans date de clôture est pris tel qu'il est.
    CASE
        WHEN d.date_cloture > make_date(year(d.date_validation) + 1, 3, 31) THEN 'EN_COURS'
        WHEN d.statut IN ('VALIDE', 'ENTREE', 'SORTIE') THEN 'EN_COURS'
        ELSE d.statut
    END AS statut,
    d.personne,
    d.identite,
    $organisme AS organisme,
    alea(d.id_dossier, 1) AS alea_1,
    alea(d.id_dossier, 2) AS alea_2,
    d.duree_heures,
    m.montant_engage
FROM hub.dossiers AS d
JOIN hub.montants_engages AS m ON m.id_dossier = d.id_dossier
LEFT JOIN referentiel AS r
    ON r.certification = coalesce(d.type_referentiel || ':' || d.code_certification, ':' || d.code_certifinfo)
LEFT JOIN hub.communes AS c ON c.commune = CASE WHEN d.modalite_presence <> 'DISTANCE' THEN d.commune_formation END
LEFT JOIN departements AS t ON t.code_departement = c.code_departement
WHERE d.dispositif = 'CPF' AND d.date_validation BETWEEN $debut AND $fin
