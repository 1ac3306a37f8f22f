"""Events sent to the addresses of accounts, signed."""
