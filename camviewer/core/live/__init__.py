"""Networks that live in a Python program: explained there, or shown in a window of its own."""
