-- Champ des entrées en formation : les dossiers du compte personnel de formation dont l'entrée est du $debut au $fin
-- inclus et qui ne sont ni annulés ni rejetés. Une ligne par dossier, avec la période et la catégorie où il compte.

WITH entrees AS (
    SELECT *, annees_revolues(date_naissance, date_entree) AS age
    FROM hub.dossiers
    WHERE dispositif = 'CPF'
        AND date_entree BETWEEN $debut AND $fin
        AND statut NOT IN ('ANNULE_OF', 'ANNULE_TITULAIRE', 'ANNULE_GESTIONNAIRE', 'REJETE')
),

departements AS (
    SELECT code_departement, min(code_region) AS code_region
    FROM hub.communes
    GROUP BY code_departement
)

SELECT
    trimestre(d.date_entree) AS periode,
    coalesce(c.code_departement, '99') AS code_departement,
    coalesce(t.code_region, '99') AS code_region,
    coalesce(d.genre, '') AS genre, -- 1 : homme, 2 : femme
    CASE
        WHEN d.age IS NULL THEN ''
        WHEN d.age < 25 THEN '-24'
        WHEN d.age < 35 THEN '25-34'
        WHEN d.age < 45 THEN '35-44'
        WHEN d.age < 55 THEN '45-54'
        WHEN d.age < 65 THEN '55-64'
        ELSE '65-'
    END AS tranche_age,
    -- Demandeur d'emploi ; sinon, groupe socioprofessionnel de 1 à 6.
    CASE WHEN d.situation = 'DE' THEN 'DE' WHEN d.csp BETWEEN '1' AND '6' THEN d.csp ELSE '' END AS situation,
    d.personne,
    d.identite,
    $organisme AS organisme,
    alea(d.id_dossier, 1) AS alea_1,
    alea(d.id_dossier, 2) AS alea_2,
    m.montant_engage
FROM entrees AS d
JOIN hub.montants_engages AS m ON m.id_dossier = d.id_dossier
LEFT JOIN hub.communes AS c ON c.commune = d.commune_domicile
LEFT JOIN departements AS t ON t.code_departement = c.code_departement
