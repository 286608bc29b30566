"""Lessons: guided steps in the window, as data. No Qt."""
