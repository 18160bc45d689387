"""What every test has at hand.

Fixtures `netns` and `netns_sysfs` (tests/lab/namespaces.py) and `public` (tests/lab/public.py); marks `needs(…)`
and `limit(seconds)` (tests/lab/places.py).
"""

pytest_plugins = ["tests.lab.namespaces", "tests.lab.places", "tests.lab.public"]
