"""Clients that come back: connections are cut in the middle of anything, and nothing may be lost or doubled."""
