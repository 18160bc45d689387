"""What travels between processes: STOMP, JSON-RPC and our own frames as values and state machines, with thin asyncio faces.

Without I/O: `stomp`, `jsonrpc`, `json_text`, `frames`, `session`, `broker`, `heartbeat`. With it: `server` and `client`
(TLS, for the centre), `local_server` and `local_client` (a unix socket, between agent and executor). `call` has the words
that all of them share.
"""
