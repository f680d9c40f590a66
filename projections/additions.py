"""What a package beside the service adds to it, without a change of the service.

A package names one object of this class as an entry point of the group `journey.projections`:

    [project.entry-points."journey.projections"]
    loyalty = "loyalty_stamps:ADDITIONS"

and the service finds it when it starts, wherever it is installed beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from projections.view import View

GROUP = "journey.projections"


@dataclass(frozen=True, slots=True)
class Additions:
    """Views, and names of interactions and kinds of journeys.

    `views` react to any interaction, also to custom ones, and are kept, read, listed, watched and
    rebuilt as the service's own. `declarations` is TOML as in a file of declarations: [[kind]] for
    kinds of journeys, [[interaction]] for names of custom interactions, who may send them and for
    which purpose.
    """

    views: Sequence[View] = ()
    declarations: str = ""
