"""Lessons in the window: the panel, what it waits for, and how all is as before afterwards."""
