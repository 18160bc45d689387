"""What every test has at hand.

Fixtures `netns` and `netns_sysfs` (tests/lab/namespaces.py), `alone` (tests/lab/alone.py), `public`
(tests/lab/public.py), `networkmanager`, `openvswitch` and `peer` (tests/services/rigs); marks `needs(…)` and
`limit(seconds)` (tests/lab/places.py).
"""

pytest_plugins = [
    "tests.lab.namespaces",
    "tests.lab.alone",
    "tests.lab.places",
    "tests.lab.public",
    "tests.lab.shares",
    "tests.services.rigs.fixtures",
]
