"""How long Linkhold takes, as ratios to something that does the same work on the same machine in the same run."""
