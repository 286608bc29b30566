"""Reads videos and writes movies."""
