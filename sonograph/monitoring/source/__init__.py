"""Radio streams as sound: our own reader of HTTP, ICY, playlists and HLS, and the decoders behind it."""
