"""What leaves the machine on somebody's word (webhooks, radio streams, files to import) passes here."""
