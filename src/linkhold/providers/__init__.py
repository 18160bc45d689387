"""The machine: one package for each way to it. Providers are independent of each other and meet in `contract`."""
