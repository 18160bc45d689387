"""What the network is: pure values. Nothing here does I/O."""
