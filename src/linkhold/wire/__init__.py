"""All that is spoken between processes: frames, messages, sessions without I/O, and thin asyncio faces over them."""
