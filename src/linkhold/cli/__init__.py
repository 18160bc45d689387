"""The command line: one file for each command, found through `main.COMMANDS`."""
