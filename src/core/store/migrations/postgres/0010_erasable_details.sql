-- A row's detail enters the chain by a salted digest, so that detail and salt can be erased when a
-- user is deleted, and the chain still proves the rest. Rows from before have neither.
ALTER TABLE audit ADD COLUMN salt BYTEA; -- NULL once the detail was erased
ALTER TABLE audit ADD COLUMN detail_digest BYTEA;
CREATE INDEX audit_by_target ON audit (target);
