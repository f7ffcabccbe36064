"""Finds what a person starts: from what the command line names, or by looking through a folder."""

from patchlint.discovery.discover import Discovery, configured, discover, one

__all__ = ["Discovery", "configured", "discover", "one"]
