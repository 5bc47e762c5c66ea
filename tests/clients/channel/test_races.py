# SPDX-License-Identifier: Apache-2.0
"""Things that may happen once, tried by many at the same moment; and a channel's end."""

import concurrent.futures
import itertools
import threading
import time

import pytest
from channel import Answer
from steps import Handshake, inner, send, told
from trusting import TrustingServer
from wire import b64u

AT_ONCE = 8
counter = itertools.count(1)


def at_once(server, path, body):
    """Statuses and bodies of one request sent on so many connections at the same moment."""
    start = threading.Barrier(AT_ONCE)

    def one(_):
        http = server.http()
        http.get("/v1/sys/health")
        start.wait()
        return http.post(path, body)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_one_message_sent_by_many_is_done_once(server):
    session = Handshake(server).open()
    for _ in range(10):
        path = f"/v1/secret/data/race{next(counter)}"
        body, _ = session.seal("POST", path, inner(token=server.root_token, body={"data": {"a": 1}}))
        statuses = [status for status, _ in at_once(server, session.path, body)]
        assert sorted(statuses) == [200] + [403] * (AT_ONCE - 1)
        assert server.request("GET", path, token=server.root_token)[1]["data"]["metadata"]["version"] == 1


def test_one_finish_sent_by_many_opens_one_channel(server, tee):
    for who in (None, tee):
        shake = Handshake(server, who)
        replies = at_once(server, shake.path, shake.body())
        (good,) = [reply for status, reply in replies if status == 200]
        assert {status for status, _ in replies} <= {200, 403, 404}
        session = shake.i.done(good)
        assert send(shake.http, session, "GET", "/v1/sys/health")[1]["status"] == 200


def test_one_ticket_redeemed_by_many_resumes_once(server, tee):
    ticket = server.channel(tee).ticket()
    start, known = threading.Barrier(AT_ONCE), server.known()

    def one(_):
        start.wait()
        return Handshake(server, tee, expects=known, ticket=ticket[0], psk=ticket[1]).i.resumed

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        assert sorted(pool.map(one, range(AT_ONCE))) == [False] * (AT_ONCE - 1) + [True]


def test_messages_go_on_while_keys_change(server, tee):
    channel = server.channel(tee)
    session, known, stop, seen = channel.session, threading.Lock(), threading.Event(), []

    def reads():
        http = server.http()
        while not stop.is_set():
            with known:
                body, asked = session.seal("GET", "/v1/sys/health", b"{}")
            status, reply = http.post(session.path, body)
            seen.append(status if status != 200 else session.open(asked, reply)["status"])

    threads = [threading.Thread(target=reads) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            with known:  # new messages wait; those on the way are of the old epoch
                channel.rekey()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(seen) > 5 and set(seen) <= {200, 409}, set(seen)


def test_a_channel_is_of_one_server_in_one_life(tee):
    with TrustingServer(tee) as one, TrustingServer(tee) as two:
        shake = Handshake(one, tee)
        session = shake.open()
        body, _ = session.seal("GET", "/v1/sys/health", b"{}")
        status, reply = two.http().post(session.path, body)
        assert status == 404 and told(reply)[0] == "channel_unknown"
        half = Handshake(one, tee)
        one.stop()
        one.start()
        assert one.http().post(session.path, body)[0] == 404
        assert one.http().post(half.path, half.body())[0] == 404
        assert one.channel(tee).ask("GET", "/v1/sys/health")[0] == 200


def is_refused(channel, token):
    """A seal is answered before it is done: until the channel is gone, what is asked inside is refused."""
    try:
        return channel.ask("GET", "/v1/secret/data/a", token=token)[0] == 503
    except Answer as no:
        return no.code == "channel_unknown"


def is_gone(channel, token):
    for _ in range(100):
        try:
            channel.ask("GET", "/v1/secret/data/a", token=token)
        except Answer as no:
            return no.code == "channel_unknown"
        time.sleep(0.05)
    return False


def test_a_sealed_server_serves_no_channel(tee):
    with TrustingServer(tee) as server:
        channel = server.channel(tee)
        assert server.request("POST", "/v1/sys/seal", {}, server.root_token)[0] == 204
        assert is_refused(channel, server.root_token)
        assert is_gone(channel, server.root_token)
        assert Handshake(server, tee, expects=channel.server).status == 503


def test_operators_see_channels_and_close_them(server, tee):
    channel = server.channel(tee)
    cid = b64u(channel.session.cid)
    status, listed = server.request("GET", "/v1/sys/channels", token=server.root_token)
    assert status == 200 and cid in str(listed), (status, listed)
    assert server.request("DELETE", f"/v1/sys/channels/{cid}", token=server.root_token)[0] == 204
    with pytest.raises(Answer) as no:
        channel.ask("GET", "/v1/sys/health")
    assert no.value.status == 404
