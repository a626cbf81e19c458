"""The PostgreSQL server a test run works on: embedded, or in a container (LODGE_TEST_POSTGRES)."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from core.db.embedded import DEFAULTS, EmbeddedPostgres, PostgresUnavailable

UNSAFE_BUT_FAST: Final[Mapping[str, str]] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings for data nobody will miss after a crash: what was committed a moment before it may be lost."""


@contextmanager
def test_server() -> Iterator[str]:
    """Runs an empty server and yields its superuser's connection string, for asyncpg.

    LODGE_TEST_POSTGRES is `embedded` (the default) or `containers`; then LODGE_TEST_POSTGRES_IMAGE names the image,
    `postgres:18` by default. Ends the test run with one line where the server cannot be had.
    """
    match os.environ.get("LODGE_TEST_POSTGRES", "embedded"):
        case "embedded":
            server = _embedded()
        case "containers":
            server = _container(os.environ.get("LODGE_TEST_POSTGRES_IMAGE", "postgres:18"))
        case other:
            pytest.exit(f"LODGE_TEST_POSTGRES is {other!r}; it can be 'embedded' or 'containers'.", returncode=2)
    with server as dsn:
        yield dsn


@contextmanager
def _embedded() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="lodge-test-") as folder:
        server = EmbeddedPostgres(Path(folder), options=UNSAFE_BUT_FAST)
        try:
            server.start()
        except PostgresUnavailable as error:
            pytest.exit(str(error), returncode=2)
        try:
            yield server.dsn(server.superuser, "postgres")
        finally:
            server.stop()


@contextmanager
def _container(image: str) -> Iterator[str]:
    # Read when testcontainers is imported. Its reaper would be one more image to fetch; containers end with the run.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
    os.environ.setdefault("TC_POOLING_INTERVAL", "0.1")
    from docker.errors import DockerException  # type: ignore[import-untyped]
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.docker_client import DockerClient

    try:
        DockerClient().client.close()
    except DockerException as error:
        pytest.exit(f"LODGE_TEST_POSTGRES=containers, but Docker does not answer: {error}", returncode=2)
    password = secrets.token_urlsafe()
    container = PostgresContainer(image, username="postgres", password=password, dbname="postgres", driver=None)
    container.with_kwargs(shm_size="1g")  # for parallel queries; the data lie on disk, where many databases have room
    settings = {**DEFAULTS, **UNSAFE_BUT_FAST}
    container.with_command(["postgres", *(part for item in settings.items() for part in ("-c", "=".join(item)))])
    try:
        try:
            container.start()
        except DockerException as error:
            advice = "deploy/pg-image.sh builds one where no registry can be reached"
            pytest.exit(f"There is no container of {image} ({advice}): {error}", returncode=2)
        host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
        yield f"postgresql://postgres:{password}@{host}:{port}/postgres"
    finally:
        container.stop()
        container.get_docker_client().client.close()
