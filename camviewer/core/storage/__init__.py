"""Files that are read and written: photos, snapshots, exports."""
