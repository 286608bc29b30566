"""Log, crash reports, settings, languages."""
