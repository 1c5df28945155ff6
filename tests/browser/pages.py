"""Every page of the house, a line each. From this table come, for each page:

* what `test_every_page.py` asks of it, in both languages and every mode: axe, silence, the security policy, no
  stranger, no complaint, targets one can hit, all by keyboard, letters one can read, no untold word;
* its picture in docs/screenshots (`./jinghao screenshots`), which docs/screens.md has to show.

Paths have places for what is in the living hall (living.py): {hall} {window} {desk} {zone} {called} {waiting}
{case} {code} {rating}.
A page that is not here fails `test_every_page_of_the_house_is_in_the_table`.
"""

from dataclasses import dataclass
from enum import Enum

from queue_server.hall.admin.routes import AREAS
from queue_server.people.core import Role


class Kind(Enum):
    """Where a page lives: its size in CSS pixels, and the least a finger needs there."""

    WALL = (1920, 1080, 0)  # Nobody touches it.
    PILLAR = (1080, 1920, 0)
    KIOSK = (1080, 1920, 60)
    PHONE = (390, 844, 44)
    TABLET = (820, 1180, 44)
    GUIDE = (820, 1180, 60)  # In one hand, walking.
    DESK = (1366, 768, 24)  # A mouse: WCAG 2.2, 2.5.8.

    @property
    def size(self) -> tuple[int, int]:
        return self.value[0], self.value[1]

    @property
    def target_px(self) -> int:
        return self.value[2]


@dataclass(frozen=True)
class Page:
    """One page, as one reader meets it."""

    name: str  # Of its picture, and of its tests.
    path: str
    kind: Kind
    who: Role | str | None = None  # Signed in with this role, or as the clerk of this window.
    chinese_only: bool = False  # A document, which is in Chinese whoever prints it.
    elder: bool = False  # It has a switch for elder mode: `data-enlarge`.
    ready: str = "html"  # It is complete once this is visible.


PAGES = (
    Page("lobby", "/displays/{hall}/lobby", Kind.WALL, ready=".call"),
    Page("window", "/displays/{hall}/windows/{window}", Kind.WALL, ready="body[data-state=calling]"),
    Page("zone", "/displays/{hall}/screens/ZONE-1", Kind.WALL, ready="[data-number]"),
    Page("far", "/displays/{hall}/screens/FAR-1", Kind.WALL, ready="[data-number]"),
    Page("collection", "/displays/{hall}/screens/ISSUE-1", Kind.WALL, ready=".result"),
    Page("pillar", "/displays/{hall}/screens/PILLAR-1", Kind.PILLAR, ready="[data-number]"),
    Page("kiosk", "/kiosk/{hall}", Kind.KIOSK, elder=True, ready="[data-common] button"),
    Page("take", "/take/{hall}", Kind.PHONE, elder=True, ready="[data-common] button"),
    Page("phone", "/t/{waiting}", Kind.PHONE, elder=True, ready="[data-line]"),
    Page("phone-called", "/t/{called}", Kind.PHONE, elder=True, ready="[data-plan] svg"),
    Page("console", "/clerk/{hall}/{desk}", Kind.DESK, who="08", ready="body[data-state=serving]"),
    Page("console-choose", "/clerk", Kind.DESK, who="08", ready="[data-consoles] a"),
    Page("intake", "/intake/{hall}/{desk}", Kind.DESK, who="08", ready="[data-items] li"),
    Page("case", "/cases/{hall}/{case}", Kind.DESK, who=Role.REVIEWER, ready="[data-items] li"),
    Page(
        "case-paper",
        "/cases/{hall}/{case}/receipt",
        Kind.DESK,
        who=Role.REVIEWER,
        chinese_only=True,
        ready="main",
    ),
    Page("matters", "/matters/{hall}", Kind.PHONE, ready=".matters a"),
    Page("matter", "/matters/{hall}/M03", Kind.PHONE, ready=".chart"),
    Page("catalogue", "/catalogue/{hall}", Kind.DESK, who=Role.ADMIN, ready="[data-guides] tr"),
    Page("editor", "/catalogue/{hall}/M03", Kind.DESK, who=Role.ADMIN, ready=".element"),
    Page("delegations", "/delegations/{hall}", Kind.DESK, who=Role.REVIEWER, ready="[data-letters] tr"),
    Page("inbox", "/inbox/{hall}", Kind.DESK, who=Role.REVIEWER, ready="[data-cases] a"),
    Page("arrivals", "/arrivals/{hall}", Kind.DESK, who="08", ready="[data-cases] a"),
    Page("agent", "/agent/{hall}", Kind.PHONE, who=Role.AGENT, ready="[data-cases] li"),
    Page("register", "/register/{hall}", Kind.DESK, who=Role.REVIEWER, ready="[data-cases] a"),
    Page("knowledge", "/knowledge/{hall}", Kind.DESK, who=Role.REVIEWER, ready="[data-entries] button"),
    Page("progress", "/case/{code}", Kind.PHONE, ready="main"),
    Page("issue", "/issue/{hall}", Kind.DESK, who="14", ready="main"),
    Page(
        "delivery",
        "/issue/{hall}/deliveries/1",
        Kind.DESK,
        who=Role.MANAGER,
        chinese_only=True,
        ready="main",
    ),
    Page("rate", "/rate/{rating}", Kind.PHONE, ready="form"),
    Page("ratings", "/ratings/{hall}", Kind.DESK, who=Role.MANAGER, ready=".task"),
    Page("guide", "/guide/{hall}", Kind.GUIDE, who=Role.GUIDE, ready="[data-tasks] .errand"),
    Page("overview", "/overview/{hall}", Kind.DESK, who=Role.MANAGER, ready="[data-windows] button"),
    Page("learned", "/overview/{hall}/learned", Kind.DESK, who=Role.MANAGER, ready="[data-groups] h2"),
    Page("admin", "/admin/{hall}", Kind.DESK, who=Role.ADMIN, ready="main"),
    *(
        Page(f"admin-{area}", f"/admin/{{hall}}/{area}", Kind.DESK, who=Role.ADMIN, ready="main")
        for area in AREAS[1:]
    ),
    Page("admin-halls", "/admin", Kind.DESK, who=Role.ADMIN, ready="main"),
    Page("sign-in", "/sign-in", Kind.DESK, ready="form"),
    Page("all-pages", "/", Kind.DESK, ready="[data-consoles] a"),
)

LANGUAGES = ("zh", "en")
VISITS = [
    (page, language, False) for page in PAGES for language in LANGUAGES[: 1 if page.chinese_only else 2]
]
VISITS += [(page, language, True) for page in PAGES if page.elder for language in LANGUAGES]


def named(visit: tuple[Page, str, bool]) -> str:
    """The name of a visit in a test report."""
    page, language, elder = visit
    return f"{page.name}-{language}{'-elder' if elder else ''}"
