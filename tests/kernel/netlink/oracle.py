"""What iproute2 says of the same kernel."""

import json
import subprocess


def ip(*words):
    """`ip` in JSON with details."""
    done = subprocess.run(["ip", "-j", "-d", *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout or "[]")


def do(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
