# SPDX-License-Identifier: Apache-2.0
"""Messages of an open channel: what they carry, and each way to send one that was not meant."""

import concurrent.futures
import itertools

import pytest
import schedule
from channel import Answer, fresh, post
from cryptography.exceptions import InvalidTag
from initiator import Refused
from session import Rekey
from steps import Handshake, flip, inner, send, told, unsealed
from wire import b64u, read, unb64u, write

counter = itertools.count(1)


@pytest.fixture
def opened(server):
    """An operator's channel, and its connection."""
    shake = Handshake(server)
    return shake.http, shake.open()


@pytest.fixture
def channel(server):
    return server.channel()


@pytest.mark.parametrize("hidden", [True, False])
def test_the_whole_interface_is_reachable(server, channel, hidden):
    path, token = f"/v1/secret/data/c{next(counter)}", server.root_token
    ask = lambda *a, **k: channel.ask(*a, token=token, hidden=hidden, **k)  # noqa: E731
    assert ask("GET", path)[0] == 404
    status, body = ask("POST", path, {"data": {"n": "ä\u2028\0"}})
    assert status == 200 and body["data"]["version"] == 1
    assert ask("GET", path + "?version=1")[1]["data"]["data"] == {"n": "ä\u2028\0"}
    assert ask("LIST", "/v1/secret/metadata/")[0] == 200
    assert ask("DELETE", path)[0] in (200, 204)
    assert ask("GET", "/v1/no/such/route")[0] == 404
    assert ask("PATCH", path, {"data": {}}, content_type="text/html")[0] == 415


def test_a_token_is_needed_inside_as_outside(server, channel):
    assert channel.ask("GET", "/v1/secret/data/a")[0] == 403
    assert channel.ask("GET", "/v1/secret/data/a", token="s.wrong")[0] == 403
    assert channel.ask("GET", "/v1/sys/health")[0] == 200


def test_a_token_outside_counts_for_nothing_inside(server, opened):
    http, session = opened
    body, asked = session.seal("GET", "/v1/sys/mounts", b"{}")
    status, reply = http.post(session.path, body, {"X-Vault-Token": server.root_token})
    assert status in (200, 400)
    if status == 200:
        assert session.open(asked, reply)["status"] == 403


def test_an_idempotency_key_and_wrapping_work_inside(server, channel):
    path, token = f"/v1/secret/data/c{next(counter)}", server.root_token
    for _ in range(3):
        status, body = channel.ask("POST", path, {"data": {"a": 1}}, token=token, idempotency_key=f"k{path[-3:]}")
        assert status == 200 and body["data"]["version"] == 1
    status, body = channel.ask("GET", path, token=token, wrap_ttl="60")
    assert status == 200 and body["wrap_info"]["token"]


def test_channel_routes_are_refused_where_they_do_not_belong(server, channel):
    for method, path in (
        ("POST", "/v1/tee/channel"), ("POST", f"/v1/tee/channel/{b64u(bytes(16))}/finish"),
        ("POST", channel.session.path), ("POST", "/v1/tee/inner"),
    ):  # fmt: skip
        for hidden in (True, False):
            assert channel.ask(method, path, {}, token=server.root_token, hidden=hidden)[0] in (400, 404), path
    for end in ("rekey", "reattest", "ticket", "close"):
        assert server.request("POST", f"/v1/tee/channel/{end}", {}, server.root_token)[0] in (400, 403, 404, 405)
    assert server.request("POST", "/v1/tee/inner", {}, server.root_token)[0] == 404


SPELLINGS = ["/v1/tee/channel/", "//v1/tee/channel", "/v1/tee/./channel", "/v1/tee/x/../channel", "/v1/tee/%63hannel",
             "/v1/tee%2fchannel", "/v1/tee/channel?x=1", "/v1/tee/channel#", "/V1/tee/channel", "/v1/tee/channel/%2e%2e/inner",
             "v1/tee/channel", "", "/", "/v1/tee/channel\0", "/v1/tee/channel\n", "http://127.0.0.1/v1/tee/channel",
             "/v1/tee/channel/" + "A" * 22 + "/msg/", "/v1/tee/channel/rekey/", "/v1/" + "a" * 5000]  # fmt: skip


