
-- Ce que chaque organisme apporte à la maille la plus fine : un organisme a beaucoup de dossiers, et se compte à part des
-- personnes. Paramètre : les dimensions, qui distinguent les cellules des tables.
CREATE OR REPLACE TABLE apports_organismes AS
SELECT periode, $dimensions, organisme, sum(montant_engage) AS montant_engage
FROM lot
GROUP BY periode, $dimensions, organisme;
