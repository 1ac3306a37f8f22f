"""The index of Chromaprint items: immutable segments in memory-mapped files, found through one manifest.

`writer` adds, removes and merges; one process at a time. `search` reads, in any number of processes. What is in the
database is the truth; a segment can always be built anew from it.
"""
