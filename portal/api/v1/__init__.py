"""Partner Center's REST API in its own wire format, over the rooms' services, rules and querysets."""
