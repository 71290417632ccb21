-- Rows of the audit log that left for files. What is left goes on where the newest archive ends.
CREATE TABLE audit_archives (
    number      BIGINT PRIMARY KEY,
    row_count   BIGINT NOT NULL,
    last_seq    BIGINT NOT NULL,
    cutoff      BIGINT NOT NULL,           -- all its rows are older
    archived_at BIGINT NOT NULL,
    digest      BYTEA NOT NULL,            -- SHA-256 of the file
    lane_ends   TEXT COLLATE "C" NOT NULL, -- "LANE:PLACE:SEQ:HASH …": the last row of each lane that has left
    subtrees    TEXT COLLATE "C" NOT NULL, -- "LEVEL:HASH …": of the Merkle tree over the hashes of its rows
    seal        BYTEA NOT NULL             -- MAC of all of this under the key file
);
