-- Les entrées en formation : une ligne par trimestre d'entrée, département de résidence, genre, tranche d'âge et
-- situation. Les colonnes dont le nom commence par un tiret bas disent sur qui repose la ligne : le contrôle du
-- secret statistique s'en sert, et elles ne sont pas publiées.

WITH par_personne AS (
    -- Ce que chaque personne, désignée par son NIR, à défaut par son identité, apporte à une cellule.
    SELECT
        periode, code_departement, genre, tranche_age, situation, personne,
        count(*) AS nb_dossiers,
        sum(montant_engage) AS montant_engage,
        sum(alea_1) AS alea_1,
        sum(alea_2) AS alea_2
    FROM champ
    GROUP BY periode, code_departement, genre, tranche_age, situation, personne
),

par_identite AS (
    -- La même chose par l'identité seule : une personne peut avoir son NIR dans un dossier et pas dans l'autre.
    SELECT
        periode, code_departement, genre, tranche_age, situation, identite,
        sum(montant_engage) AS montant_engage
    FROM champ
    GROUP BY periode, code_departement, genre, tranche_age, situation, identite
),

cellules AS (
    SELECT
        periode, code_departement, genre, tranche_age, situation,
        sum(nb_dossiers) AS nb_dossiers,
        sum(montant_engage) AS montant_engage,
        sum(alea_1) AS alea_1,
        sum(alea_2) AS alea_2,
        count(*) AS nb_personnes,
        plus_petits(personne) AS personnes,
        plus_grands(montant_engage, personne) AS contributions
    FROM par_personne
    GROUP BY periode, code_departement, genre, tranche_age, situation
),

identites AS (
    SELECT
        periode, code_departement, genre, tranche_age, situation,
        count(*) AS nb_identites,
        plus_petits(identite) AS identites,
        plus_grands(montant_engage, identite) AS contributions
    FROM par_identite
    GROUP BY periode, code_departement, genre, tranche_age, situation
),

departements AS (
    SELECT code_departement, min(nom_departement) AS nom_departement, min(code_region) AS code_region
    FROM hub.communes
    GROUP BY code_departement
),

regions AS (
    SELECT code_region, min(nom_region) AS nom_region
    FROM hub.communes
    GROUP BY code_region
)

SELECT
    CAST($date_extract AS DATE) AS date_chargement,
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee,
    x.periode AS trimestre,
    coalesce(d.code_region, '99') AS code_region,
    coalesce(g.nom_region, 'Hors de France ou non renseigné') AS nom_region,
    x.code_departement,
    coalesce(d.nom_departement, 'Hors de France ou non renseigné') AS nom_departement,
    CASE x.genre WHEN '1' THEN 'Homme' WHEN '2' THEN 'Femme' ELSE 'Non renseigné' END AS genre,
    CASE x.tranche_age
        WHEN '' THEN 'Non renseignée'
        WHEN '-24' THEN 'moins de 25 ans'
        WHEN '65-' THEN '65 ans et plus'
        ELSE x.tranche_age || ' ans'
    END AS tranche_age,
    CASE x.situation
        WHEN 'DE' THEN 'Demandeur d''emploi'
        WHEN '1' THEN 'Agriculteurs exploitants'
        WHEN '2' THEN 'Artisans commerçants chefs d''entreprise'
        WHEN '3' THEN 'Cadres et professions intellectuelles supérieures'
        WHEN '4' THEN 'Professions intermédiaires'
        WHEN '5' THEN 'Employés'
        WHEN '6' THEN 'Ouvriers'
        ELSE 'Autre ou non renseigné'
    END AS situation,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(least(x.nb_personnes, i.nb_identites) AS INTEGER) AS nb_titulaires,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    x.genre AS _genre,
    x.tranche_age AS _tranche_age,
    x.situation AS _situation,
    least(x.nb_personnes, i.nb_identites) AS _titulaires,
    x.personnes AS _personnes,
    i.identites AS _identites,
    x.contributions AS _contributions_personnes,
    i.contributions AS _contributions_identites,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN identites AS i
    ON i.periode = x.periode
    AND i.code_departement = x.code_departement
    AND i.genre = x.genre
    AND i.tranche_age = x.tranche_age
    AND i.situation = x.situation
LEFT JOIN departements AS d ON d.code_departement = x.code_departement
LEFT JOIN regions AS g ON g.code_region = d.code_region
