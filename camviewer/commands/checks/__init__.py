"""The checks of `camviewer doctor`."""
