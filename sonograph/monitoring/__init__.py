"""Radio streams: reading them, knowing what plays, keeping it."""
