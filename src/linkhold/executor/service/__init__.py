"""The root service behind a unix socket: who may come in, which verbs there are, how it starts and stops."""
