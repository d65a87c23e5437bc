"""The built-in rules, one file a rule; each is registered as an entry point of ``gridmap.rules``."""
