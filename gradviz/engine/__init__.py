"""How it runs: forward, the backward sweep, and the tape that records both. Pure functions."""
