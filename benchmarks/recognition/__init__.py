"""Benchmarks of recognition, on real music."""
