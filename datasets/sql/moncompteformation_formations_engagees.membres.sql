-- Les membres des dimensions des tables de synthèse, avec leur nom : ceux qu'un lecteur sait exister.

CREATE OR REPLACE TABLE membres_code_departement AS
SELECT code_departement, min(nom_departement) AS nom_departement, min(code_region) AS code_region
FROM hub.communes
GROUP BY code_departement
UNION ALL
VALUES ('00', 'À distance ou non localisé', '00');

CREATE OR REPLACE TABLE membres_code_region AS
SELECT code_region, min(nom_region) AS nom_region
FROM hub.communes
GROUP BY code_region
UNION ALL
VALUES ('00', 'À distance ou non localisé');

-- Un domaine porte un seul nom, même si la liste des certifications l'écrit de plusieurs façons.
CREATE OR REPLACE TABLE membres_domaine AS
SELECT code_nsf_1 AS domaine, code_nsf_1 AS code_nsf, coalesce(min(libelle_nsf_1), 'Non renseigné') AS domaine_formation_nsf
FROM hub.certifications
WHERE code_nsf_1 IS NOT NULL
GROUP BY code_nsf_1
HAVING bool_or(type_referentiel IS NOT NULL) -- une action éligible par la loi n'a pas de domaine
UNION ALL
VALUES ('', NULL, 'Sans objet'), ('-', NULL, 'Non renseigné');

CREATE OR REPLACE TABLE membres_certification AS
SELECT
    coalesce(c.type_referentiel, '') || ':' || coalesce(c.code_certification, c.code_certifinfo) AS certification,
    c.type_referentiel,
    CASE WHEN c.type_referentiel = 'RS' THEN c.code_certification END AS code_rs,
    CASE WHEN c.type_referentiel = 'RNCP' THEN c.code_certification END AS code_rncp,
    c.code_certifinfo,
    c.intitule AS intitule_certification,
    d.domaine,
    d.code_nsf,
    d.domaine_formation_nsf,
    c.code_formacode_1 AS formacode_principal,
    c.libelle_formacode_1 AS libelle_formacode_principal
FROM hub.certifications AS c
JOIN membres_domaine AS d ON d.domaine = CASE WHEN c.type_referentiel IS NOT NULL THEN coalesce(c.code_nsf_1, '-') ELSE '' END
UNION ALL
-- Les actions éligibles par la loi dont le code est absent ou inconnu.
VALUES (':', NULL, NULL, NULL, NULL, 'Action éligible sans certification', '', NULL, 'Sans objet', NULL, NULL);

CREATE OR REPLACE TABLE membres_modalite AS
FROM (VALUES
    ('PRESENTIEL', 'Présentiel'),
    ('MIXTE', 'Mixte'),
    ('DISTANCE', 'À distance')
) AS m(modalite, modalite_presence);

CREATE OR REPLACE TABLE membres_statut AS
FROM (VALUES
    ('EN_COURS', 'En cours'),
    ('CLOS_TOTAL', 'Réalisé totalement'),
    ('CLOS_PARTIEL', 'Réalisé partiellement'),
    ('ANNULE_OF', 'Annulé par l''organisme'),
    ('ANNULE_TITULAIRE', 'Annulé par le titulaire'),
    ('ANNULE_GESTIONNAIRE', 'Annulé par le gestionnaire'),
    ('REJETE', 'Rejeté')
) AS s(statut, statut_dossier);
