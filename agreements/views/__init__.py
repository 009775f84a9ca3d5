"""Screens of agreements: recording, one record, the texts."""
