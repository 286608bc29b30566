"""Reviews in the worker, and their reports."""
