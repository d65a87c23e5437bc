"""The built-in formats, one file each; registered as entry points like anybody else's."""
