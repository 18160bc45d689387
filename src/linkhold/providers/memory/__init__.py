"""A whole host in memory: rehearsals, simulation of large fleets, fast tests."""
