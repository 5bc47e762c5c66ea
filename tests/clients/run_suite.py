# SPDX-License-Identifier: Apache-2.0
"""run_suite.py COMMAND...: starts a server, runs the command with TEE_URL and TEE_ROOT_TOKEN."""

import os
import subprocess
import sys

from server import Server

with Server() as server:
    environment = dict(os.environ, TEE_URL=server.url, TEE_ROOT_TOKEN=server.root_token)
    done = subprocess.run(sys.argv[1:], env=environment, stdin=subprocess.DEVNULL, check=False)
    if server.process.poll() is not None:
        sys.exit(f"the server ended by itself:\n{server.log[-4000:]}")
    if done.returncode:
        print(server.log[-4000:])
sys.exit(done.returncode)
