"""Where a partner's programs are told of changes (facts, 6.7)."""
