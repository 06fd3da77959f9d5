-- Fonctions communes aux tables.

-- Moyenne arrondie au centième, moitié vers le haut, d'une somme de décimaux positifs ou nuls à deux chiffres
-- après la virgule ; nulle sans terme. Calculée en nombres entiers : un calcul en virgule flottante arrondirait
-- parfois mal les demi-centimes.
CREATE MACRO moyenne(somme, nombre) AS
    CASE WHEN nombre > 0 THEN
        CAST(CAST((2 * CAST(somme * 100 AS HUGEINT) + nombre) // (2 * nombre) AS DECIMAL(18, 0)) * 0.01 AS DECIMAL(14, 2))
    END;

-- Période d'une date, telle qu'elle est publiée : 2024-03, 2024-T1.
CREATE MACRO mois(jour) AS strftime(jour, '%Y-%m');
CREATE MACRO trimestre(jour) AS CAST(year(jour) AS VARCHAR) || '-T' || CAST(quarter(jour) AS VARCHAR);

-- Âge en années révolues au jour donné.
CREATE MACRO annees_revolues(naissance, jour) AS
    year(jour) - year(naissance)
    - CASE WHEN 100 * month(jour) + day(jour) < 100 * month(naissance) + day(naissance) THEN 1 ELSE 0 END;

-- Nombre de 64 bits tiré d'un identifiant ; deux d'entre eux, sommés sur les dossiers d'une cellule, distinguent deux
-- cellules qui ne reposent pas sur les mêmes dossiers.
CREATE MACRO alea(identifiant, rang) AS hash(rang, identifiant);

-- Les $seuil plus petits numéros des personnes d'une cellule : réunir les listes de plusieurs cellules dit exactement
-- si leurs personnes sont au moins $seuil. Chaque numéro n'est donné qu'une fois.
CREATE MACRO plus_petits(numero) AS min(numero, $seuil);

-- Les trois plus grandes contributions à une cellule, avec le numéro de qui les apporte.
CREATE MACRO plus_grands(montant, numero) AS max({montant: montant, numero: numero}, 3);
