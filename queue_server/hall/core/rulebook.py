"""What each rule of a hall is called and means, in both languages, and within which bounds it makes sense."""

from typing import Literal

from msgspec import Struct

from queue_server.hall.core.model import Name, Rules

Unit = Literal["seconds", "people", "times", "places", "digits", "tickets", "yes"]


class Rule(Struct, frozen=True):
    """One rule: `least` and `most` are its bounds; a rule with the unit `yes` is on or off."""

    id: str
    unit: Unit
    name: Name
    means: Name
    least: int = 0
    most: int = 1


def default(rule: Rule) -> int | bool:
    """What holds in a hall that says nothing else."""
    value: int | bool = getattr(Rules(), rule.id)
    return value


def spelled(rule: Rule, value: int | bool) -> Name:
    """A value with its unit, as people read it.

    >>> grace = next(rule for rule in RULEBOOK if rule.id == "call_grace_seconds")
    >>> spelled(grace, 180).zh, spelled(grace, 90).en
    ('3分钟', '90 s')
    """
    number = int(value)
    match rule.unit:
        case "yes":
            return Name("是", "yes") if value else Name("否", "no")
        case "seconds" if number and number % 60 == 0:
            return Name(f"{number // 60}分钟", f"{number // 60} min")
        case "seconds":
            return Name(f"{number}秒", f"{number} s")
        case "people":
            return Name(f"{number}人", f"{number} people")
        case "times":
            return Name(f"{number}次", f"{number}×")
        case "places":
            return Name(f"{number}位", f"{number} places")
        case "digits":
            return Name(f"{number}位数字", f"{number} digits")
        case "tickets":
            return Name(f"{number}张", f"{number} tickets")


