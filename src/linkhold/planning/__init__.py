"""What would be done: pure functions from desired and current state to a plan."""
