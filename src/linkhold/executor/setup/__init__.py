"""Setup-networks requests on this host: carried out as one transaction each, stored, restored at boot, watched."""
