"""A complete guide, for the stories about guides."""

from msgspec.structs import replace

from queue_server.catalogue.core import Material, Matter, Scenario
from queue_server.catalogue.core.guides import Guide, Words, derived

PERMIT = Matter(
    code="M03",
    name_zh="食品经营许可",
    name_en="Food business permit",
    department_zh="市场监管局",
    department_en="Market regulation",
    theme="business",
    group_id="A",
    target_minutes=20,
    scenarios=(Scenario("new", "新办", "New permit"), Scenario("renewal", "延续", "Renewal")),
    materials=(
        Material("申请书", "Application"),
        Material("营业执照", "Business licence", exempt=True),
        Material("场所平面图", "Floor plan", tolerable=True, only=("new",)),
    ),
    committed_days=5,
    statutory_days=20,
)


def both(zh: str) -> Words:
    return Words(zh, zh)


def complete(matter: Matter = PERMIT) -> Guide:
    """A guide that could be published: nothing is missing."""
    guide = derived(matter)
    return replace(
        guide,
        conditions=both("有固定经营场所"),
        materials=tuple(replace(each, source=each.source or "applicant") for each in guide.materials),
        place=both("一楼综合窗口"),
        hours=both("周一至周五 9:00–17:00"),
        phone="0826-2222222",
        complaints="0826-12345",
        result=both("食品经营许可证"),
        result_sample="/samples/food.pdf",
        basis=both("《食品安全法》第三十五条"),
    )
