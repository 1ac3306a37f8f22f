"""A show of radio while the API, the monitors and PostgreSQL are killed: every airing once, no event lost."""
