# SPDX-License-Identifier: Apache-2.0
"""The client of examples/function-python, and what the tests are lent."""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
sys.path.insert(0, str(FOLDER.parents[2] / "examples" / "function-python"))
