"""How maps are made: one module a family, and the registry."""
