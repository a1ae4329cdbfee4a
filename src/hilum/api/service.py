"""The HTTP service as one ASGI application."""

from fastapi import Depends, FastAPI

from hilum import __version__
from hilum.api import accounts, documents, notices, taking
from hilum.api.answers import on_error
from hilum.api.limits import Limits, limited
from hilum.app.serving import Service
from hilum.errors import HilumError


def make_api(service: Service) -> FastAPI:
    """The application over one open bank. Its documents are served from the package; nothing loads from elsewhere."""
    api = FastAPI(
        title="Hilum 信种", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    api.state.service = service
    api.add_exception_handler(HilumError, on_error)
    api.state.limits = Limits(service.settings.rate_limit)
    api.include_router(taking.router, dependencies=[Depends(limited)])
    api.include_router(notices.router, dependencies=[Depends(limited)])
    api.include_router(documents.router)
    api.include_router(accounts.open_router)
    api.include_router(accounts.router)
    return api
