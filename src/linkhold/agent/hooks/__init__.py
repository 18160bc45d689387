"""Scripts of the operator around what the agent does: found by folder, run in order, with a limited time each."""
