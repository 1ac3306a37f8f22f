"""What the sandbox station costs."""
