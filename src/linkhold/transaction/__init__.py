"""One guarded application of a plan: applied in full and verified, or taken back. Knows the provider contract only."""
