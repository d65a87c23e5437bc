"""Overlays, one file a drawn thing; each exposes ``OVERLAY``, registered by entry point."""
