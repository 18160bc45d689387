"""The unprivileged daemon on each host of a fleet. The centre talks to it; it asks the executor for all that needs root."""
