"""Sources, the worker thread and the compositor: QtCore, QtGui, QtMultimedia; no widgets."""
