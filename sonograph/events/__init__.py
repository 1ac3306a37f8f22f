"""What happened, as one log: written with the fact, read by whoever listens."""
