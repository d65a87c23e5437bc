"""How rare a find must be before it is taken for a leak and not for chance."""

from __future__ import annotations

import scipy

# Of a thousand products that hold nothing, at most about one may be refused for what stands there by chance.
RARE = 1e-3


def implausible(hits: int, expected: float) -> bool:
    """Say whether so many finds are more than chance gives, where it gives `expected` on average.

    The number of independent rare finds follows Poisson's law; one find needs ``expected < RARE``.
    """
    return hits > 0 and float(scipy.special.pdtrc(hits - 1, expected)) < RARE
