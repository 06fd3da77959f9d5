SELECT
    faute, id_dossier, nir, nir_complet, nom_naissance, prenoms, naissance AS date_naissance, genre, commune_domicile,
    situation, csp, qpv, dispositif, financeur_siret, statut,
    validation AS date_validation, entree AS date_entree, sortie AS date_sortie, cloture AS date_cloture,
    type_referentiel, code_certification, code_certifinfo, organisme_siret, numero_formation, commune_formation,
    modalite AS modalite_presence, duree_heures, version, operation, date_maj
FROM etat
WHERE faute IS DISTINCT FROM 'financements.file_unknown'
