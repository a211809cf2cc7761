"""What the root page `gradviz` adds for people who script: the few functions that join several rooms.

Nothing is imported eagerly: `graphs` needs no Qt, `pictures` does.
"""
