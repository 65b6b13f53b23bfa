"""The order of things: what a night is, when it runs, how it is asked for. No data logic lives here."""

from flows.compiled import keep_apart

# Before any room is imported, as Numba is with them.
keep_apart()
