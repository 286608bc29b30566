"""What `camviewer doctor` looks at."""
