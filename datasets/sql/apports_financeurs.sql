-- Les apports de chaque financeur : comme apports.sql, où un dossier est remplacé par ce que chacun de ses financeurs
-- y engage. Un financement nul ne compte pas. Paramètre : les dimensions, qui distinguent les cellules des tables
-- où sont les parts des financeurs.
--
-- Les dossiers du champ n'ont pas d'identifiant : leurs deux nombres de 64 bits les désignent.

CREATE OR REPLACE TABLE parts AS
SELECT
    lot.periode,
    $dimensions,
    f.type_financeur AS financeur,
    lot.personne,
    lot.identite,
    lot.alea_1,
    lot.alea_2,
    lot.duree_heures,
    f.montant_engage
FROM hub.financements AS f
JOIN lot ON lot.alea_1 = alea(f.id_dossier, 1) AND lot.alea_2 = alea(f.id_dossier, 2)
WHERE f.montant_engage > 0;

CREATE OR REPLACE TABLE repetes_financeurs AS
SELECT parts.* FROM parts SEMI JOIN personnes_repetees USING (periode, personne)
UNION ALL
SELECT parts.* FROM parts ANTI JOIN personnes_repetees USING (periode, personne) SEMI JOIN identites_repetees USING (periode, identite);

CREATE OR REPLACE TABLE simples_financeurs AS
WITH cellules AS (
    SELECT
        periode,
        $dimensions,
        financeur,
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
    FROM parts
    ANTI JOIN personnes_repetees USING (periode, personne)
    ANTI JOIN identites_repetees USING (periode, identite)
    GROUP BY periode, $dimensions, financeur
)

SELECT
    periode,
    $dimensions,
    financeur,
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

DROP TABLE parts;
