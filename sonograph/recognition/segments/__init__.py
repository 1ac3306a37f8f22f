"""The indexes: immutable segments in memory-mapped files, found through one manifest a folder.

There are two kinds, of Chromaprint's items and of landmarks, each in a folder of its own. `writer` adds, removes and
merges; one process at a time. `search` (items) and `landmark_search` read, in any number of processes. What is in the
database is the truth; a segment can always be built anew from it.
"""