@pytest.mark.parametrize("path", SPELLINGS, ids=range(len(SPELLINGS)))
def test_no_spelling_of_a_path_leads_a_channel_through_a_channel(server, opened, path):
    http, session = opened
    b1 = read(Handshake(server).i.b1)
    hidden = inner(method="POST", path=path, token=server.root_token, body=b1)
    for outside, plain in ((("POST", "/v1/tee/inner"), hidden), (("POST", path), inner(token=server.root_token, body=b1))):
        status, reply = send(http, session, *outside, plain)
        got = reply["status"] if status == 200 else status
        assert got in (400, 403, 404, 405, 414), (path, got, reply)
        assert "hello" not in str(reply)
    assert send(http, session, "GET", "/v1/sys/health")[1]["status"] == 200


def test_method_and_path_inside_need_the_fixed_pair_outside(opened):
    http, session = opened
    hidden = inner(method="GET", path="/v1/sys/health")
    assert send(http, session, "POST", "/v1/tee/inner", hidden)[1]["status"] == 200
    for outside, plain in (
        (("GET", "/v1/sys/health"), hidden), (("POST", "/v1/tee/inner"), inner()),
        (("POST", "/v1/tee/inner"), inner(method="GET")), (("POST", "/v1/tee/inner"), inner(path="/v1/sys/health")),
        (("GET", "/v1/tee/inner"), hidden), (("GET", "/v1/sys/health"), b"[]"), (("GET", "/v1/sys/health"), b""),
        (("GET", "/v1/sys/health"), b'{"token":"a","token":"b"}'), (("GET", "/v1/sys/health"), b'{"token":"a\\nb"}'),
    ):  # fmt: skip
        status, reply = send(http, session, *outside, plain)
        assert (reply["status"] if status == 200 else status) in (400, 404), (outside, plain, reply)


# ---- altered, replayed, reordered, reflected ----


def test_no_byte_of_a_message_may_change_and_none_is_remembered(server, opened):
    http, session = opened
    path = f"/v1/secret/data/c{next(counter)}"
    body, asked = session.seal("POST", path, inner(token=server.root_token, body={"data": {"a": 1}}))
    for at in range(len(body)):
        status, reply = http.post(session.path, flip(body, at))
        assert status in (400, 403), (at, body[at - 9 : at + 9], status)
        assert told(reply)[0] != "channel_replay", (at, body[at - 9 : at + 9])
    reply = unsealed(session, asked, post(http, session.path, body))
    assert reply["body"]["data"]["version"] == 1, "none of these was done"


def test_a_replayed_message_is_never_done_again(server, opened):
    http, session = opened
    path = f"/v1/secret/data/c{next(counter)}"
    body, asked = session.seal("POST", path, inner(token=server.root_token, body={"data": {"a": 1}}))
    assert unsealed(session, asked, post(http, session.path, body))["body"]["data"]["version"] == 1
    for _ in range(5):
        status, reply = http.post(session.path, body)
        assert status == 403 and told(reply)[0] == "channel_replay"
    assert server.request("GET", path, token=server.root_token)[1]["data"]["metadata"]["version"] == 1


def test_messages_arrive_in_any_order_within_the_window(opened):
    http, session = opened
    sealed = {n: session.seal("GET", "/v1/sys/health", b"{}", seq=n) for n in (1, 2, 3, 5, 40, 1200)}

    def arrives(n):
        status, reply = http.post(session.path, sealed[n][0])
        return session.open(sealed[n][1], reply)["status"] if status == 200 else status

    assert [arrives(n) for n in (5, 3, 40, 2)] == [200, 200, 200, 200]
    assert [arrives(n) for n in (3, 5)] == [403, 403]
    assert arrives(1200) == 200
    assert [arrives(n) for n in (1, 40, 1200)] == [403, 403, 403]


def test_sequence_numbers_that_are_none_are_refused(opened):
    http, session = opened
    for seq in (0, 2**64 - 1, 2**63):
        assert send(http, session, "GET", "/v1/sys/health", seq=seq)[0] in (400, 403)
    for name, value in (("s", -1), ("s", "1"), ("s", 1.5), ("e", -1), ("e", 2**32), ("e", None), ("m", 1), ("c", ""),
                        ("c", "="), ("c", None)):  # fmt: skip
        body = read(session.seal("GET", "/v1/sys/health", b"{}")[0])
        assert http.post(session.path, write({**body, name: value}))[0] in (400, 403), name
    assert send(http, session, "GET", "/v1/sys/health")[0] == 200


