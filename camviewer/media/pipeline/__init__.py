"""The way from a source's frame to an explanation in the window."""
