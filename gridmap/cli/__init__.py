"""The command line: standard output is data, standard error is messages and progress."""

from gridmap.cli.main import main

__all__ = ["main"]
