"""Files, snapshots, checks and the catalog: how tables are declared, kept and read; of news only `schema` speaks."""
