"""Paints explanations: style, view state, heat map, caption, compositor."""
