"""What merging costs: `python -m benchmarks.merging`."""
