"""Is this installation whole, and does this computer do? `camviewer doctor`, `camviewer --self-test`."""
