-- Pseudo-random draws. A record has a germ, a hash of its number and of the seed of its entity; every draw
-- hashes the germ with a number of its own. (Hashing several arguments at once would not do: the engine joins
-- the hashes by XOR, and draws that differ in the last argument only would depend on each other.)
CREATE MACRO germe(entite, i) AS hash(xor(hash(CAST(i AS UBIGINT)), CAST(entite AS UBIGINT)));
CREATE MACRO tire(g, n) AS hash(xor(g, CAST(n AS UBIGINT)));
-- u: in [0, 1). parmi: whole number in 0..k-1. cran: slot of a table of weights.
CREATE MACRO u(g, n) AS CAST(tire(g, n) >> 11 AS DOUBLE) / 9007199254740992.0;
CREATE MACRO parmi(g, n, k) AS CAST(tire(g, n) % CAST(k AS UBIGINT) AS INTEGER);
CREATE MACRO cran(g, n) AS CAST(tire(g, n) & 65535 AS INTEGER);

-- A day plus an hour of work.
CREATE MACRO instant(jour, g, n) AS CAST(jour AS TIMESTAMP) + to_seconds(21600 + parmi(g, n, 50400));

-- One record in each block of so many is faulty, at a place drawn for the block; the faults come in turn.
CREATE MACRO faute(entite, i, bloc, fautes) AS
    CASE WHEN i % bloc = parmi(germe(entite, i // bloc), 99, bloc) THEN list_extract(fautes, 1 + (i // bloc) % len(fautes)) END;

-- A false SIRET: its last digit is one too large.
CREATE MACRO siret_faux(siret) AS substr(siret, 1, 13) || CAST((CAST(substr(siret, 14, 1) AS INTEGER) + 1) % 10 AS VARCHAR);
CREATE MACRO euros(cents) AS CAST(CAST(cents AS DECIMAL(16, 0)) * 0.01 AS DECIMAL(14, 2));
