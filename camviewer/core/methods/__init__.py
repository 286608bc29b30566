"""Methods: how maps are made. One module a family, and the registry."""
