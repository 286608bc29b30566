"""Many photos against the truth."""
