-- Format 1: one row that names the format, and the records.
CREATE TABLE IF NOT EXISTS {schema}.version (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version int8 NOT NULL
);
CREATE TABLE IF NOT EXISTS {schema}.kv (
    key bytea PRIMARY KEY,
    value bytea NOT NULL
);
INSERT INTO {schema}.version (version) VALUES (1) ON CONFLICT (one) DO NOTHING;
