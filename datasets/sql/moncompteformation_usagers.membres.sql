-- Les membres des dimensions des tables de synthèse, avec leur nom : ceux qu'un lecteur sait exister.

CREATE OR REPLACE TABLE membres_code_departement AS
SELECT code_departement, min(nom_departement) AS nom_departement, min(code_region) AS code_region
FROM hub.communes
GROUP BY code_departement
UNION ALL
VALUES ('99', 'Hors de France ou non renseigné', '99');

CREATE OR REPLACE TABLE membres_code_region AS
SELECT code_region, min(nom_region) AS nom_region
FROM hub.communes
GROUP BY code_region
UNION ALL
VALUES ('99', 'Hors de France ou non renseigné');

CREATE OR REPLACE TABLE membres_genre AS
FROM (VALUES ('1', 'Homme'), ('2', 'Femme'), ('', 'Non renseigné')) AS g(genre, nom_genre);

CREATE OR REPLACE TABLE membres_tranche_age AS
FROM (VALUES
    ('-24', 'moins de 25 ans'),
    ('25-34', '25-34 ans'),
    ('35-44', '35-44 ans'),
    ('45-54', '45-54 ans'),
    ('55-64', '55-64 ans'),
    ('65-', '65 ans et plus'),
    ('', 'Non renseignée')
) AS t(tranche_age, nom_tranche_age);

CREATE OR REPLACE TABLE membres_situation AS
FROM (VALUES
    ('DE', 'Demandeur d''emploi'),
    ('1', 'Agriculteurs exploitants'),
    ('2', 'Artisans commerçants chefs d''entreprise'),
    ('3', 'Cadres et professions intellectuelles supérieures'),
    ('4', 'Professions intermédiaires'),
    ('5', 'Employés'),
    ('6', 'Ouvriers'),
    ('', 'Autre ou non renseigné')
) AS s(situation, nom_situation);
