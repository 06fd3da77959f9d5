-- A person has a number 2q + f (f: 1 for a woman) and, from it alone, an identity that never changes.
-- q % 20 is the age class, each a twentieth of the persons: ages at the day of the extract.
CREATE MACRO age_de_classe(c) AS list_extract([19, 22, 24, 26, 28, 30, 32, 33, 35, 37, 38, 40, 42, 44, 46, 48, 51, 54, 57, 62, 76], 1 + c);
CREATE MACRO largeur_de_classe(c) AS age_de_classe(c + 1) - age_de_classe(c);

-- The place of birth is one of so many couples of département and commune number that do not exist, the order
-- number one of 999. When q has used up all of them it begins again in the next month, then the next year, so
-- that two persons never share a NIR (up to some 25 million persons).
CREATE MACRO naissances() AS len(departements_nir()) * 9 * 999;
CREATE MACRO rang_naissance(q) AS (CAST(q AS BIGINT) * 524287) % naissances();
CREATE MACRO tour(q) AS q // naissances();
CREATE MACRO annee_naissance(q, f) AS CAST(year(jour()) - age_de_classe(q % 20)
    - (parmi(germe(entite_personne(), q % naissances()), 1, 9973) + tour(q) // 12) % largeur_de_classe(q % 20) AS BIGINT);
CREATE MACRO mois_naissance(q) AS 1 + (parmi(germe(entite_personne(), q % naissances()), 2, 12) + tour(q)) % 12;

CREATE MACRO nir13_nombre(q, f) AS (1 + f) * 1000000000000
    + (annee_naissance(q, f) % 100) * 10000000000
    + mois_naissance(q) * 100000000
    + list_extract(departements_nir(), 1 + (rang_naissance(q) % len(departements_nir()))) * 1000000
    + (991 + rang_naissance(q) // len(departements_nir()) % 9) * 1000
    + 1 + rang_naissance(q) // (len(departements_nir()) * 9);
CREATE MACRO nir13(q, f) AS CAST(nir13_nombre(q, f) AS VARCHAR);
CREATE MACRO avec_cle(texte, nombre) AS texte || lpad(CAST(97 - nombre % 97 AS VARCHAR), 2, '0');

-- The ways in which the same name is written in several files.
CREATE MACRO ecrit(nom, facon) AS CASE
    WHEN facon < 6 THEN strip_accents(upper(nom))
    WHEN facon < 8 THEN upper(nom)
    WHEN facon < 10 THEN nom
    WHEN facon = 10 THEN replace(strip_accents(upper(nom)), '-', ' ')
    ELSE lower(nom)
END;
