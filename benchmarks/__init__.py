"""Commands that measure: each prints its figures and how it got them."""
