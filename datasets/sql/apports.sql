-- Les apports aux cellules des tables de synthèse : ce que les dossiers d'un lot (champ) apportent, préparé une fois
-- pour toutes les tables d'une même unité de temps. Les cellules en sont tirées, à chaque maille, par cellules.sql.
-- Paramètres : la période où compte un dossier ; les dimensions, qui distinguent les cellules de ces tables ; la durée
-- d'un dossier, si le jeu la publie.
--
-- Presque toutes les personnes n'ont qu'un dossier dans la période. Où qu'on les compte, chacune vaut alors un dossier :
-- leurs apports se calculent une fois, à la maille la plus fine, et s'additionnent. Seules les autres sont recomptées à
-- chaque maille.

CREATE OR REPLACE VIEW lot AS
SELECT
    $periode AS periode,
    $dimensions,
    personne,
    identite,
    organisme,
    alea_1,
    alea_2,
    CAST($duree AS DECIMAL(14, 2)) AS duree_heures,
    montant_engage
FROM champ;

CREATE OR REPLACE TABLE periodes AS
SELECT DISTINCT periode FROM lot;

-- Qui a plusieurs dossiers dans la période, d'après l'une ou l'autre façon de compter les personnes.
CREATE OR REPLACE TABLE personnes_repetees AS
SELECT periode, personne FROM lot GROUP BY periode, personne HAVING count(*) > 1;

CREATE OR REPLACE TABLE identites_repetees AS
SELECT periode, identite FROM lot GROUP BY periode, identite HAVING count(*) > 1;

CREATE OR REPLACE TABLE repetes AS
SELECT lot.* FROM lot SEMI JOIN personnes_repetees USING (periode, personne)
UNION ALL
SELECT lot.* FROM lot ANTI JOIN personnes_repetees USING (periode, personne) SEMI JOIN identites_repetees USING (periode, identite);

-- Les dossiers des autres, par cellule la plus fine. Une cellule a autant de lignes qu'il en faut pour ses plus petits
-- numéros et ses plus grandes contributions ; ses sommes ne sont que sur la première.
CREATE OR REPLACE TABLE simples AS
WITH cellules AS (
    SELECT
        periode,
        $dimensions,
        count(*) AS nb_dossiers,
        sum(montant_engage) AS montant_engage,
        count(duree_heures) AS nb_durees,
        sum(duree_heures) AS duree_heures,
        sum(alea_1) AS alea_1,
        sum(alea_2) AS alea_2,
        plus_petits(personne) AS personnes,
        plus_petits(identite) AS identites,
        plus_grands(montant_engage, personne) AS contributions_personnes,
        plus_grands(montant_engage, identite) AS contributions_identites
    FROM lot
    ANTI JOIN personnes_repetees USING (periode, personne)
    ANTI JOIN identites_repetees USING (periode, identite)
    GROUP BY periode, $dimensions
)

SELECT
    periode,
    $dimensions,
    unnest([nb_dossiers]) AS nb_dossiers,
    unnest([montant_engage]) AS montant_engage,
    unnest([nb_durees]) AS nb_durees,
    unnest([duree_heures]) AS duree_heures,
    unnest([alea_1]) AS alea_1,
    unnest([alea_2]) AS alea_2,
    unnest(personnes) AS personne,
    unnest(identites) AS identite,
    unnest(contributions_personnes) AS contribution_personne,
    unnest(contributions_identites) AS contribution_identite
FROM cellules;
