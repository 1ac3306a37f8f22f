"""The report of plays: what was on air between two moments, as JSON or by a template of columns."""
