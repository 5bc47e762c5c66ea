# SPDX-License-Identifier: Apache-2.0
"""docs/channel.md states what its own rules give."""

import known_answers


def test_every_known_answer_of_the_page_is_what_its_rules_give():
    stated = known_answers.stated()
    minted = {name: value.hex() for name, value in known_answers.minted().items()}
    assert stated == minted and len(stated) == 26
