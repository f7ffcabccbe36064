"""patchlint works out the start-up of a program, and finds what is imported too early for monkey patching."""

__version__ = "0.1.0"
