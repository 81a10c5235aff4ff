"""What the screens of handovers are tested with: the same people and things as the services."""

from tests.handover.conftest import (  # noqa: F401
    at,
    desk,
    dollars,
    hand_over,
    heir,
    leaver,
    make_contract,
    make_customer,
    make_sale,
    prepare,
    second_heir,
)
