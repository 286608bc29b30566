"""Runtimes: what computes a network, on one kind of device or several."""
