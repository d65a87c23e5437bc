"""Analyses of an arrangement: coverage in metres, square metres and homes; travel time; cells; figures."""
