-- Ce que chaque financeur engage à la maille $maille, en colonnes, et qui est derrière, d'après les cellules à cette
-- maille et par financeur (financements). Un financeur qui n'engage rien n'est pas dans la liste.
SELECT
    $maille,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'france_competences'), 0) AS part_france_competences,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'titulaire'), 0) AS nb_dossiers_titulaire,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'titulaire'), 0) AS part_titulaire,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'etat'), 0) AS nb_dossiers_etat,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'etat'), 0) AS part_etat,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'pole_emploi'), 0) AS nb_dossiers_pole_emploi,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'pole_emploi'), 0) AS part_pole_emploi,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'region'), 0) AS nb_dossiers_region,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'region'), 0) AS part_region,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'opco'), 0) AS nb_dossiers_opco,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'opco'), 0) AS part_opco,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'entreprise'), 0) AS nb_dossiers_entreprise,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'entreprise'), 0) AS part_entreprise,
    coalesce(sum(nb_dossiers) FILTER (WHERE financeur = 'cec'), 0) AS nb_dossiers_cec,
    coalesce(sum(montant_engage) FILTER (WHERE financeur = 'cec'), 0) AS part_cec,
    list_sort(list({
        financeur: financeur, nb_dossiers: nb_dossiers, part: montant_engage, titulaires: titulaires,
        personnes: personnes, identites: identites,
        contributions_personnes: contributions_personnes, contributions_identites: contributions_identites,
        alea_1: alea_1, alea_2: alea_2
    })) AS financeurs
FROM (
    $financements
)
GROUP BY $maille
