"""Small widgets, colours, icons and words that all share."""
