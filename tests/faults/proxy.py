# SPDX-License-Identifier: Apache-2.0
"""A network that misbehaves when told: links between servers and a database, each of which passes
bytes on, holds them back in one direction or both, delays them, loses connections in the middle of a
message, or resets them; and keeps what passed, to be searched.

It is a process of its own, so that it does not share an interpreter with the clients.  On a link:

    pass                as a network should
    stall               nothing moves, connections stay: a partition
    deaf                requests arrive at the database, answers are held back
    mute                requests are held back
    delay               each piece waits for `ms`, and up to half as much more
    lossy               one piece in `per` arrives cut, and its connection is reset
    refuse              connections are reset, new ones too
and at any time
    cut                 all connections are reset, once

What was held back is delivered when the link passes again, like a segment that TCP sends once more."""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading

UP, DOWN = "up", "down"  # to the database, from it
HOLDS = {"stall": (UP, DOWN), "deaf": (DOWN,), "mute": (UP,)}
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no farewell


class Cut(Exception):
    """A connection that is to end as if the cable had been pulled."""


class Link:
    def __init__(self, number, target, record):
        self.number, self.target = number, target
        self.mode, self.ms, self.per = "pass", 0, 20
        self.changed = asyncio.Condition()
        self.writers = set()
        self.bytes = {UP: 0, DOWN: 0}
        self.connections = 0
        self.record = open(f"{record}.{number}", "ab") if record else None
        self.chance = random.Random(number)

    async def set(self, mode, ms=0, per=20):
        async with self.changed:
            self.mode, self.ms, self.per = mode, ms, per
            self.changed.notify_all()
        if mode == "refuse":
            self.cut()

    def cut(self):
        for writer in list(self.writers):
            reset(writer)

    async def gate(self, direction):
        async with self.changed:
            await self.changed.wait_for(lambda: direction not in HOLDS.get(self.mode, ()))

    async def connection(self, reader, writer):
        self.connections += 1
        self.writers.add(writer)
        other = None
        try:
            if self.mode == "refuse":
                raise Cut
            # A partition swallows the handshake too; the kernel has answered it, so the next step waits.
            await self.gate(UP)
            there, other = await self.reach()
            self.writers.add(other)
            pumps = [
                asyncio.ensure_future(self.pump(reader, other, UP)),
                asyncio.ensure_future(self.pump(there, writer, DOWN)),
            ]
            done, rest = await asyncio.wait(pumps, return_when=asyncio.FIRST_EXCEPTION)
            for task in rest:
                task.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            if any(task.exception() for task in done):
                raise Cut
        except (Cut, OSError):
            for each in (writer, other):
                if each is not None:
                    reset(each)
        finally:
            for each in (writer, other):
                if each is not None:
                    self.writers.discard(each)
                    each.close()

    async def reach(self):
        if isinstance(self.target, str):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)

    async def pump(self, reader, writer, direction):
        while True:
            data = await reader.read(65536)
            await self.gate(direction)
            if not data:
                with contextlib.suppress(OSError, RuntimeError):
                    writer.write_eof()
                return
            if self.mode == "delay":
                await asyncio.sleep(self.ms * (1 + self.chance.random() / 2) / 1000)
            if self.mode == "lossy" and self.chance.randrange(self.per) == 0:
                self.pass_on(writer, data[: len(data) // 2], direction)
                await writer.drain()
                raise Cut
            self.pass_on(writer, data, direction)
            await writer.drain()

    def pass_on(self, writer, data, direction):
        self.bytes[direction] += len(data)
        if self.record:
            self.record.write(data)
            self.record.flush()
        writer.write(data)


def reset(writer):
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def obey(links):
    """One order a line from standard input, one answer a line; the end of input ends it."""
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        link = links[order.pop("link")]
        what = order.pop("do")
        if what == "set":
            await link.set(**order)
        elif what == "cut":
            link.cut()
        counts = {"up": link.bytes[UP], "down": link.bytes[DOWN], "connections": link.connections, "mode": link.mode}
        print(json.dumps(counts), flush=True)


async def serve(options):
    target = json.loads(options.to)
    links, ports = [], []
    for number in range(options.links):
        links.append(Link(number, target, options.record))
        server = await asyncio.start_server(links[-1].connection, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps(ports), flush=True)
    await obey(links)
    # Whatever is still open ends with the process; to cancel it piece by piece would only make noise.
    sys.stdout.flush()
    os._exit(0)


class Proxy:
    """`with Proxy(target, links=3) as proxy:` where target is [host, port] or the path of a socket;
    proxy.ports are where the links listen."""

    def __init__(self, target, links=1, record=None):
        self.lock = threading.Lock()
        command = [sys.executable, __file__, "--to", json.dumps(target), "--links", str(links)]
        if record:
            command += ["--record", str(record)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, "the proxy does not start"
        self.ports = json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, **order):
        with self.lock:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        assert answer, "the proxy is gone"
        return json.loads(answer)

    def every(self, link):
        return range(len(self.ports)) if link is None else (link,)

    def set(self, mode, link=None, **how):
        """One link, or all of them."""
        for each in self.every(link):
            self.ask(do="set", link=each, mode=mode, **how)

    def cut(self, link=None):
        for each in self.every(link):
            self.ask(do="cut", link=each)

    def counts(self, link=0):
        return self.ask(do="count", link=link)

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--to", required=True, help="JSON: [host, port], or the path of a socket")
    options.add_argument("--links", type=int, default=1)
    options.add_argument("--record", help="beginning of the names of files for what passes")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.parse_args()))
