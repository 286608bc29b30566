"""The docks."""
