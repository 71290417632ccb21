-- Whose tokens a key may sign: '' for this database's own, '*' for any other issuer, else that
-- issuer. Before, a public key from elsewhere spoke for any.
ALTER TABLE signing_keys ADD COLUMN issuer TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE signing_keys SET issuer = '*' WHERE public_only = 1;
ALTER TABLE signing_keys DROP COLUMN public_only;
