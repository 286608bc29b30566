"""Between the window's parts and the pipeline."""
