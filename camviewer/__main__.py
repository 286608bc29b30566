"""``python -m camviewer``"""

import sys

from camviewer.cli import main

sys.exit(main())
