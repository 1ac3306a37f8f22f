"""Folders of audio files made into references, and into tracks where the catalog knows none."""
