"""How every service is talked to over HTTP: in bounded time and size, and sure of who answers."""
