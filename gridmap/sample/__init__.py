"""The synthetic border area: a schematic, seeded stand-in for a real one."""

from typing import TYPE_CHECKING

from gridmap.lazy import attach

if TYPE_CHECKING:
    from gridmap.sample.area import demo_settings, demo_tables
    from gridmap.sample.faults import plant_faults
    from gridmap.sample.relief import relief_grid
    from gridmap.sample.unstorable import FILE_NAME, unstorable_file
else:
    __getattr__, __dir__ = attach(
        __name__,
        {
            "area": ("demo_settings", "demo_tables"),
            "faults": ("plant_faults",),
            "relief": ("relief_grid",),
            "unstorable": ("FILE_NAME", "unstorable_file"),
        },
    )

__all__ = ["FILE_NAME", "demo_settings", "demo_tables", "plant_faults", "relief_grid", "unstorable_file"]
