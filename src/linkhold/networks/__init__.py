"""'Setup networks': what a fleet asks of a host (networks, bondings, options), and what that means as a desired state.

Pure values and functions. The words of vdsm's requests and files stay at the edge (`forms.py`, `reading.py`).
"""
