"""Why something cannot be done with a case. Each docstring is the sentence the clerk reads."""

from queue_server.kit.rejections import Rejected


class CaseUnknown(Rejected):
    """There is no such case here."""

    status = 404
    zh = "没有这个办件。"


class CaseCodeUnknown(Rejected):
    """There is no case with this code. Please compare it with your receipt."""

    status = 404
    zh = "没有查到该查询码，请与回执核对。"


class CasePast(Rejected):
    """This case was closed long ago and can no longer be looked up here."""

    status = 410
    zh = "该办件已办结较久，不再提供查询。"


class PaperMissing(Rejected):
    """This document does not exist for this case yet."""

    status = 404
    zh = "该办件尚无此文书。"


class CaseChanged(Rejected):
    """Somebody else has just changed this case. Please look at it again."""

    zh = "该办件刚被他人更新，请查看后再操作。"


class CaseElsewhere(Rejected):
    """This case is at the stage {stage}, where that cannot be done."""

    zh = "该办件处于{stage}阶段，不能进行此操作。"


class TicketNotServed(Rejected):
    """A case is opened while its ticket is being served."""

    zh = "办件须在办理该号票时登记。"


class MatterNotAsked(Rejected):
    """The ticket was not taken for the matter {matter}, and it belongs to another group of windows."""

    status = 422
    zh = "该号票并非为事项{matter}所取，且该事项由其他窗口组办理。"


class ScenarioNeeded(Rejected):
    """Please say which scenario it is: that chooses the checklist."""

    status = 422
    zh = "请先选定情形，材料清单随之确定。"


class AgentBrought(Rejected):
    """Whoever has brought a case for somebody neither accepts it nor decides on it."""

    status = 403
    zh = "代办人员不得受理或审批自己代办的办件。"


class ParcelKnown(Rejected):
    """The parcel {waybill} is with this case already."""

    zh = "邮件{waybill}已登记在该办件中。"


class PostmarkUnfit(Rejected):
    """Nothing arrives before it was posted. Please look at the postmark again."""

    status = 422
    zh = "寄出日期不能晚于今天，请核对邮戳。"


class NotDecided(Rejected):
    """Nothing was decided, so there is no result to deliver."""

    zh = "该办件未作出决定，没有可送达的结果。"


class DeliveredAlready(Rejected):
    """The result was delivered and signed for already."""

    zh = "该办件的结果已送达并签收。"


class PapersUnchecked(Rejected):
    """Please account for each paper that was handed in: {count} are neither returned nor kept."""

    status = 422
    zh = "请逐件核实交出的材料：还有{count}份未注明退还或留存。"


class MaterialUnknown(Rejected):
    """The checklist of this case has no such material. Nothing outside the catalogue may be asked for."""

    status = 404
    zh = "办件清单中没有该材料；不得索要目录以外的材料。"


class FaultMissing(Rejected):
    """Please say what is wrong with the material, and only of one that cannot be used."""

    status = 422
    zh = "请注明材料不符合要求的原因；仅不符合要求的材料填写。"


class Unchecked(Rejected):
    """{count} materials have not been looked at yet."""

    zh = "还有{count}份材料未核对。"


class NothingMissing(Rejected):
    """Nothing is missing, so there is nothing to notify of."""

    zh = "材料齐全，无需一次性告知。"


class SecondNotice(Rejected):
    """Everything is told in one notice. A second one needs a manager's approval."""

    zh = "应一次性告知全部内容，再次告知须经管理员批准。"


class NoNoticeYet(Rejected):
    """A second notice can only be approved after a first one."""

    zh = "尚未发出一次性告知，无需批准再次告知。"


class NotTolerable(Rejected):
    """Not every gap may be filled later: {material} is needed now."""

    zh = "并非所有缺件都可容缺：{material}须当场补齐。"


class PromiseNeeded(Rejected):
    """The gaps may be filled later, against a signed promise with a date."""

    zh = "缺件可容缺受理，须签署承诺并约定补齐日期。"


class PromiseDayUnfit(Rejected):
    """The promised day is a working day after today, and not after {latest}."""

    status = 422
    zh = "承诺补齐日期须为今天之后的工作日，且不晚于{latest}。"


class PromiseBroken(Rejected):
    """This applicant has broken a promise before, so nothing can be accepted with gaps."""

    zh = "该申请人曾未履行容缺承诺，不适用容缺受理。"


class DebtsOpen(Rejected):
    """{count} promised materials have not come yet, so nothing can be decided."""

    zh = "还有{count}份承诺补交的材料未到，不能作出决定。"


class ApplicantMissing(Rejected):
    """Please note who applies first."""

    zh = "请先登记申请人。"


class MentorFinishes(Rejected):
    """A trainee prepares the case, and {mentor} finishes it."""

    status = 403
    zh = "学员负责准备，由带教人员{mentor}确认办理。"


class DelegationEnded(Rejected):
    """The department's delegation for this matter ended on {ended_on}. Please ask {ask}."""

    zh = "该事项的授权已于{ended_on}到期，不能受理，请联系{ask}。"


class AccepterDecides(Rejected):
    """Whoever has accepted a case does not decide on it."""

    status = 403
    zh = "受理人员不得审批同一办件。"


class NotReviewer(Rejected):
    """Only a reviewer decides on this case."""

    status = 403
    zh = "仅审批人员可以审批该办件。"


