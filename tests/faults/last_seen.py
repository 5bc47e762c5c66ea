# SPDX-License-Identifier: Apache-2.0
"""A start on a database that is older than what this machine saw, or another, is refused until the
operator says that it is meant: by deleting the file in which the server noted it."""

import random
import re
import shutil
import threading
import time

from rig import KV, QUICK, Claims, Live

KILLS = 4 if QUICK else 20


def write(server, times):
    client = server.client()
    for n in range(times):
        assert client.call("POST", KV + "a", {"data": {"n": n}}).status == 200
    client.close()


def refusal(server):
    """What the log says of a start that is refused."""
    mark = len(server.log)
    server.launch()
    assert not server.answers(), "it starts"
    assert server.process.returncode > 0, f"ended by {server.process.returncode}"
    return server.log[mark:]


def accepted(server):
    """What the log says of a start that is not."""
    mark = len(server.log)
    server.start()
    return server.log[mark:]


def twice(server):
    """(older, newer) copies of the database of a server that was killed after the newer."""
    older, newer = server.folder / "older.db", server.folder / "newer.db"
    write(server, 3)
    assert server.terminate() == 0
    server.keep_database(older)
    server.start()
    write(server, 3)
    server.kill()
    server.keep_database(newer)
    return older, newer


def an_older_copy(claims):
    with Live() as server:
        noted = server.folder / "last-seen"
        older, newer = twice(server)
        with claims.claim("an older copy under a server that starts is refused, with what to do"):
            server.restore_database(older, by_accident=True)
            told = refusal(server)
            have, saw = re.search(r"rollback detected: have (\d+) leaves, saw (\d+);", told).groups()
            assert int(have) < int(saw), told
            assert "code=rollback" in told and f"delete {noted}" in told, told
        with claims.claim("it stays refused, and the newest copy is accepted"):
            refusal(server)
            server.restore_database(newer, by_accident=True)
            accepted(server)
            server.kill()
        with claims.claim("with the file deleted it is accepted, said, and noted from then on"):
            server.restore_database(older, by_accident=True)
            noted.unlink()
            assert "no note of how far the ledger was seen" in accepted(server)
            write(server, 1)
            server.kill()
            assert "older than what was seen here is refused" in accepted(server)
            assert server.terminate() == 0


def another_continuation(claims):
    with Live() as server:
        noted = server.folder / "last-seen"
        older, newer = twice(server)
        memory = server.folder / "memory"
        shutil.copyfile(noted, memory)
        with claims.claim("a longer database that continued from an older copy is refused"):
            server.restore_database(older)
            server.start()
            write(server, 60)
            assert server.terminate() == 0
            shutil.copyfile(memory, noted)
            assert "rollback detected: the ledger is not the one" in refusal(server)
        with claims.claim("what another ledger left is said, not obeyed, and replaced"):
            with Live() as other:
                assert other.terminate() == 0
                shutil.copyfile(other.folder / "last-seen", noted)
            assert "of another ledger, or damaged" in accepted(server)
            write(server, 1)
            server.kill()
            assert "of another ledger" not in accepted(server)
            server.kill()


def without(claims):
    with Live() as server:
        config = server.folder / "server.yaml"
        text = config.read_text().replace("    storage:\n", '    storage:\n      last_seen: "none"\n')
        assert server.terminate() == 0
        config.write_text(text)
        (server.folder / "last-seen").unlink()
        server.start()
        older, _ = twice(server)
        with claims.claim("told to note nothing it notes nothing, and takes any copy"):
            server.restore_database(older, by_accident=True)
            accepted(server)
            assert not (server.folder / "last-seen").exists()


def killed_at_any_moment(claims):
    chance = random.Random(4)
    with Live() as server, claims.claim(f"killed {KILLS} times under load: it starts, and refuses what is older"):
        for _ in range(KILLS):
            older, newer = server.folder / "older.db", server.folder / "newer.db"
            write(server, 2)
            server.kill()
            server.keep_database(older)
            server.start()
            write(server, 1)
            threads = [threading.Thread(target=write_on, args=(server,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(0.05 + 0.2 * chance.random())
            server.kill()
            for thread in threads:
                thread.join()
            server.keep_database(newer)
            server.restore_database(older, by_accident=True)
            assert "rollback detected" in refusal(server)
            server.restore_database(newer, by_accident=True)
            accepted(server)


def write_on(server):
    client = server.client(timeout=5)
    try:
        while client.call("POST", KV + "b", {"data": {"n": 1}}).status == 200:
            pass
    except Exception:  # it was killed
        client.close()


def main():
    claims = Claims()
    an_older_copy(claims)
    another_continuation(claims)
    without(claims)
    killed_at_any_moment(claims)
    claims.end()


if __name__ == "__main__":
    main()
