-- L'offre de formation : une ligne par formation et par département.
-- Les colonnes dont le nom commence par un tiret bas servent à l'anonymisation et ne sont pas publiées.

WITH offres AS (
    -- Les actions qui ont au moins une session ouverte.
    SELECT
        a.numero_formation,
        a.numero_action,
        a.commune,
        nullif(a.nombre_heures, 0) AS nombre_heures, -- 0 : non renseigné
        a.frais_ttc,
        count(*) AS nb_session,
        count(*) FILTER (WHERE s.a_distance) AS nb_session_a_distance
    FROM hub.actions AS a
    JOIN hub.sessions AS s ON s.numero_action = a.numero_action
    WHERE s.etat = 'active'
    GROUP BY a.numero_formation, a.numero_action, a.commune, a.nombre_heures, a.frais_ttc
),

lieux AS (
    -- Les mesures d'une formation dans un département ; sans commune, ni département ni région.
    SELECT
        o.numero_formation,
        c.code_departement,
        c.code_region,
        min(c.nom_departement) AS nom_departement,
        min(c.nom_region) AS nom_region,
        count(*) AS nb_action,
        sum(o.nb_session) AS nb_session_active,
        sum(o.nb_session_a_distance) AS nb_session_a_distance,
        min(o.nombre_heures) AS heures_min,
        max(o.nombre_heures) AS heures_max,
        sum(o.nombre_heures) AS heures_somme,
        count(o.nombre_heures) AS heures_connues,
        min(o.frais_ttc) AS frais_min,
        max(o.frais_ttc) AS frais_max,
        sum(o.frais_ttc) AS frais_somme,
        count(o.frais_ttc) AS frais_connus
    FROM offres AS o
    LEFT JOIN hub.communes AS c ON c.commune = o.commune
    GROUP BY o.numero_formation, c.code_departement, c.code_region
),

referentiel AS (
    -- Les actions éligibles par la loi n'ont ni référentiel ni code : leur code Certif Info les désigne.
    SELECT
        *,
        coalesce(type_referentiel, '') || ':' || coalesce(code_certification, code_certifinfo) AS cle
    FROM hub.certifications
),

identites AS (
    -- Ce que l'on sait de chaque établissement, quarantaine comprise ; d'un enregistrement fautif, on suppose qu'il
    -- s'oppose à la diffusion.
    SELECT siret, raison_sociale, nom_commercial, personne_physique, statut_diffusion FROM hub.organismes
    UNION ALL
    SELECT siret, raison_sociale, nom_commercial, true, 'P' FROM hub.organismes_quarantaine
),

discretion AS (
    -- Une personne physique est retenue dès que l'un de ses établissements s'oppose à la diffusion, ou n'en dit rien.
    SELECT
        substr(siret, 1, 9) AS siren,
        bool_or(coalesce(personne_physique, true)) AS personne_physique,
        CASE WHEN bool_and(coalesce(statut_diffusion, 'P') = 'O') THEN 'O' ELSE 'P' END AS statut_diffusion,
        string_agg(concat_ws(chr(10), raison_sociale, nom_commercial), chr(10) ORDER BY siret, raison_sociale, nom_commercial) AS noms
    FROM identites
    GROUP BY substr(siret, 1, 9)
),

listes AS (
    -- Les certifications dont le certificateur dépose une liste d'organismes habilités.
    SELECT type_referentiel, code_certification, max(date_liste) AS date_liste
    FROM hub.habilitations
    GROUP BY type_referentiel, code_certification
),

fiches AS MATERIALIZED (
    -- Tout sauf les textes longs, qui ne sont joints qu'à la fin : les porter à travers les jointures coûterait
    -- beaucoup de mémoire.
    SELECT
        CAST($date_extract AS DATE) AS date_extract,
        coalesce(org.nom_commercial, org.raison_sociale) AS nom_of,
        l.nom_departement,
        l.nom_region,
        f.type_referentiel,
        CASE WHEN f.type_referentiel = 'RS' THEN f.code_certification ELSE '-1' END AS code_inventaire,
        CASE WHEN f.type_referentiel = 'RNCP' THEN f.code_certification ELSE '-1' END AS code_rncp,
        r.intitule AS intitule_certification,
        r.libelle_niveau AS libelle_niveau_sortie_formation,
        r.code_formacode_1,
        r.code_formacode_2,
        r.code_formacode_3,
        r.code_formacode_4,
        r.code_formacode_5,
        r.libelle_formacode_1 AS libelle_code_formacode_principal,
        r.code_rome_1,
        r.code_rome_2,
        r.code_rome_3,
        r.code_rome_4,
        r.code_rome_5,
        r.libelle_nsf_1,
        r.libelle_nsf_2,
        r.libelle_nsf_3,
        r.code_nsf_1,
        r.code_nsf_2,
        r.code_nsf_3,
        coalesce(f.code_certifinfo, r.code_certifinfo, '-1') AS code_certifinfo,
        f.siret,
        f.numero_formation,
        CAST(l.nb_action AS INTEGER) AS nb_action,
        CAST(l.nb_session_active AS INTEGER) AS nb_session_active,
        CAST(l.nb_session_a_distance AS INTEGER) AS nb_session_a_distance,
        coalesce(l.heures_min, 0) AS nombre_heures_total_min,
        coalesce(l.heures_max, 0) AS nombre_heures_total_max,
        coalesce(moyenne(l.heures_somme, l.heures_connues), 0) AS nombre_heures_total_mean,
        l.frais_min AS frais_ttc_tot_min,
        l.frais_max AS frais_ttc_tot_max,
        moyenne(l.frais_somme, l.frais_connus) AS frais_ttc_tot_mean,
        l.code_departement,
        l.code_region,
        CAST(round(coalesce(l.heures_somme, 0)) AS INTEGER) AS nbaction_nbheures,
        l.code_region AS coderegion_export,
        CASE
            WHEN h.siret IS NOT NULL THEN 'habilité'
            WHEN li.type_referentiel IS NOT NULL THEN 'non recensé'
            ELSE 'sans objet'
        END AS habilitation,
        coalesce(h.date_liste, li.date_liste) AS date_habilitation,
        d.noms AS _noms,
        d.personne_physique AS _personne_physique,
        d.statut_diffusion AS _statut_diffusion
    FROM lieux AS l
    JOIN hub.formations AS f ON f.numero_formation = l.numero_formation
    JOIN hub.organismes AS org ON org.siret = f.siret
    JOIN discretion AS d ON d.siren = substr(f.siret, 1, 9)
    LEFT JOIN referentiel AS r
        ON r.cle = coalesce(f.type_referentiel, '') || ':' || coalesce(f.code_certification, f.code_certifinfo)
    LEFT JOIN listes AS li
        ON li.type_referentiel = f.type_referentiel AND li.code_certification = f.code_certification
    LEFT JOIN hub.habilitations AS h
        ON h.type_referentiel = f.type_referentiel
        AND h.code_certification = f.code_certification
        AND h.siret = f.siret
)

SELECT
    fi.*,
    f.intitule_formation,
    f.points_forts,
    f.objectif_formation,
    f.contenu_formation,
    f.resultats_attendus_formation
FROM fiches AS fi
JOIN hub.formations AS f ON f.numero_formation = fi.numero_formation
