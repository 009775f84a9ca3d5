"""The floor: the same rows as the portal's pages, by hand-written SQL into minimal templates."""
