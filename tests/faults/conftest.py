# SPDX-License-Identifier: Apache-2.0
"""The client suites' server and closing line, for tests that harm it."""

import importlib.util
import pathlib
import sys

CLIENTS = pathlib.Path(__file__).resolve().parents[1] / "clients"
sys.path.insert(0, str(CLIENTS))
spec = importlib.util.spec_from_file_location("clients_conftest", CLIENTS / "conftest.py")
clients = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clients)

pytest_terminal_summary = clients.pytest_terminal_summary
