"""NetworkManager as a service beside the kernel: profiles and activation over D-Bus."""
