"""The review of a folder."""
