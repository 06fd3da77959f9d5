-- Champ des entrées en formation : les dossiers du compte personnel de formation dont l'entrée est du $debut au $fin
-- inclus et qui ne sont ni annulés ni rejetés. Une ligne par dossier, avec la période et la catégorie où il compte.

WITH entrees AS (
    SELECT *, annees_revolues(date_naissance, date_entree) AS age
    FROM hub.dossiers
    WHERE dispositif = 'CPF'
        AND date_entree BETWEEN $debut AND $fin
        AND statut NOT IN ('ANNULE_OF', 'ANNULE_TITULAIRE', 'ANNULE_GESTIONNAIRE', 'REJETE')
)

SELECT
    trimestre(d.date_entree) AS periode,
    coalesce(c.code_departement, '99') AS code_departement,
    CASE d.genre WHEN '1' THEN 'Homme' WHEN '2' THEN 'Femme' ELSE 'Non renseigné' END AS genre,
    CASE
        WHEN d.age IS NULL THEN 'Non renseignée'
        WHEN d.age < 25 THEN 'moins de 25 ans'
        WHEN d.age < 35 THEN '25-34 ans'
        WHEN d.age < 45 THEN '35-44 ans'
        WHEN d.age < 55 THEN '45-54 ans'
        WHEN d.age < 65 THEN '55-64 ans'
        ELSE '65 ans et plus'
    END AS tranche_age,
    CASE
        WHEN d.situation = 'DE' THEN 'Demandeur d''emploi'
        WHEN d.csp = '1' THEN 'Agriculteurs exploitants'
        WHEN d.csp = '2' THEN 'Artisans commerçants chefs d''entreprise'
        WHEN d.csp = '3' THEN 'Cadres et professions intellectuelles supérieures'
        WHEN d.csp = '4' THEN 'Professions intermédiaires'
        WHEN d.csp = '5' THEN 'Employés'
        WHEN d.csp = '6' THEN 'Ouvriers'
        ELSE 'Autre ou non renseigné'
    END AS situation,
    d.personne,
    d.identite,
    alea(d.id_dossier, 1) AS alea_1,
    alea(d.id_dossier, 2) AS alea_2,
    m.montant_engage
FROM entrees AS d
JOIN hub.montants_engages AS m ON m.id_dossier = d.id_dossier
LEFT JOIN hub.communes AS c ON c.commune = d.commune_domicile