def test_a_reply_is_no_request_and_a_request_is_no_reply(opened):
    http, session = opened
    body, asked = session.seal("GET", "/v1/sys/health", b"{}")
    reply = read(post(http, session.path, body))
    for seq in (read(body)["s"], session.seq + 1):
        status, _ = http.post(session.path, write({**read(body), "s": seq, "c": reply["c"]}))
        assert status == 403
    with pytest.raises(InvalidTag):
        session.open(asked, write({"c": read(body)["c"]}))


def test_a_reply_answers_its_own_request_only(opened):
    http, session = opened
    one, first = session.seal("GET", "/v1/sys/health", b"{}")
    two, second = session.seal("GET", "/v1/sys/health", b"{}")
    reply_one, reply_two = post(http, session.path, one), post(http, session.path, two)
    for asked, reply in ((first, reply_two), (second, reply_one)):
        with pytest.raises((ValueError, InvalidTag)):
            session.open(asked, reply)
        with pytest.raises(InvalidTag):
            session.open(asked, write({"c": read(reply)["c"]}))


def test_a_message_of_one_channel_is_none_of_another(server):
    one, two = Handshake(server), Handshake(server)
    a, b = one.open(), two.open()
    body, _ = a.seal("GET", "/v1/sys/health", b"{}")
    assert two.http.post(b.path, body)[0] == 403
    assert one.http.post(a.path, body)[0] == 200


# ---- rekey, close, resumption ----


def test_a_rekey_makes_new_keys_and_ends_the_old_ones(server, tee):
    for who in (None, tee):
        channel = server.channel(who)
        first = channel.session.epoch
        late, asked = channel.session.seal("GET", "/v1/sys/health", b"{}")
        channel.rekey()
        assert channel.session.epoch.number == 1 and channel.ask("GET", "/v1/sys/health")[0] == 200
        reply = channel.session.open(asked, post(channel.http, channel.session.path, late))
        assert reply["status"] == 200, "on the way when the keys changed"
        channel.rekey()
        status, reply = send(channel.http, channel.session, "GET", "/v1/sys/health", epoch=first, seq=900)
        assert status == 403 and told(reply)[0] == "channel_epoch"


def test_until_reattested_nothing_is_done_in_the_new_epoch(server, tee):
    channel = server.channel(tee)
    step = Rekey(channel.session)
    plain = b'{"body":' + step.r1 + b"}"
    body = send(channel.http, channel.session, "POST", "/v1/tee/channel/rekey", plain)[1]["body"]
    step.answer(unb64u(body["rekey"]))
    old = channel.session.epoch
    step.commit()
    status, reply = send(channel.http, channel.session, "GET", "/v1/sys/health")
    assert (reply["status"] if status == 200 else status) in (403, 409)
    wrong = fresh(tee, step.bind_r, step.nonce_r, b"")  # the server's binding, sent back
    assert channel.ask("POST", "/v1/tee/channel/reattest", {"evidence": b64u(wrong)}, hidden=False)[0] == 403
    for epoch in (old, None):
        assert send(channel.http, channel.session, "GET", "/v1/sys/health", epoch=epoch, seq=99)[0] in (403, 404)


def test_an_epoch_that_is_not_there_yet_is_refused(opened):
    http, session = opened
    ahead = schedule.Epoch(session.epoch.master, 1)
    status, reply = send(http, session, "GET", "/v1/sys/health", epoch=ahead, seq=1)
    assert status == 403 and told(reply)[0] == "channel_epoch"


def test_a_closed_channel_is_unknown(channel):
    assert channel.close()[0] in (200, 204)
    with pytest.raises(Answer) as no:
        channel.ask("GET", "/v1/sys/health")
    assert no.value.status == 404


def test_a_ticket_resumes_once(server, tee):
    first = server.channel(tee)
    ticket = first.ticket()
    second = server.channel(tee, ticket=ticket)
    assert second.resumed and second.ask("GET", "/v1/sys/health")[0] == 200
    third = server.channel(tee, ticket=ticket)
    assert not third.resumed, "a full handshake went on"
    assert not server.channel(tee, ticket=(bytes(32), bytes(48))).resumed


def test_a_ticket_without_its_key_is_worth_nothing(server, tee):
    ticket, _ = server.channel(tee).ticket()
    with pytest.raises((Refused, Answer)):
        server.channel(tee, ticket=(ticket, bytes(48)))


def test_several_messages_at_once(server):
    session = Handshake(server).open()
    bodies = [session.seal("GET", "/v1/sys/health", b"{}") for _ in range(200)]

    def one(pair):
        http = server.http()
        return session.open(pair[1], post(http, session.path, pair[0]))["status"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, bodies)) == {200}
