"""Making a host known to its centre: a key that never leaves it, a certificate for it, and the CA it trusts from then on.

Needs the package ``cryptography`` (the extra ``agent``); nothing else of the agent does, so it is imported where it is used.
"""
