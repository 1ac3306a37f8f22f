"""A made-up catalog of any size: the same one for the same size and seed, on every machine."""
