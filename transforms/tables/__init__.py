"""Facts to tables: one SQL file per table, each headed by what one row is; `run` executes them in order."""
