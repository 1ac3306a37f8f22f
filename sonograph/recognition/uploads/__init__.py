"""Files that callers send: on their way to disk (`arrivals`), and kept for a while under an id (`uploads`).

Nothing here knows what the files are for: recognition reads them, and so may whatever else takes audio.
"""
