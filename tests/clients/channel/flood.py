# SPDX-License-Identifier: Apache-2.0
"""flood.py URL AUDIENCE HELLOS: so many, and nothing after them, on four connections at once.

Prints how many were answered by which status."""

import collections
import os
import sys
import threading

import schedule
from wire import Http, b64u, write

url, audience, share = sys.argv[1], sys.argv[2], int(sys.argv[3]) // 4
eph, counts = b64u(schedule.point(schedule.new_key())), collections.Counter()


def hellos():
    http = Http(url)
    for _ in range(share):
        b1 = {"v": 1, "suite": schedule.SUITE, "nonce": b64u(os.urandom(32)), "eph": eph, "accept": ["sim-v1", "none"], "aud": audience}
        try:
            counts[http.post("/v1/tee/channel", write(b1))[0]] += 1
        except OSError:
            counts["cut"] += 1


threads = [threading.Thread(target=hellos) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(" ".join(f"{status}:{count}" for status, count in sorted(counts.items(), key=str)))
