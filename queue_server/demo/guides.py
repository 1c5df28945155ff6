"""The guides of the invented hall: what its catalogue knows, and the rest as a hall would have it.

Not all of them are complete, as in life: where a blank form or a sample is missing, the editor says so.
"""

import re
from typing import Final

from msgspec.structs import replace

from queue_server.catalogue.core import Matter
from queue_server.catalogue.core.guides import Guide, Paper, Source, Words, derived
from queue_server.demo.definition import Definition

FILLED_IN: Final = re.compile(r"(申请书|申请表|登记表|承诺书|委托书)$")
ISSUED: Final = re.compile(r"(证|证书|执照|户口簿|证明|许可证|合同|通知书)$")
DOCUMENT: Final = re.compile(r"(证|执照|许可|证明)")
PHONE: Final = "0826-5550100"
COMPLAINTS: Final = "0826-5550199"


def invented(matter: Matter, definition: Definition) -> Guide:
    """The guide of one matter."""
    hall, group = (
        definition.hall,
        next((each for each in definition.groups if each.id == matter.group_id), None),
    )
    where = Words() if group is None else Words(group.name.zh, group.name.en)
    is_document = bool(DOCUMENT.search(matter.name_zh))
    guide = derived(matter)
    return replace(
        guide,
        conditions=Words(
            "申请人符合本事项规定的条件，材料真实有效。",
            "The applicant qualifies, and the materials are true and valid.",
        ),
        materials=tuple(
            replace(paper, source=source(paper), filled_in=is_form(paper)) for paper in guide.materials
        ),
        place=Words(f"{hall.name.zh} {where.zh}".strip(), f"{hall.name.en}, {where.en}".strip(", ")),
        hours=Words("工作日 9:00–12:00，13:00–17:00", "Working days 9:00–12:00 and 13:00–17:00"),
        phone=PHONE,
        complaints=COMPLAINTS,
        result=Words(f"{matter.name_zh}结果", f"The result: {matter.name_en}"),
        result_is_document=is_document,
        basis=Words("示范数据：以公布的设定依据为准。", "Made-up data: what is published counts."),
    )


def source(paper: Paper) -> Source:
    """Where a material comes from, by its name."""
    if paper.exempt:
        return "shared"
    return "office" if ISSUED.search(paper.name.zh) else "applicant"


def is_form(paper: Paper) -> bool:
    """Whether it is a form that one fills in."""
    return FILLED_IN.search(paper.name.zh) is not None
