"""The science, usable as a library: numpy and torch, no Qt."""
