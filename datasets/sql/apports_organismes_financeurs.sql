
-- La même chose pour ce que chaque financeur engage. Un financement nul ne compte pas.
CREATE OR REPLACE TABLE apports_organismes_financeurs AS
SELECT lot.periode, $dimensions, f.type_financeur AS financeur, lot.organisme, sum(f.montant_engage) AS montant_engage
FROM hub.financements AS f
JOIN lot ON lot.alea_1 = alea(f.id_dossier, 1) AND lot.alea_2 = alea(f.id_dossier, 2)
WHERE f.montant_engage > 0
GROUP BY lot.periode, $dimensions, f.type_financeur, lot.organisme;
