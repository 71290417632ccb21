-- Rows of the audit log that left for files. What is left goes on where the newest archive ends.
CREATE TABLE audit_archives (
    number      INTEGER PRIMARY KEY,
    row_count   INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL,
    cutoff      INTEGER NOT NULL, -- all its rows are older
    archived_at INTEGER NOT NULL,
    digest      BLOB NOT NULL,    -- SHA-256 of the file
    lane_ends   TEXT NOT NULL,    -- "LANE:PLACE:SEQ:HASH …": the last row of each lane that has left
    subtrees    TEXT NOT NULL,    -- "LEVEL:HASH …": of the Merkle tree over the hashes of its rows
    seal        BLOB NOT NULL     -- MAC of all of this under the key file
) STRICT;
