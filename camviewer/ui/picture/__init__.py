"""The frame in view and what stands around it."""
