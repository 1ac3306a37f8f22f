"""What watching radio streams costs."""
