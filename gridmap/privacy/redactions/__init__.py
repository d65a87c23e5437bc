"""The redactions that gridmap brings, one file each."""
