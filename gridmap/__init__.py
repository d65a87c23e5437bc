"""Who answers here, on each layer; where does nobody; where do two."""

__version__ = "0.1.0"
