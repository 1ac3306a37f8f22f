"""Radio shows made up with a known truth, and what monitoring makes of them."""
