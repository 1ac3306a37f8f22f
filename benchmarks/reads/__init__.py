"""The same reads by the compiled lane, by the executor lane and by hand-written routes."""
