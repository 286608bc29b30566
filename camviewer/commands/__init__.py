"""The command line: what `camviewer COMMAND` does."""
