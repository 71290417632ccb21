-- A provider for workloads: client_id is the audience that their ID tokens name.
ALTER TABLE providers ADD COLUMN workload BIGINT NOT NULL DEFAULT 0 CHECK (workload IN (0, 1));

-- Which of a provider's ID tokens log in as whom.
CREATE TABLE workload_rules (
    id         TEXT COLLATE "C" PRIMARY KEY,
    provider   TEXT COLLATE "C" NOT NULL REFERENCES providers (name) ON DELETE CASCADE,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claims     TEXT COLLATE "C" NOT NULL, -- JSON object of patterns, in order of name
    roles      TEXT COLLATE "C" NOT NULL, -- JSON list, in order of name
    ttl        BIGINT NOT NULL CHECK (ttl BETWEEN 1 AND 3600), -- seconds
    created_at BIGINT NOT NULL,
    UNIQUE (provider, claims)
);
CREATE INDEX workload_rules_by_user ON workload_rules (user_id);

-- ID tokens that logged a workload in, by digest, for as long as they would be accepted. They outlive
-- their provider: one that is added anew must not accept them again.
CREATE TABLE used_id_tokens (
    digest       BYTEA PRIMARY KEY,
    usable_until BIGINT NOT NULL
);
CREATE INDEX used_id_tokens_by_time ON used_id_tokens (usable_until);

ALTER TABLE sessions DROP CONSTRAINT sessions_kind_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_kind_check
    CHECK (kind IN ('login', 'issued', 'workload'));
