-- After each migration, where the engine knows it: sealed values do not compress.
ALTER TABLE {schema}.kv ALTER COLUMN value SET STORAGE EXTERNAL;
