"""`make bench`: how far the portal's pages are from the least that Django needs for the same rows.

Not part of the portal: nothing there imports it. It seeds a throw-away PostgreSQL, starts the portal as it runs in
production and, beside it, hand-written views over the same rows (the floor), and asks both in turn.
"""
