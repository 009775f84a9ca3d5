"""Rows of a sheet, read as what the screens' forms take. Knows neither the database's imports nor the acceptance."""
