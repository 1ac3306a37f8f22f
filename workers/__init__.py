"""Loops over the domain, each `run(engine, stop)`; run.py starts a named set of them."""
