import pytest
import store_sample

from gridmap.store import MemoryStore, create_store


@pytest.fixture
def spec():
    return store_sample.SPEC


@pytest.fixture
def path(tmp_path):
    return tmp_path / "border.gpkg"


@pytest.fixture
def stored(path, spec):
    """A store on disk with a small area in it."""
    return create_store(path, spec, store_sample.area())


@pytest.fixture(params=["disk", "memory"])
def any_store(request, path, spec):
    """Both stores: they must do the same."""
    if request.param == "disk":
        return create_store(path, spec, store_sample.area())
    return MemoryStore(spec, store_sample.area())
