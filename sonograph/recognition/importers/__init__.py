"""Fingerprints out of files that the catalog's importers read: they become references."""
