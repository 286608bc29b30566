"""The window about the model that runs: its card, and a quick check of whether to trust it."""
