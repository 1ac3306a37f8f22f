"""Recognition: audio to fingerprints, fingerprints to references."""
