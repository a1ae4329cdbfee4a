"""The HTTP part of the service as a process: a listening socket, one event loop, one open bank."""

import socket
from pathlib import Path

import uvicorn

from hilum.api.service import make_api
from hilum.app.serving import open_service

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that child processes share. Raises ``OSError`` when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(_BACKLOG)
    listening.set_inheritable(True)
    return listening


def serve_http(home: Path, handle: int) -> None:
    """Serve on an inherited socket until the process is asked to stop; requests under way are answered first."""
    with open_service(home) as service:
        config = uvicorn.Config(
            make_api(service),
            fd=handle,
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_graceful_shutdown=15,
            timeout_keep_alive=30,
        )
        uvicorn.Server(config).run()
