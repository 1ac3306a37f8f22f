"""Rates of the importers on generated dumps: `python -m benchmarks.importers`."""
