-- One lot of files: everything that is drawn about them, from their number. {de}, {a}: numbers of the lot.
CREATE OR REPLACE TEMP TABLE lot AS
WITH base AS (
    SELECT
        i,
        g,
        faute(entite_dossier(), i, bloc_dossier(), fautes_dossiers()) AS faute,
        m.debut + CAST(floor(u(g, 2) * m.jours) AS INTEGER) AS validation,
        CASE
            WHEN u(g, 3) < 0.80 THEN 'CPF' WHEN u(g, 3) < 0.86 THEN 'AIF' WHEN u(g, 3) < 0.90 THEN 'POEI'
            WHEN u(g, 3) < 0.95 THEN 'PRF' WHEN u(g, 3) < 0.97 THEN 'PTP' WHEN u(g, 3) < 0.985 THEN 'POEC'
            WHEN u(g, 3) < 0.995 THEN 'PROA' ELSE 'FNE'
        END AS dispositif
    FROM (SELECT i, germe(entite_dossier(), i) AS g FROM range({de}, {a}) AS t(i))
    JOIN tirage_mois AS m ON m.cran = cran(g, 1)
),

choix AS (
    -- The certification, and from it the person: men and women do not learn the same trades.
    SELECT
        b.*,
        c.* EXCLUDE (id),
        c.id AS certification,
        CASE WHEN u(g, 5) < c.part_femmes THEN 1 ELSE 0 END AS f,
        parmi(g, 6, personnes()) AS q0
    FROM base AS b
    JOIN tirage_certification AS tc ON tc.jeu = (b.dispositif = 'CPF') AND tc.cran = cran(g, 4)
    JOIN certification AS c ON c.id = tc.certification
),

titulaires AS (
    -- Who would be a child at the validation gives place to an elder.
    SELECT *, CASE WHEN year(validation) - annee_naissance(q0, f) < 18 THEN (q0 + 8) % personnes() ELSE q0 END AS q FROM choix
),

personnes AS (
    SELECT
        t.*,
        n.nom,
        p.prenoms,
        make_date(annee_naissance(q, t.f), mois_naissance(q), 1 + parmi(germe(entite_personne(), 2 * q + t.f), 3, 28)) AS naissance,
        avec_cle(nir13(q, t.f), nir13_nombre(q, t.f)) AS nir_complet,
        CASE WHEN parmi(germe(entite_personne(), 2 * q + t.f), 4, 100) = 0 THEN NULL WHEN t.f = 1 THEN '2' ELSE '1' END AS genre,
        CASE
            WHEN dispositif IN ('AIF', 'POEI', 'POEC', 'PRF') THEN CASE WHEN u(g, 7) < 0.93 THEN 'DE' ELSE 'SA' END
            WHEN dispositif IN ('PTP', 'PROA', 'FNE') THEN 'SA'
            WHEN u(g, 7) < 0.66 THEN 'SA' WHEN u(g, 7) < 0.89 THEN 'DE' WHEN u(g, 7) < 0.95 THEN 'IN' WHEN u(g, 7) < 0.975 THEN 'AU'
        END AS situation,
        CASE WHEN u(g, 8) < a_distance THEN 'DISTANCE' WHEN u(g, 8) > 0.94 THEN 'MIXTE' ELSE 'PRESENTIEL' END AS modalite,
        greatest(1, CAST(round(duree_mediane * (0.55 + 0.45 * u(g, 9) + 0.45 * u(g, 10))) AS INTEGER)) AS heures,
        -- Prices spread around the median; one in twelve is half as dear again, one in three has odd cents.
        100 * CAST(round(prix_median / 5.0 * (0.58 + 0.42 * u(g, 11) + 0.42 * u(g, 12)) * CASE WHEN parmi(g, 13, 12) = 0 THEN 1.5 ELSE 1 END) AS BIGINT) * 5
            + CASE WHEN parmi(g, 14, 3) = 0 THEN parmi(g, 15, 500) ELSE 0 END AS prix,
        CASE WHEN u(g, 16) < 0.97 THEN parmi(g, 17, 4) ELSE 20 + parmi(g, 17, 180) END AS retard,
        CASE
            WHEN u(g, 18) < 0.035 THEN 'REJETE' WHEN u(g, 18) < 0.125 THEN 'ANNULE_TITULAIRE' WHEN u(g, 18) < 0.155 THEN 'ANNULE_OF'
            WHEN u(g, 18) < 0.163 THEN 'ANNULE_GESTIONNAIRE' WHEN u(g, 18) < 0.235 THEN 'CLOS_PARTIEL' ELSE 'CLOS_TOTAL'
        END AS issue,
        CASE WHEN parmi(g, 19, 1000) < 10 THEN 'correction' WHEN parmi(g, 19, 1000) < 13 THEN 'suppression' WHEN parmi(g, 19, 1000) < 18 THEN 'doublon' END AS sort
    FROM titulaires AS t
    JOIN nom AS n ON n.cran = CAST(tire(germe(entite_personne(), 2 * q + t.f), 5) & 32767 AS INTEGER)
    JOIN prenom AS p ON p.f = t.f AND p.cran = CAST(tire(germe(entite_personne(), 2 * q + t.f), 6) & 4095 AS INTEGER)
),

