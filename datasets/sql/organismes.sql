-- Les organismes de formation derrière chaque cellule à la maille $maille, d'après les montants de $source : les plus
-- petits de leurs numéros, et ce qu'apportent les trois premiers d'entre eux.
SELECT
    $maille,
    plus_petits(organisme) AS organismes,
    plus_grands(montant_engage, organisme) AS contributions_organismes
FROM (
    SELECT $maille, organisme, sum(montant_engage) AS montant_engage
    FROM $source
    GROUP BY $maille, organisme
)
GROUP BY $maille
