"""The dock "My classes"."""
