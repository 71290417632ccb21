-- The audit trail as chains side by side, so that servers can append rows about different users at once.
-- Rows from before are lane 0. The place counts within the lane; NULL where it is the row's number.
ALTER TABLE audit ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN place INTEGER;
CREATE UNIQUE INDEX audit_by_place ON audit (lane, place) WHERE place IS NOT NULL;

-- The end of each lane: place, number and hash of its last row. A file writes lane 0 alone; the others come
-- from servers.
CREATE TABLE audit_lanes (
    lane  INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    hash  BLOB NOT NULL
) STRICT;
INSERT INTO audit_lanes (lane, place, seq, hash) SELECT 0, seq, seq, hash FROM audit_head;
WITH RECURSIVE lanes (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM lanes WHERE n < 63)
    INSERT INTO audit_lanes (lane, place, seq, hash) SELECT n, 0, 0, zeroblob(32) FROM lanes;
DROP TABLE audit_head;