RULEBOOK: tuple[Rule, ...] = (
    Rule(
        "call_grace_seconds",
        "seconds",
        Name("到窗等候时间", "Time to come"),
        Name(
            "叫号后给群众走到窗口的时间；之后可作过号处理。",
            "How long the person called has to come before they may be marked as missed.",
        ),
        10,
        3600,
    ),
    Rule(
        "misses_itself",
        "yes",
        Name("超时自动过号", "Missed by itself"),
        Name(
            "到窗等候时间一过，系统自动标记过号；关闭则由窗口人员操作。",
            "The system marks a call as missed when the time to come is over; else the clerk does.",
        ),
    ),
    Rule(
        "recalls_max",
        "times",
        Name("重呼次数上限", "Recalls"),
        Name("同一次叫号最多可重呼几次。", "How often one call may be repeated."),
        0,
        10,
    ),
    Rule(
        "recall_gap_seconds",
        "seconds",
        Name("重呼间隔", "Time between recalls"),
        Name("两次呼叫之间至少间隔多久。", "The least time between a call and its repetition."),
        1,
        600,
    ),
    Rule(
        "undo_seconds",
        "seconds",
        Name("撤回叫号时限", "Time to undo a call"),
        Name("叫号后多久之内窗口可以撤回。", "How long a clerk can take a call back."),
        0,
        300,
    ),
    Rule(
        "return_within_seconds",
        "seconds",
        Name("过号后复号时限", "Time to come back"),
        Name("过号后多久之内可以复号，不必重新取号。", "How long after a missed call one may come back."),
        0,
        28_800,
    ),
    Rule(
        "return_places",
        "places",
        Name("复号顺延位数", "Places behind after coming back"),
        Name("复号后排在几位之后，既不插队也不重排。", "How many people go before somebody who came back."),
        0,
        50,
    ),
    Rule(
        "returns_max",
        "times",
        Name("复号次数上限", "Times one may come back"),
        Name("同一张号票最多复号几次。", "How often one ticket may come back after a missed call."),
        0,
        10,
    ),
    Rule(
        "near_ahead",
        "people",
        Name("临近提醒：前面人数", "Reminder: people ahead"),
        Name("前面还有几人时提醒即将叫号。", "Said to be near when so few people are ahead."),
        0,
        50,
    ),
    Rule(
        "near_seconds",
        "seconds",
        Name("临近提醒：剩余时间", "Reminder: time left"),
        Name("预计还有多久叫号时提醒。", "Said to be near when the call is expected within this time."),
        0,
        7200,
    ),
    Rule(
        "defers_max",
        "times",
        Name("延后次数上限", "Times one may let others pass"),
        Name("同一张号票最多主动延后几次。", "How often one ticket may let others pass."),
        0,
        20,
    ),
    Rule(
        "defer_places_max",
        "places",
        Name("每次延后位数上限", "Places per deferral"),
        Name("每次最多让几位先办。", "How many people one may let pass at a time."),
        1,
        100,
    ),
    Rule(
        "hold_limit_seconds",
        "seconds",
        Name("挂起时限", "Longest hold"),
        Name("业务最长可挂起多久，等群众补材料。", "How long a service may wait for the citizen to return."),
        60,
        28_800,
    ),
    Rule(
        "hops_max",
        "times",
        Name("转窗次数上限", "Transfers"),
        Name(
            "同一张号票最多转几次窗口组，避免来回跑。", "How often one ticket may be sent to another group."
        ),
        0,
        20,
    ),
    Rule(
        "green_head_start_seconds",
        "seconds",
        Name("绿色通道提前量", "Head start of the green channel"),
        Name(
            "绿色通道群众按早到这么久排队；绿色窗口始终先叫绿色通道。",
            "Green tickets count as taken so much earlier; a green window calls them first in any case.",
        ),
        0,
        28_800,
    ),
    Rule(
        "overtaken_max",
        "people",
        Name("被超过人数上限", "Most people who may go before"),
        Name(
            "同一位群众最多被几位后来的人先叫到；到此人数，所有窗口都先叫他（她）。",
            "So many people who came later may be called before one; then every window calls that one first.",
        ),
        1,
        99,
    ),
    Rule(
        "green_in_a_row_max",
        "times",
        Name("绿色通道连续叫号上限", "Green calls in a row"),
        Name(
            "连续叫几位绿色通道群众后，轮到等候过久的普通群众。",
            "After so many green calls in a row, an ordinary ticket past the guard is called.",
        ),
        1,
        20,
    ),
    Rule(
        "ordinary_guard_seconds",
        "seconds",
        Name("普通群众等候保护", "Guard of ordinary tickets"),
        Name(
            "普通号票等候超过此时长，即受上一条保护。",
            "An ordinary ticket that has waited longer is protected by the rule above.",
        ),
        0,
        28_800,
    ),
    Rule(
        "widened_seconds_min",
        "seconds",
        Name("协助至少持续", "Least help to another group"),
        Name(
            "某组预计等候超过目标时，会办的窗口临时协助；一旦协助，至少持续这么久。",
            "When people of a group would wait past its target, trained windows help; once they do, so long at least.",
        ),
        60,
        14_400,
    ),
    Rule(
        "open_before_seconds",
        "seconds",
        Name("提前开门", "Open the books before"),
        Name("每天首个开放时段前多久开始当日登记。", "How long before its first session the day opens."),
        0,
        14_400,
    ),
    Rule(
        "extension_seconds",
        "seconds",
        Name("闭厅后延续", "Extension after closing"),
        Name("闭厅后最多再办理多久，办完已取号的群众。", "How long those who are still there are served."),
        0,
        28_800,
    ),
    Rule(
        "carry_over_waiting",
        "yes",
        Name("未办号票转次日", "Carry people over"),
        Name(
            "闭厅时仍在等候的号票保留到次日；否则作失效处理。",
            "Whoever still waits at closing keeps the place the next day; else the ticket ends.",
        ),
    ),
    Rule(
        "skill_gap_blocks",
        "yes",
        Name("技能不符不得开窗", "Skill gaps block"),
        Name(
            "窗口人员不会办该窗口全部业务时不得开窗；否则只作提示。",
            "A clerk who cannot do everything at a window may not open it; else it is only said.",
        ),
    ),
    Rule(
        "presence_required",
        "yes",
        Name("须到现场扫码", "Only people in the hall"),
        Name(
            "手机取号须先扫大厅屏幕上的动态二维码；关闭则可在任何地方取号，也可张贴固定二维码。",
            "A phone takes a ticket only after scanning a screen's changing code; else from anywhere.",
        ),
    ),
    Rule(
        "words_from_afar",
        "yes",
        Name("短信、微信文字可异地取号", "By word from anywhere"),
        Name(
            "须到现场扫码时，仍可发短信或微信“取号”。",
            "Where presence is required, 取号 by short message or in WeChat still takes a ticket.",
        ),
    ),
    Rule(
        "account_code",
        "yes",
        Name("屏幕显示公众号二维码", "Screens show the account's code"),
        Name(
            "有微信公众号时，扫屏幕即关注公众号并取号；公众号不可用时自动显示普通二维码。",
            "With an official account in WeChat, a scan takes a ticket; should it fail, the plain code shows.",
        ),
    ),
    Rule(
        "phone_code_required",
        "yes",
        Name("手机号须验证", "Phones are proven"),
        Name(
            "取号时不收未验证的手机号，取号后凭短信验证码开通，自助机上也是；导办台不受影响。",
            "No unproven number is taken with a ticket; a code binds it afterwards, at kiosks too. Not at the desk.",
        ),
    ),
    Rule(
        "wechat_binding",
        "yes",
        Name("号票页面可开通微信提醒", "Messages in WeChat"),
        Name(
            "有微信公众号时，在微信中打开号票页面的群众点一下即可在微信中收到叫号。",
            "With an official account, whoever opens the ticket in WeChat may hear of the call there by one tap.",
        ),
    ),
    Rule(
        "tickets_per_person_max",
        "tickets",
        Name("每人最多持票", "Tickets of one person"),
        Name(
            "同一人（微信、已验证手机或扫码的手机）未办结的号票最多几张；同一业务总是一张。",
            "How many open tickets one person has, in WeChat or by a phone that is known; of each service one.",
        ),
        1,
        20,
    ),
    Rule(
        "number_width",
        "digits",
        Name("号码位数", "Digits of a number"),
        Name("号码字母后面的数字位数，如 A001 为3位。", "Digits behind the letter: A001 has three."),
        2,
        5,
    ),
)
