"""What people need who look for a fault: how things are, and a bundle of all there is to know, without secrets."""
