"""Audio files and streams as mono PCM: `decode` for what we trust, `sandboxed` for what strangers send."""
