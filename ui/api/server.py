"""How uvicorn is run."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI


def uvicorn_config(app: FastAPI) -> uvicorn.Config:
    """Quiet, and quick to leave."""
    return uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=5
    )
