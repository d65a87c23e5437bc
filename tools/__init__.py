"""What makes things of gridmap that are no part of it."""
