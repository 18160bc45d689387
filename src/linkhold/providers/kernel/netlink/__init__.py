"""A small netlink codec: messages, one socket, the core families. It knows nothing of Linkhold's document.

Every family module offers the constants it needs (named as in the kernel's headers), request builders that return a
`message.Request`, a `dump` that reads the kernel, and light decoders.
"""
