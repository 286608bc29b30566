"""The trust gauge: does the network use what a map points at? Measured by more passes of one frame."""
