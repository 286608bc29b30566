"""Teaching of one's own classes: what is done in the worker."""
