"""The science: numpy and torch, no Qt. Usable as a library."""
