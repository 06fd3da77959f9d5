-- The fundings of the files in etat: amounts in cents, at most three funders, whose sum is the price.
WITH droits AS (
    SELECT
        *,
        -- What the holder must add himself since 2 May 2024; job seekers and those paid for by others need not.
        CASE
            WHEN dispositif <> 'CPF' OR validation IS NULL OR validation < DATE '2024-05-02' OR situation = 'DE' OR u(g, 70) < 0.06 THEN 0
            WHEN year(validation) = 2024 THEN 10000 WHEN year(validation) = 2025 THEN 10223 ELSE 10320
        END AS fixe,
        100 * CAST(400 + 2600 * u(g, 71) + 2400 * u(g, 72) * u(g, 72) * u(g, 72) AS BIGINT) AS droits,
        CASE WHEN dispositif = 'CPF' AND u(g, 73) < 0.012 THEN least(24000, prix // 4) ELSE 0 END AS cec
    FROM etat
    WHERE faute IS DISTINCT FROM 'dossiers.cpf_without_amount'
),

principal AS (
    SELECT
        * REPLACE (least(fixe, prix // 2) AS fixe),
        CASE dispositif
            WHEN 'CPF' THEN 'france_competences' WHEN 'AIF' THEN 'pole_emploi' WHEN 'POEI' THEN 'pole_emploi'
            WHEN 'PRF' THEN 'region' WHEN 'FNE' THEN 'etat' ELSE 'opco'
        END AS type_1,
        CASE dispositif
            WHEN 'CPF' THEN least(prix - least(fixe, prix // 2) - cec, droits)
            WHEN 'AIF' THEN prix WHEN 'POEI' THEN prix * 7 // 10
            ELSE CASE WHEN u(g, 74) < 0.7 THEN prix ELSE prix * 8 // 10 END
        END AS part_1,
        CASE
            WHEN dispositif = 'POEI' THEN 'opco' WHEN dispositif = 'PRF' THEN 'etat' WHEN dispositif <> 'CPF' THEN 'entreprise'
            WHEN cec > 0 THEN 'cec'
            WHEN situation = 'DE' THEN CASE WHEN u(g, 75) < 0.55 THEN 'pole_emploi' WHEN u(g, 75) < 0.66 THEN 'region' WHEN u(g, 75) < 0.69 THEN 'etat' END
            WHEN situation = 'SA' THEN CASE WHEN u(g, 75) < 0.10 THEN 'opco' WHEN u(g, 75) < 0.20 THEN 'entreprise' WHEN u(g, 75) < 0.22 THEN 'region' WHEN u(g, 75) < 0.23 THEN 'etat' END
        END AS type_3
    FROM droits
),

parts AS (
    -- The third funder takes what is left, or two thirds of it; the holder the remainder.
    SELECT
        *,
        CASE
            WHEN type_3 = 'cec' THEN cec
            WHEN type_3 IS NULL THEN 0
            WHEN dispositif = 'CPF' AND u(g, 76) < 0.3 THEN (prix - fixe - part_1) * 2 // 3
            ELSE prix - fixe - part_1
        END AS part_3
    FROM principal
),

lignes AS (
    SELECT
        *,
        CASE n WHEN 1 THEN type_1 WHEN 2 THEN 'titulaire' ELSE type_3 END AS type_financeur,
        CASE n WHEN 1 THEN part_1 WHEN 2 THEN prix - part_1 - part_3 ELSE part_3 END AS montant
    FROM (SELECT *, unnest([1, 2, 3]) AS n FROM parts)
)

SELECT
    CASE WHEN n = 1 THEN faute END AS faute,
    id_dossier,
    type_financeur,
    euros(montant) AS montant_engage,
    euros(CASE statut WHEN 'CLOS_TOTAL' THEN montant WHEN 'CLOS_PARTIEL' THEN montant * (20 + parmi(g, 77, 70)) // 100 ELSE 0 END) AS montant_realise,
    version,
    operation,
    date_maj
FROM lignes
WHERE montant > 0 AND {filtre}
