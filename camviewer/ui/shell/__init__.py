"""The window, its actions and menus."""
