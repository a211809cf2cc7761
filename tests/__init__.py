"""The tests of gradviz; `python -m tests` runs all that holds the house together."""
