"""The commands that begin with ``linkhold agent``, one file each, found like all others through `main.COMMANDS`."""
