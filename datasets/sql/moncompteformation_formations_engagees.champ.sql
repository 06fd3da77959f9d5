-- Champ des achats de certifications : les dossiers du compte personnel de formation validés du $debut au $fin
-- inclus, quoi qu'il en soit advenu ensuite. Une ligne par dossier, avec la période et le territoire où il compte.

WITH referentiel AS (
    -- Les actions éligibles par la loi n'ont ni référentiel ni code : leur code Certif Info les désigne.
    SELECT coalesce(type_referentiel, '') || ':' || coalesce(code_certification, code_certifinfo) AS certification
    FROM hub.certifications
)

SELECT
    mois(d.date_validation) AS periode,
    -- Une action éligible par la loi dont le code est absent ou inconnu compte avec ses pareilles.
    coalesce(r.certification, ':') AS certification,
    coalesce(c.code_departement, '00') AS code_departement,
    d.personne,
    d.identite,
    alea(d.id_dossier, 1) AS alea_1,
    alea(d.id_dossier, 2) AS alea_2,
    d.duree_heures,
    m.montant_engage
FROM hub.dossiers AS d
JOIN hub.montants_engages AS m ON m.id_dossier = d.id_dossier
LEFT JOIN referentiel AS r
    ON r.certification = coalesce(d.type_referentiel || ':' || d.code_certification, ':' || d.code_certifinfo)
LEFT JOIN hub.communes AS c ON c.commune = CASE WHEN d.modalite_presence <> 'DISTANCE' THEN d.commune_formation END
WHERE d.dispositif = 'CPF' AND d.date_validation BETWEEN $debut AND $fin