lieux AS (
    SELECT
        p.*,
        h.commune AS domicile,
        h.ancienne AS domicile_ancien,
        -- Where the training takes place: in the home département, the region, or anywhere.
        CASE WHEN u(g, 21) < 0.72 THEN h.zone_departement WHEN u(g, 21) < 0.92 THEN h.zone_region ELSE 0 END AS zone,
        CASE WHEN issue = 'REJETE' OR starts_with(issue, 'ANNULE') THEN NULL ELSE validation + 11 + CAST(floor(80 * u(g, 22) * u(g, 23)) AS INTEGER) END AS entree
    FROM personnes AS p
    JOIN tirage_domicile AS td ON td.cran = cran(g, 20)
    JOIN commune AS h ON h.id = td.commune
)

SELECT
    l.i,
    l.g,
    l.faute,
    l.retard,
    l.issue,
    l.sort,
    'D' || lpad(CAST(l.i AS VARCHAR), 10, '0') AS id_dossier,
    CASE WHEN u(l.g, 30) < 0.70 THEN l.nir_complet END AS nir,
    l.nir_complet,
    ecrit(l.nom, parmi(l.g, 31, 12)) AS nom_naissance,
    ecrit(l.prenoms, parmi(l.g, 32, 12)) AS prenoms,
    l.naissance,
    l.genre,
    CASE
        WHEN u(l.g, 33) < 0.005 THEN '99' || CAST(101 + parmi(l.g, 34, 30) AS VARCHAR)
        WHEN u(l.g, 33) < 0.013 THEN NULL
        WHEN u(l.g, 33) < 0.06 THEN coalesce(l.domicile_ancien, l.domicile)
        ELSE l.domicile
    END AS commune_domicile,
    l.situation,
    CASE
        WHEN u(l.g, 35) < 0.12 THEN NULL
        WHEN l.situation = 'IN' THEN CASE WHEN u(l.g, 36) < 0.12 THEN '1' ELSE '2' END
        WHEN l.situation = 'AU' THEN CASE WHEN u(l.g, 36) < 0.4 THEN '7' ELSE '8' END
        WHEN u(l.g, 36) < 0.15 THEN '3' WHEN u(l.g, 36) < 0.39 THEN '4' WHEN u(l.g, 36) < 0.78 THEN '5' ELSE '6'
    END AS csp,
    parmi(l.g, 37, 100) < 8 AS qpv,
    l.dispositif,
    siret_financeur(l.dispositif) AS financeur_siret,
    l.validation,
    l.entree,
    l.entree + jours AS sortie,
    CASE WHEN l.entree IS NULL THEN l.validation + 1 + parmi(l.g, 39, 25) ELSE l.entree + jours + 2 + parmi(l.g, 39, 28) END AS cloture,
    l.type_referentiel,
    l.code_certification,
    l.code_certifinfo,
    coalesce(o.siret, org.siret) AS organisme_siret,
    coalesce(o.numero_formation, org.siret || '_' || CAST(100000 + parmi(l.g, 40, 900000) AS VARCHAR)) AS numero_formation,
    CASE WHEN l.modalite = 'DISTANCE' THEN NULL ELSE lieu.commune END AS commune_formation,
    l.modalite,
    CASE WHEN u(l.g, 41) >= 0.12 THEN CAST(l.heures AS DECIMAL(14, 2)) END AS duree_heures,
    l.prix
FROM (SELECT *, 1 + CAST(heures / (1.5 + 4.5 * u(g, 38)) AS INTEGER) AS jours FROM lieux) AS l
JOIN tirage_lieu AS tl ON tl.zone = l.zone AND tl.cran = CAST(tire(l.g, 42) & 1023 AS INTEGER)
JOIN commune AS lieu ON lieu.id = tl.commune
JOIN organisme AS org ON org.id = parmi(l.g, 43, organismes())
JOIN offre AS o ON o.certification = l.certification AND o.rang = CAST(floor(l.offres * u(l.g, 44) * u(l.g, 45)) AS INTEGER);
