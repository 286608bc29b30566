"""A linear head of one's own classes, on a network's frozen features."""
