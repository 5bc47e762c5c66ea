# SPDX-License-Identifier: Apache-2.0
"""Stands between a client and a server: TLS with a key of its own, and bytes carried as they come.

between.py PREFIX PORT SOCKET: PREFIX.pem and PREFIX.key are its own, SOCKET is the server's.
"""
import socket
import ssl
import sys
import threading


def carry(source, target):
    """Until either side ends."""
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass
    for side in (source, target):
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(raw, context, server):
    """One connection."""
    try:
        client = context.wrap_socket(raw, server_side=True)
    except (OSError, ssl.SSLError):
        raw.close()
        return
    upstream = socket.socket(socket.AF_UNIX)
    upstream.connect(server)
    threading.Thread(target=carry, args=(client, upstream), daemon=True).start()
    carry(upstream, client)


def main(prefix, port, server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(prefix + '.pem', prefix + '.key')
    listener = socket.create_server(('127.0.0.1', int(port)))
    while True:
        raw, _ = listener.accept()
        threading.Thread(target=serve, args=(raw, context, server), daemon=True).start()


if __name__ == '__main__':
    main(*sys.argv[1:])
