"""What is measured, and how to measure it again; every figure in the documentation comes from a command here."""

import flows  # noqa: F401 - it says where compiled loops are kept
