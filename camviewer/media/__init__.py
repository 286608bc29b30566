"""Sources, the worker thread, drawing and movies: QtCore, QtGui, QtMultimedia; no widgets."""
