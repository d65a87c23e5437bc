"""Backends: what draws a scene. Each is the only importer of its library."""
