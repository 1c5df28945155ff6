"""The floor plan: where the windows are, for whoever draws the way to one."""

from queue_server.hall.core.model import Area, Spot
from queue_server.hall.live.views.parts import Moment, View, name, stamp, zone_line


def plan_view(moment: Moment) -> View:
    """The plan of the hall in metres, or `plan` None when nobody has drawn one."""
    hall = moment.hall
    plan = hall.about.plan
    return {
        "type": "plan",
        **stamp(moment),
        "version": hall.version,
        "plan": None
        if plan is None
        else {
            "width": plan.width,
            "height": plan.height,
            "waiting": spot(plan.waiting),
            "entrance": spot(plan.entrance),
        },
        "zones": [{**zone_line(zone), "area": area(zone.area)} for zone in hall.about.zones],
        "windows": [
            {"id": w.id, "label": name(w.name), "zone": w.zone_id, "spot": spot(w.spot)}
            for w in hall.windows.values()
        ],
    }


def spot(value: Spot | None) -> View | None:
    """A point, in metres."""
    return None if value is None else {"x": value.x, "y": value.y}


def area(value: Area | None) -> View | None:
    """A rectangle, in metres."""
    if value is None:
        return None
    return {"x": value.x, "y": value.y, "width": value.width, "height": value.height}
