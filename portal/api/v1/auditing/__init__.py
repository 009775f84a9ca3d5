"""The activity log as Partner Center's audit records (facts, 5.1)."""
