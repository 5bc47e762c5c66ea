# SPDX-License-Identifier: Apache-2.0
"""The client of examples/function-python, and what the tests are lent."""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
sys.path.insert(0, str(FOLDER))
sys.path.insert(0, str(FOLDER.parents[2] / "examples" / "function-python"))

import pytest  # noqa: E402
from simulated_tee import SimulatedTee  # noqa: E402
from trusting import CODE, TrustingServer  # noqa: E402


@pytest.fixture(scope="session")
def tee():
    """Of code that may do things."""
    return SimulatedTee(CODE)


@pytest.fixture(scope="session")
def server(tee):
    with TrustingServer(tee) as running:
        yield running
        assert running.process.poll() is None, running.log[-4000:]

figures = []


@pytest.fixture
def figure():
    """figure(text): a measurement, told at the end."""
    return figures.append


def pytest_terminal_summary(terminalreporter):
    for text in figures:
        terminalreporter.write_line(f"figure: {text}")
