CREATE TABLE providers (
    name                TEXT COLLATE "C" PRIMARY KEY,
    issuer              TEXT COLLATE "C" NOT NULL,
    client_id           TEXT COLLATE "C" NOT NULL,
    sealed_secret       BYTEA, -- none for a public client
    scope               TEXT COLLATE "C" NOT NULL,
    domains             TEXT COLLATE "C" NOT NULL, -- of addresses let in, with spaces between; '' for all
    redirect_path       TEXT COLLATE "C", -- none for a random one each time
    auto_create         BIGINT NOT NULL CHECK (auto_create IN (0, 1)),
    link_verified_email BIGINT NOT NULL CHECK (link_verified_email IN (0, 1)),
    created_at          BIGINT NOT NULL
);
CREATE INDEX providers_by_issuer ON providers (issuer);

-- Who a user is elsewhere. Issuers never give a subject to somebody else.
CREATE TABLE identities (
    issuer        TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    user_id       TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    linked_at     BIGINT NOT NULL,
    last_login_at BIGINT,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);
