"""The partner itself: its profiles, and the partners it works with (facts, 4.2 and 4.3)."""
