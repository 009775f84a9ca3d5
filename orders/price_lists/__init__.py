"""Microsoft's licence-based price list as a file: columns, cells, rows, and the work on it in the background."""
