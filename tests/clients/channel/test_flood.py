# SPDX-License-Identifier: Apache-2.0
"""Thousands of handshakes that nobody finishes, while one channel goes on."""

import os
import pathlib
import subprocess
import sys
import time

from trusting import TrustingServer
from wire import b64u

HELLOS = 2000  # of which at most 1024 are kept
FLOOD = pathlib.Path(__file__).with_name("flood.py")


def latencies(channel, token, goes_on):
    """Seconds of each read through the channel, in order of size."""
    out = []
    while goes_on():
        begun = time.monotonic()
        assert channel.ask("GET", "/v1/secret/data/flood", token=token)[0] == 200
        out.append(time.monotonic() - begun)
        time.sleep(0.002)
    return sorted(out)


def at(sorted_list, share):
    return 1000 * sorted_list[min(len(sorted_list) - 1, int(len(sorted_list) * share))]


def test_a_flood_of_hellos_does_not_stop_an_open_channel(tee, figure):
    with TrustingServer(tee) as server:
        channel, token = server.channel(tee), server.root_token
        assert channel.ask("POST", "/v1/secret/data/flood", {"data": {"a": 1}}, token=token)[0] == 200
        end = time.monotonic() + 2
        alone = latencies(channel, token, lambda: time.monotonic() < end)
        known, before = server.known(), server.rss_kib()
        path = os.pathsep.join(p for p in sys.path if p)
        flood = subprocess.Popen(
            [sys.executable, str(FLOOD), server.url, b64u(known.identity), str(HELLOS)],
            env=dict(os.environ, PYTHONPATH=path), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        begun = time.monotonic()
        during = latencies(channel, token, lambda: flood.poll() is None)
        rate, told = HELLOS / (time.monotonic() - begun), flood.communicate(timeout=60)[0].strip()
        figure(
            f"a read through a channel: median {at(alone, 0.5):.1f} ms, 99 % {at(alone, 0.99):.1f} ms; "
            f"with {rate:.0f} unfinished hellos a second: median {at(during, 0.5):.1f} ms, "
            f"99 % {at(during, 0.99):.1f} ms ({told}; memory +{(server.rss_kib() - before) // 1024} MiB)"
        )
        assert flood.returncode == 0 and told.startswith("200:") and "cut" not in told, told
        assert at(during, 0.99) < 1000, "it has to wait for strangers"
        channel.rekey()
        assert server.channel(tee).ask("GET", "/v1/sys/health")[0] == 200, "and new ones open"
