-- Les cellules à la maille $maille, d'après les apports (apports.sql, apports_financeurs.sql).
SELECT
    $maille,
    sum(nb_dossiers) AS nb_dossiers,
    sum(montant_engage) AS montant_engage,
    sum(nb_durees) AS nb_durees,
    sum(duree_heures) AS duree_heures,
    sum(alea_1) AS alea_1,
    sum(alea_2) AS alea_2,
    least(sum(nb_personnes), sum(nb_identites)) AS titulaires,
    least(sum(nb_personnes_duree), sum(nb_identites_duree)) AS titulaires_a_duree_connue,
    plus_petits(personne) AS personnes,
    plus_petits(identite) AS identites,
    max(contribution_personne, 3) AS contributions_personnes,
    max(contribution_identite, 3) AS contributions_identites
FROM (
    SELECT
        $maille, nb_dossiers, montant_engage, nb_durees, duree_heures, alea_1, alea_2,
        nb_dossiers AS nb_personnes, nb_durees AS nb_personnes_duree, personne, contribution_personne,
        nb_dossiers AS nb_identites, nb_durees AS nb_identites_duree, identite, contribution_identite
    FROM $simples
    UNION ALL BY NAME
    -- Ce que chaque personne, désignée par son NIR, à défaut par son identité, apporte à une cellule.
    SELECT
        $maille,
        count(*) AS nb_dossiers,
        sum(montant_engage) AS montant_engage,
        count(duree_heures) AS nb_durees,
        sum(duree_heures) AS duree_heures,
        sum(alea_1) AS alea_1,
        sum(alea_2) AS alea_2,
        1 AS nb_personnes,
        least(count(duree_heures), 1) AS nb_personnes_duree,
        personne,
        {montant: sum(montant_engage), numero: personne} AS contribution_personne
    FROM $repetes
    GROUP BY $maille, personne
    UNION ALL BY NAME
    -- La même chose par l'identité seule : une personne peut avoir son NIR dans un dossier et pas dans l'autre.
    SELECT
        $maille,
        1 AS nb_identites,
        least(count(duree_heures), 1) AS nb_identites_duree,
        identite,
        {montant: sum(montant_engage), numero: identite} AS contribution_identite
    FROM $repetes
    GROUP BY $maille, identite
)
GROUP BY $maille
