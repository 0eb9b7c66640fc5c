"""Makes the asserts of the shared contract tell what they compared."""

import pytest

pytest.register_assert_rewrite("tests.connectors.contract")
