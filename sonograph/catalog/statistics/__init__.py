"""What a catalog holds, counted or estimated."""
