"""How explanations are painted."""
