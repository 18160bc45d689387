"""One host as a whole: which providers it has, where its transactions are kept, the guard, and what happens at boot."""
