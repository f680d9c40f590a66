"""What can be read by name: which views there are, and who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journey_service.domain.errors import FieldViolations, ProjectionNotFound, RoleNotAllowed
from journey_service.domain.identity import Principal
from journey_service.ports_of_rebuilds import Rebuilds
from journey_service.ports_of_views import StateLists, Stops
from projections.view import Catalogue, DerivedView, StoredView, View


@dataclass(frozen=True, slots=True)
class Projected:
    """The views of this deployment, and what is kept of them besides the states of subjects."""

    catalogue: Catalogue
    lists: StateLists
    stops: Stops
    rebuilds: Rebuilds

    def view(self, name: str) -> View:
        """The view of this name. Raises ProjectionNotFound, which names those that there are."""
        found = self.catalogue.find(name)
        if found is None:
            known = ", ".join(sorted(view.name for view in self.catalogue))
            raise ProjectionNotFound(
                f"There is no projection {name!r}. There are: {known}.", projection=name
            )
        return found

    def readable(self, principal: Principal, name: str) -> View:
        """The view, if the caller may read its states. ProjectionNotFound, RoleNotAllowed."""
        view = self.view(name)
        if principal.role not in view.read_roles:
            raise RoleNotAllowed(
                f"The caller's role may not read states of {name}.", projection=name
            )
        return view

    def stored(self, view: View) -> StoredView[Any]:
        """The view, if it has states of its own. Raises FieldViolations."""
        if isinstance(view, DerivedView):
            raise FieldViolations.one(
                "projection",
                f"{view.name} is made of the customer's journeys when it is read and nothing of it "
                "is stored; GetState reads it, one customer at a time",
            )
        return view