class AnotherReviews(Rejected):
    """{name} is reviewing this case."""

    zh = "{name}正在审查该办件。"


class PointUnknown(Rejected):
    """This case has no such review point."""

    status = 404
    zh = "该办件没有此审查要点。"


class PointsUnjudged(Rejected):
    """{count} review points have not been judged yet, so nothing can be decided."""

    zh = "还有{count}项审查要点未作判定，不能作出决定。"


class PointFailed(Rejected):
    """A review point was not met, so the case cannot be approved: {item}."""

    zh = "审查要点“{item}”不符合，不能批准。"


class CommentMissing(Rejected):
    """Please say in a comment why the review point is not met."""

    status = 422
    zh = "判定不符合时，须填写说明。"


class QuestionUnknown(Rejected):
    """This case has no such question."""

    status = 404
    zh = "该办件没有此条请教。"


class QuestionAnswered(Rejected):
    """{name} has answered this question already."""

    zh = "{name}已答复该请教。"


class QuestionsOpenMax(Rejected):
    """{count} questions of this case are waiting for an answer. Please wait for one of them."""

    zh = "该办件已有{count}条请教待答复，请稍候。"


class AnswerMissing(Rejected):
    """This question has not been answered yet, so there is nothing to cite."""

    zh = "该请教尚未答复，不能引用。"


class AlreadyCited(Rejected):
    """This case cites it already."""

    zh = "该办件已引用此内容。"


class ReasonMissing(Rejected):
    """Please give the reason: a refusal and a denial are explained."""

    status = 422
    zh = "请填写理由：不予受理、不予批准须说明理由。"


class ClockPaused(Rejected):
    """The clock of this case stands still. Let it run again first."""

    zh = "该办件正在暂停计时，请先恢复计时。"


class ClockRuns(Rejected):
    """The clock of this case is running."""

    zh = "该办件的计时未暂停。"


class IdentityUnfit(Rejected):
    """This is no valid identity number. Please compare all 18 characters with the card."""

    status = 422
    zh = "身份证号码有误，请与证件逐位核对18位号码。"


class IdentityOld(Rejected):
    """This identity number has 15 digits and has not been valid since 2013. Please use the one with 18."""

    status = 422
    zh = "15位身份证号码自2013年起不再有效，请使用18位号码。"


class CreditCodeUnfit(Rejected):
    """This is no valid unified social credit code. Please compare all 18 characters with the licence."""

    status = 422
    zh = "统一社会信用代码有误，请与营业执照逐位核对18位代码。"


class PermitUnfit(Rejected):
    """The number of a passport or permit is 5 to 20 letters and digits."""

    status = 422
    zh = "护照或居留证件号码为5至20位字母和数字。"


class ChainUnfit(Rejected):
    """A chain needs two or more matters of this hall, no circle among them, and scenarios that exist."""

    status = 422
    zh = "该“一件事”设置有误：至少两个已有事项，先后关系不得循环，情形须存在。"


class MemberUnderWay(Rejected):
    """{matter} has already been received by itself for this ticket. Finish or withdraw it first."""

    zh = "该号票的{matter}已单独收件，请先办结或撤回。"


class MemberOfChain(Rejected):
    """This case is a part of {receipt}. Do that on the case of the whole."""

    zh = "该办件属于{receipt}“一件事”，请在总办件上操作。"


class NoSuchTask(Rejected):
    """This case has no such task."""

    status = 404
    zh = "该办件没有这项部门任务。"


class TaskEnded(Rejected):
    """{department} has given its opinion already. It cannot be changed."""

    zh = "{department}已出具意见，不能更改。"


class TaskNotTaken(Rejected):
    """Take this task first, so that one person answers for it."""

    zh = "请先领取该部门任务。"


class TaskLacks(Rejected):
    """{count} materials are lacking for this task. It ends once they have come."""

    zh = "该任务尚缺{count}份材料，补齐后再出具意见。"


class TasksOpen(Rejected):
    """{count} departments have not given their opinion yet."""

    zh = "还有{count}个部门未出具意见。"


class TasksSilent(Rejected):
    """{count} departments have not said yet whether they lack anything. One notice is given for all."""

    zh = "还有{count}个部门未反馈材料问题，须汇总后一次告知。"


class NobodyLacks(Rejected):
    """No department lacks anything."""

    zh = "各部门均未提出材料问题。"


class NotAllAgree(Rejected):
    """{department} does not agree, so this cannot be approved."""

    zh = "{department}不同意，不能批准。"


class NotYourDepartment(Rejected):
    """This is for {department} to decide."""

    status = 403
    zh = "该任务由{department}办理。"


class DeciderLapsed(Rejected):
    """Your certificate has expired, so you cannot decide. Please ask {ask}, who stands in."""

    status = 403
    zh = "您的审批资格已到期，不能审批，请由{ask}代为办理。"


class NumberUnfit(Rejected):
    """This is no number of an identity card and no credit code. Please compare all eighteen characters."""

    status = 422
    zh = "该号码既非身份证号码，也非统一社会信用代码，请逐位核对18位。"


class PlaceUnfit(Rejected):
    """The register has no such place in this order. Please begin at its first page."""

    status = 422
    zh = "登记簿按此排序没有这一页，请从首页重新查找。"
