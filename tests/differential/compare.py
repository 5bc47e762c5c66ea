#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: compare.py KIND OURS OTHER KNOWN: the table of verdicts; 1 when we accept what the other
verifier refuses and KNOWN does not explain it."""
import collections
import re
import sys


def verdicts(path):
    out = {}
    with open(path) as f:
        for line in f:
            words = line.rstrip("\n").split(" ", 2)
            if len(words) >= 2 and words[1] in ("accept", "refuse"):
                out[int(words[0])] = (words[1], words[2] if len(words) > 2 else "")
    return out


def known(path, kind):
    out = []
    with open(path) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                k, pattern, _ = line.split("\t", 2)
                if k == kind:
                    out.append(re.compile(pattern))
    return out


kind, ours, other = sys.argv[1], verdicts(sys.argv[2]), verdicts(sys.argv[3])
explained = known(sys.argv[4], kind)
table = collections.Counter()
worse, reasons = [], collections.Counter()
for case, (mine, why) in ours.items():
    theirs, their_why = other.get(case, ("missing", ""))
    group = "real" if case < 1000000 else "changed"
    table[group, mine, theirs] += 1
    if mine == "accept" and theirs != "accept":
        if any(p.search(their_why) for p in explained):
            table[group, "explained", theirs] += 1
        else:
            worse.append((case, their_why))
    if mine == "refuse" and theirs == "accept":
        reasons[group + ": " + why.split(":")[0]] += 1
print(f"{kind}: {len(ours)} cases")
for (group, mine, theirs), n in sorted(table.items()):
    print(f"  {group:8} we {mine:9} it {theirs:8} {n}")
for why, n in reasons.most_common(12):
    print(f"    we alone refuse, {why} {n}")
for case, why in worse[:20]:
    print(f"    WE ALONE ACCEPT case {case}: {why}")
if len(ours) != len(other):
    print(f"  {len(ours)} answers of ours, {len(other)} of the other")
sys.exit(1 if worse or len(ours) != len(other) else 0)
