-- Les achats de certifications : une ligne par mois de validation, certification et département du lieu de formation.
-- Les colonnes dont le nom commence par un tiret bas disent sur qui repose la ligne : le contrôle du secret
-- statistique s'en sert, et elles ne sont pas publiées.

WITH par_personne AS (
    -- Ce que chaque personne, désignée par son NIR, à défaut par son identité, apporte à une cellule.
    SELECT
        periode, certification, code_departement, personne,
        count(*) AS nb_dossiers,
        sum(montant_engage) AS montant_engage,
        count(duree_heures) AS nb_durees,
        sum(duree_heures) AS duree_heures,
        sum(alea_1) AS alea_1,
        sum(alea_2) AS alea_2
    FROM champ
    GROUP BY periode, certification, code_departement, personne
),

par_identite AS (
    -- La même chose par l'identité seule : une personne peut avoir son NIR dans un dossier et pas dans l'autre.
    SELECT
        periode, certification, code_departement, identite,
        sum(montant_engage) AS montant_engage,
        count(duree_heures) AS nb_durees
    FROM champ
    GROUP BY periode, certification, code_departement, identite
),

cellules AS (
    SELECT
        periode, certification, code_departement,
        sum(nb_dossiers) AS nb_dossiers,
        sum(montant_engage) AS montant_engage,
        sum(nb_durees) AS nb_durees,
        sum(duree_heures) AS duree_heures,
        sum(alea_1) AS alea_1,
        sum(alea_2) AS alea_2,
        count(*) AS nb_personnes,
        count(*) FILTER (WHERE nb_durees > 0) AS nb_personnes_duree,
        plus_petits(personne) AS personnes,
        plus_grands(montant_engage, personne) AS contributions
    FROM par_personne
    GROUP BY periode, certification, code_departement
),

identites AS (
    SELECT
        periode, certification, code_departement,
        count(*) AS nb_identites,
        count(*) FILTER (WHERE nb_durees > 0) AS nb_identites_duree,
        plus_petits(identite) AS identites,
        plus_grands(montant_engage, identite) AS contributions
    FROM par_identite
    GROUP BY periode, certification, code_departement
),

referentiel AS (
    SELECT
        *,
        coalesce(type_referentiel, '') || ':' || coalesce(code_certification, code_certifinfo) AS certification
    FROM hub.certifications
),

domaines AS (
    -- Un domaine porte un seul nom, même si la liste des certifications l'écrit de plusieurs façons.
    SELECT code_nsf_1 AS code_nsf, min(libelle_nsf_1) AS domaine_formation_nsf
    FROM hub.certifications
    GROUP BY code_nsf_1
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
    CAST(substr(x.periode, 1, 4) AS INTEGER) AS annee_de_validation,
    x.periode AS date_validation,
    r.type_referentiel,
    CASE WHEN r.type_referentiel = 'RS' THEN r.code_certification END AS code_rs,
    CASE WHEN r.type_referentiel = 'RNCP' THEN r.code_certification END AS code_rncp,
    r.code_certifinfo,
    coalesce(r.intitule, 'Action éligible sans certification') AS intitule_certification,
    CASE
        WHEN r.type_referentiel IS NULL THEN 'Sans objet'
        ELSE coalesce(n.domaine_formation_nsf, 'Non renseigné')
    END AS domaine_formation_nsf,
    r.code_formacode_1 AS formacode_principal,
    r.libelle_formacode_1 AS libelle_formacode_principal,
    coalesce(g.nom_region, 'À distance ou non localisé') AS region_lieu_formation,
    coalesce(d.nom_departement, 'À distance ou non localisé') AS departement_lieu_formation,
    CAST(x.nb_dossiers AS INTEGER) AS nb_dossiers,
    CAST(least(x.nb_personnes, i.nb_identites) AS INTEGER) AS nb_titulaires,
    moyenne(x.montant_engage, x.nb_dossiers) AS prix_moyen,
    CAST(x.nb_durees AS INTEGER) AS nb_dossiers_a_duree_connue,
    moyenne(x.duree_heures, x.nb_durees) AS duree_moyenne,
    CAST(x.montant_engage AS DECIMAL(14, 2)) AS montant_engage,
    CASE WHEN r.type_referentiel IS NOT NULL THEN r.code_nsf_1 END AS code_nsf,
    coalesce(d.code_region, '00') AS code_region_lieu_formation,
    x.code_departement AS code_departement_lieu_formation,
    x.certification AS _certification,
    CASE WHEN r.type_referentiel IS NOT NULL THEN coalesce(r.code_nsf_1, '-') ELSE '' END AS _domaine,
    least(x.nb_personnes, i.nb_identites) AS _titulaires,
    least(x.nb_personnes_duree, i.nb_identites_duree) AS _titulaires_a_duree_connue,
    x.personnes AS _personnes,
    i.identites AS _identites,
    x.contributions AS _contributions_personnes,
    i.contributions AS _contributions_identites,
    x.duree_heures AS _heures,
    x.alea_1 AS _alea_1,
    x.alea_2 AS _alea_2
FROM cellules AS x
JOIN identites AS i
    ON i.periode = x.periode AND i.certification = x.certification AND i.code_departement = x.code_departement
LEFT JOIN referentiel AS r ON r.certification = x.certification
LEFT JOIN domaines AS n ON n.code_nsf = r.code_nsf_1
LEFT JOIN departements AS d ON d.code_departement = x.code_departement
LEFT JOIN regions AS g ON g.code_region = d.code_region
