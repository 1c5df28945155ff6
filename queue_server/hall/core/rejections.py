"""Why a hall says no. Each is a state of the world; its docstring is the sentence people read.

`code` is the class name in snake case and never changes. Facts given to a rejection travel with the
answer: `state` is always the present state of what was asked about.
"""

from queue_server.kit.rejections import Rejected


class HallUnknown(Rejected):
    """There is no such hall."""

    status = 404
    zh = "没有这个大厅。"


class GroupUnknown(Rejected):
    """There is no such window group in this hall."""

    status = 404
    zh = "本大厅没有这个窗口组。"


class WindowUnknown(Rejected):
    """There is no such window in this hall."""

    status = 404
    zh = "本大厅没有这个窗口。"


class DeviceUnknown(Rejected):
    """There is no such device in this hall."""

    status = 404
    zh = "本大厅没有这台设备。"


class LayoutUnknown(Rejected):
    """There is no layout {layout} in this hall."""

    status = 404
    zh = "本大厅没有名为{layout}的布局。"


class WindowNotChosen(Rejected):
    """This display shows one window, and nobody has said which."""

    status = 404
    zh = "这块屏幕显示单个窗口，但尚未指定是哪个窗口。"


class ScanNeeded(Rejected):
    """Tickets are for people in the hall. Please scan the code on one of its screens."""

    status = 403
    zh = "请扫描大厅屏幕上的二维码，再取号。"


class HallCodeOld(Rejected):
    """This code is no longer valid. Please scan the one on the hall's screen again."""

    status = 403
    zh = "二维码已更新，请重新扫描大厅屏幕上的二维码。"


class TerminalUnknown(Rejected):
    """This terminal has not been set up yet. Please ask a guide."""

    status = 403
    zh = "本机尚未启用，请找导办人员。"


class PhoneCodeWrong(Rejected):
    """This is not the code we sent, or it is older than five minutes or was tried too often."""

    zh = "验证码不正确，或已过期、输错次数过多，请重新获取。"


class PhoneHasTicket(Rejected):
    """This phone has {number} for the same service already. If it is a relative's, please say so."""

    zh = "该手机已有同一业务的号票{number}。如是家属手机，请勾选“家属手机”。"


class PhoneWantsNone(Rejected):
    """This phone has asked for no messages. Answer START to any of them to have them again."""

    zh = "该手机号已退订短信；回复“订阅”后可重新开通。"


class PhoneNotProven(Rejected):
    """Take the ticket without a phone; then have a code sent to it on the ticket's page."""

    zh = "请先取号，再在号票页面凭验证码开通短信提醒。"


class TooManyPhoneCodes(Rejected):
    """A code was sent just now. Please try again in {retry_after_seconds} seconds."""

    status = 429
    zh = "验证码发送过于频繁，请在{retry_after_seconds}秒后再试。"


class TicketsEnough(Rejected):
    """You hold {count} open tickets already ({numbers}). Take another one when one of them is done."""

    zh = "您已有{count}张未办结的号票（{numbers}），办完一张后可再取。"


class TooManyTickets(Rejected):
    """Too many tickets were taken from here. Try again in {retry_after_seconds} seconds, or use a kiosk in the hall."""

    status = 429
    zh = "取号过于频繁，请在{retry_after_seconds}秒后再试，或在大厅自助机、导办台取号。"


class TooQuick(Rejected):
    """That was quicker than anybody reads. Please press again."""

    status = 429
    zh = "操作过快，请再按一次。"


class TicketUnknown(Rejected):
    """There is no such ticket."""

    status = 404
    zh = "没有这张号票。"


class TicketPast(Rejected):
    """This ticket belongs to a day that is over."""

    status = 410
    zh = "这张号票所属的办理日已经结束。"


class NumberUnknown(Rejected):
    """There is no such number in this hall today."""

    status = 404
    zh = "本大厅今天没有这个号码。"


class HallClosed(Rejected):
    """The hall is closed."""

    zh = "大厅现在不对外服务。"


class GroupClosed(Rejected):
    """Tickets for this service are not being issued at this hour."""

    zh = "该业务现在不取号。"


class TooFewWindows(Rejected):
    """This group has no more than {closed} closed windows that could be opened."""

    status = 422
    zh = "该窗口组可以再开的窗口只有{closed}个。"


class NotToday(Rejected):
    """Whoever takes a number for this service now would not be served any more today. Please come on another day."""

    zh = "现在取号今天已办不到，该业务今天停止取号，请改日再来。"


class GroupFull(Rejected):
    """As many people are waiting for this service as it can take today."""

    zh = "该业务排队人数已满。"


class NoWindowForGroup(Rejected):
    """No window of the hall serves this group."""

    zh = "没有窗口办理该窗口组的业务。"


class TicketEnded(Rejected):
    """This ticket has already ended."""

    zh = "该号票已结束。"


class WrongTicketState(Rejected):
    """That cannot be done with the ticket as it stands."""

    zh = "号票当前状态下不能这样操作。"


class DefersUsedUp(Rejected):
    """The ticket has let others pass as often as the rules allow."""

    zh = "延后次数已用完。"


class WalkTooLong(Rejected):
    """The way may take up to {minutes_max} minutes. Whoever is further away takes a ticket later."""

    status = 422
    zh = "路上时间最多{minutes_max}分钟，路程更远请稍后再取号。"


class TooManyPlaces(Rejected):
    """That is more places than the rules allow to let pass at once."""

    status = 422
    zh = "延后的位数超过规定。"


class NobodyBehind(Rejected):
    """Nobody waits behind this ticket, so there is nobody to let pass."""

    zh = "后面没有人在等候，无需延后。"


