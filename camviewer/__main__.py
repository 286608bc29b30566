"""Starts the program for ``python -m camviewer``."""

import sys

from camviewer.commands.cli import main

sys.exit(main())
