"""Help, the guide, diagnostics."""
