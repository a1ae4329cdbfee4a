"""What every test shares: where the project and the outside data are, how long Hypothesis looks, and clean settings."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HILUM_SHARED") or ROOT.parent / "shared").resolve()

# The machine decides nothing: the same examples everywhere, no deadline. HYPOTHESIS_PROFILE=long looks further.
settings.register_profile("usual", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own ``HILUM_*`` settings must not reach the code under test (``HILUM_TEST_*`` are for tests)."""
    for name in list(os.environ):
        if name.startswith("HILUM_") and name != "HILUM_SHARED" and not name.startswith("HILUM_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; what needs it is skipped where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("no real data beside the project: set HILUM_SHARED to the folder that has data/")
    return folder


@pytest.fixture(scope="session")
def tcga(shared_data: Path) -> Path:
    """The folder of TCGA biobank archives (one ``<cohort>.tar.xz`` each)."""
    folder = shared_data / "tcga"
    if not any(folder.glob("*.tar.xz")):
        pytest.skip(f"no TCGA archives in {folder}")
    return folder