class ReturnsUsedUp(Rejected):
    """The ticket has come back as often as the rules allow."""

    zh = "过号复号次数已用完。"


class ReturnTooLate(Rejected):
    """The time in which a missed ticket may come back is over."""

    zh = "已超过复号时限。"


class WindowNotOpen(Rejected):
    """Nobody is signed in at this window."""

    zh = "该窗口尚未到岗。"


class WindowTaken(Rejected):
    """Another console is signed in at this window. It can be taken over."""

    zh = "该窗口已在另一台电脑上到岗，可以接管。"


class ClerkElsewhere(Rejected):
    """This clerk is already signed in at another window."""

    zh = "该工作人员已在另一个窗口到岗。"


class MentorAway(Rejected):
    """A trainee can open a window only while the mentor is signed in."""

    zh = "带教人员未到岗，学员不能单独开窗。"


class SkillGap(Rejected):
    """This clerk cannot serve every matter of an any-matter window."""

    zh = "该人员不能办理无差别窗口的全部事项。"


class NothingToServe(Rejected):
    """This clerk has no skill for anything this window offers."""

    zh = "该人员不具备本窗口任何业务的办理资格。"


class WindowBusy(Rejected):
    """Somebody is already called to this window or being served there."""

    zh = "本窗口正在叫号或办理中。"


class WindowPausedNow(Rejected):
    """This window is paused."""

    zh = "本窗口已暂停服务。"


class WindowNotPaused(Rejected):
    """This window is not paused."""

    zh = "本窗口没有暂停。"


class WindowHoldsTickets(Rejected):
    """Tickets are on hold at this window. Finish them or hand them over first."""

    zh = "本窗口还有挂起的号票，请先办结或移交。"


class NobodyWaiting(Rejected):
    """No one is waiting for anything this window offers."""

    zh = "没有本窗口可办理的等候人员。"


class NobodyCalled(Rejected):
    """Nobody is called to this window."""

    zh = "本窗口没有已叫的号。"


class NobodyServed(Rejected):
    """Nobody is being served at this window."""

    zh = "本窗口没有正在办理的号。"


class NotAtThisWindow(Rejected):
    """The ticket is not at this window."""

    zh = "该号票不在本窗口。"


class CannotServe(Rejected):
    """This window and its clerk cannot serve that ticket."""

    zh = "本窗口或工作人员不能办理该号票的事项。"


class ReasonNeeded(Rejected):
    """This needs a reason."""

    status = 422
    zh = "请填写原因。"


class RecallsUsedUp(Rejected):
    """The call was repeated as often as the rules allow."""

    zh = "重呼次数已用完。"


class RecallTooSoon(Rejected):
    """The call was made a moment ago; it can be repeated a little later."""

    zh = "刚刚叫过号，请稍后再重呼。"


class GraceNotOver(Rejected):
    """The citizen still has time to come."""

    zh = "尚在到窗等候时间内，不能作过号处理。"


class UndoTooLate(Rejected):
    """The call was made too long ago to be taken back."""

    zh = "叫号已超过可撤回时间。"


class HoldTooLong(Rejected):
    """That is longer than a service may be on hold."""

    status = 422
    zh = "挂起时间超过规定。"


class SameGroup(Rejected):
    """The ticket is already in that group."""

    zh = "号票已在该窗口组。"


class HopsUsedUp(Rejected):
    """The citizen has been sent on as often as the rules allow. Please finish it here."""

    zh = "转窗次数已达上限，请在本窗口办结。"


class OutcomeForUnknownMatter(Rejected):
    """An outcome was given for a matter that is not on this ticket."""

    status = 422
    zh = "所填结果对应的事项不在该号票上。"


class DayAlreadyOpen(Rejected):
    """The books of this day are already open."""

    zh = "当日已开门营业。"


class DayInThePast(Rejected):
    """A later day has been opened since."""

    zh = "不能打开更早的日期。"


class StillServing(Rejected):
    """Somebody is still called or being served; the day closes after them."""

    zh = "仍有人正在叫号或办理，完成后方可闭厅。"


class GroupStranded(Rejected):
    """{waiting} people are here for group {group} ({who}), and no window would serve it any more."""

    zh = "{group}组还有{waiting}人等候或办理中（{who}），更改后将没有窗口办理该窗口组。"


class WindowInUse(Rejected):
    """{clerk} is signed in at window {window}. It can be taken away after they have signed out."""

    zh = "{clerk}正在{window}号窗口在岗，离岗后才能撤销该窗口。"


class ConfigurationWrong(Rejected):
    """A hall cannot be like this; {count} things are wrong, and `problems` says which and why."""

    status = 422
    zh = "大厅配置有{count}处错误，请按 problems 逐项更正。"


class ConfigurationMoved(Rejected):
    """Somebody has saved another version meanwhile: look at it, and save yours on top of it."""

    zh = "其间有人保存了新的版本，请查看后再保存您的更改。"


class HallExists(Rejected):
    """There is a hall with this id already."""

    zh = "已有这个编号的大厅。"


class VersionUnknown(Rejected):
    """There is no such version of the configuration."""

    status = 404
    zh = "没有这个配置版本。"


class NobodyToFetch(Rejected):
    """Nobody is to be fetched for this ticket now."""

    zh = "该号票现在不需要接。"


class SomebodyGoes(Rejected):
    """{guide} is already on the way to this citizen."""

    zh = "{guide}已去接这位群众。"


class NotYourErrand(Rejected):
    """It is not you who goes to fetch this citizen."""

    zh = "这位群众不是由您去接的。"


class NothingToDo(Rejected):
    """It is already so."""

    zh = "状态未改变，无需操作。"
