-- Fonctions communes aux tables.

-- Moyenne arrondie au centième, moitié vers le haut, d'une somme de décimaux positifs ou nuls à deux chiffres
-- après la virgule ; nulle sans terme. Calculée en nombres entiers : un calcul en virgule flottante arrondirait
-- parfois mal les demi-centimes.
CREATE MACRO moyenne(somme, nombre) AS
    CASE WHEN nombre > 0 THEN
        CAST(CAST((2 * CAST(somme * 100 AS HUGEINT) + nombre) // (2 * nombre) AS DECIMAL(18, 0)) * 0.01 AS DECIMAL(14, 2))
    END;
