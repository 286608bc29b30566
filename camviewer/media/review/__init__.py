"""Reviews of folders in the worker, and their reports."""
