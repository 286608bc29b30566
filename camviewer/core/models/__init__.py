"""Models: what a network is, its weights and its labels."""
