-- Les mois tels qu'ils sont publiés, par région et pour la France (FR) : les années en sont la somme.

CREATE OR REPLACE VIEW mois_publies AS
SELECT date_validation AS periode, code_region_lieu_formation AS code_region, nb_dossiers, montant_engage
FROM moncompteformation_formations_engagees_region
UNION ALL
SELECT date_validation, 'FR', nb_dossiers, montant_engage
FROM moncompteformation_formations_engagees_mensuel;
