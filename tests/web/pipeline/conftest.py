"""The pipeline's fixtures, for its screens."""

from tests.pipeline.conftest import (  # noqa: F401
    at,
    customer,
    deal,
    dollars,
    make,
    process,
    product,
    reason,
    rival,
    stages,
)
