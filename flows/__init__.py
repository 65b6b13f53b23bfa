"""The order of things: what a night is, when it runs, how it is asked for. No data logic lives here."""
