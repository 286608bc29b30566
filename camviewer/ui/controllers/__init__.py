"""Controllers: each connects parts of the window with the pipeline, for one task."""
