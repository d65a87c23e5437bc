"""``make bundle``: a folder of wheels to install gridmap from, where no package index can be reached."""
