# SPDX-License-Identifier: Apache-2.0
"""Several servers of one store, which are to behave as one.

Each has a folder, a port and a state of its own; what makes them one is the store, the origin, the
auditor, and the TEE that they are copies in: the simulated one is the keys in its state_dir, so these
are copied.  Each speaks to the database through a link of its own, that can be made to misbehave."""

import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import time

from proxy import Proxy
from rig import KV, Client, Live

TEE = ("seal.key", "root.key", "root.pem", "auditor.txt")
GONE = (OSError, http.client.HTTPException)
COME_BACK_S = 30


class Replica(Live):
    """One server; `uri` is where its store is, None for SQLite in its own folder; `settings` are more of
    backend.tee.storage."""

    def __init__(self, number, uri=None, tee=None, settings=None):
        super().__init__()
        self.number, self.uri, self.tee, self.settings = number, uri, tee, settings or {}
        self.paused = False

    def configure(self):
        super().configure()
        config = self.folder / "server.yaml"
        if self.uri:
            text = config.read_text()
            given = 'database_uri: "sqlite:${TEE_SECRETS_DEV_DIR}/store.db"'
            assert given in text
            lines = [f'database_uri: "{self.uri}"', *(f'{name}: "{value}"' for name, value in self.settings.items())]
            config.write_text(text.replace(given, "\n      ".join(lines)))
        if self.tee:
            for name in TEE:
                if (self.tee / name).exists():
                    shutil.copy2(self.tee / name, self.folder / name)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.paused = False

    def kill(self):
        super().kill()
        self.paused = False

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def news(self):
        """The end of its log, without the requests."""
        return "\n".join([line for line in self.log.splitlines() if " msg=request " not in line][-20:])

    def serves(self, path=KV + "is/anybody/there"):
        """Whether an audited read is answered now."""
        client = self.client(timeout=COME_BACK_S)
        try:
            return client.call("GET", path).status in (200, 404)
        except GONE:
            return False
        finally:
            client.close()

    def health(self):
        """{part: what health says of it}"""
        client = Client(self.port, timeout=10)
        try:
            return {part["name"]: part for part in client.call("GET", "/v1/tee/health").json["parts"]}
        finally:
            client.close()


class Cluster:
    """`with Cluster(database, 3) as cluster:` is initialized, and all of it serves.  Without a
    database it is one server on SQLite."""

    def __init__(self, database=None, replicas=1, record=None, settings=None):
        self.settings = settings
        self.database, self.count, self.record = database, replicas if database else 1, record
        self.replicas, self.proxy = [], None
        self.root_token = None

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        if self.database is None:
            self.replicas = [Replica(0)]
        else:
            if not self.database.runs:
                self.database.start()
            self.proxy = Proxy(self.database.target, self.count, self.record)
            for number, port in enumerate(self.proxy.ports):
                tee = self.replicas[0].folder if number else None
                self.replicas.append(Replica(number, self.database.uri(port), tee, self.settings))
        first = self.replicas[0]
        first.configure()
        first.start()
        reply = Client(first.port).call("POST", "/v1/sys/init", {})
        assert reply.status == 200, f"init: {reply.status} {reply.raw[:300]}"
        self.root_token = reply.json["root_token"]
        for replica in self.replicas:
            replica.root_token = self.root_token
        for replica in self.replicas[1:]:
            replica.configure()
            replica.launch()
        self.all_serve()

    def end(self):
        for replica in self.replicas:
            if replica.runs:
                replica.resume()
            replica.__exit__()
        if self.proxy:
            self.proxy.close()
        if self.database:
            self.database.remove()

    @property
    def name(self):
        return self.database.name if self.database else "sqlite"

    def all_serve(self, patience=COME_BACK_S):
        """Waits until every server serves; the seconds that took."""
        began = time.monotonic()
        for replica in self.replicas:
            while not replica.serves():
                assert replica.runs, f"server {replica.number} ended by itself:\n{replica.news()}"
                if time.monotonic() - began > patience:
                    raise AssertionError(
                        f"server {replica.number} does not serve {patience:.0f} s later: {replica.health()}\n{replica.news()}"
                    )
                time.sleep(0.02)
        return time.monotonic() - began

    def keep_logs(self, to):
        """For whoever has to find out what went wrong."""
        to = pathlib.Path(to)
        to.mkdir(parents=True, exist_ok=True)
        for replica in self.replicas:
            with contextlib.suppress(OSError):
                shutil.copyfile(replica.folder / "server.log", to / f"server-{replica.number}.log")
        if self.database:
            with contextlib.suppress(OSError):
                shutil.copyfile(self.database.log_file, to / "database.log")


def kept_folder():
    """Where a failed run leaves what it saw; None when nobody asked."""
    return os.environ.get("FAULTS_KEEP")
