"""Why something cannot be done with a document. Each docstring is the sentence the clerk reads."""

from queue_server.kit.rejections import Rejected


class DocumentUnknown(Rejected):
    """There is no such document here."""

    status = 404
    zh = "没有这份证照文书。"


class DocumentChanged(Rejected):
    """Somebody else has just handled this document. Please look at it again."""

    zh = "该证照文书刚被他人处理，请查看后再操作。"


class DocumentElsewhere(Rejected):
    """This document is at the state {state}, where that cannot be done."""

    zh = "该证照文书处于{state}状态，不能进行此操作。"


class DocumentMade(Rejected):
    """The document of this case is there already."""

    zh = "该办件的证照文书已登记。"


class NumberMissing(Rejected):
    """Please give the number that is printed on the document."""

    status = 422
    zh = "请填写证照文书上的编号。"


class ManifestUnknown(Rejected):
    """There is no such manifest here."""

    status = 404
    zh = "没有这份移交清单。"


class ManifestChanged(Rejected):
    """Somebody else has just counted this bundle. Please look at it again."""

    zh = "该移交清单刚被他人处理，请查看后再操作。"


class ManifestElsewhere(Rejected):
    """This manifest is at the state {state}, where that cannot be done."""

    zh = "该移交清单处于{state}状态，不能进行此操作。"


class ManifestUnsettled(Rejected):
    """Please say of each of the {count} missing documents whether it is sent again or was kept."""

    status = 422
    zh = "请逐份说明缺失的{count}份证照文书：补送，还是留在部门。"


class NotOnManifest(Rejected):
    """What was scanned does not stand on this manifest, or has been counted already."""

    status = 422
    zh = "扫到的证照文书不在该移交清单上，或已清点过。"


class FilerChecks(Rejected):
    """Whoever has filed a document does not check it. Please ask a colleague."""

    status = 403
    zh = "上架人员不得核对同一份证照文书，请由另一人核对。"


class FieldsUnchecked(Rejected):
    """{count} fields have not been compared yet."""

    status = 422
    zh = "还有{count}项未核对。"


class PickupUnknown(Rejected):
    """Nothing is kept here under this code. Please compare it with the message or the receipt."""

    status = 404
    zh = "没有查到该领取码，请与短信或回执核对。"


class PickupElsewhere(Rejected):
    """What this code stands for is kept in another hall: {hall}."""

    zh = "该领取码的证照文书在另一大厅：{hall}。"


class PickupDone(Rejected):
    """What this code stands for has been handed over already."""

    zh = "该领取码的证照文书已领取。"


class PickupNotReady(Rejected):
    """What this code stands for cannot be collected yet."""

    zh = "该领取码的证照文书尚不能领取。"


class IdentityUnchecked(Rejected):
    """Please look at the proof of identity first: a signature alone is not enough."""

    status = 422
    zh = "请先核验身份证件：仅有签名不能领取。"


class IdentityDiffers(Rejected):
    """This is not the proof of whom the document is for: kind or last digits differ."""

    status = 422
    zh = "证件与申请人不符：证件种类或末四位不一致。"


class EntrustmentMissing(Rejected):
    """Somebody else may only collect it with an entrustment that was seen and written down."""

    status = 422
    zh = "他人代领须查验并登记授权委托书。"


class AgentUnchecked(Rejected):
    """{count} documents have not been looked at together with the agent."""

    status = 422
    zh = "还有{count}份未与代领人逐件核对。"


class SignatureMissing(Rejected):
    """Please let the person sign first."""

    status = 422
    zh = "请先请领取人签名。"


class SignatureTooLarge(Rejected):
    """This signature is too long to be kept. Please clear it and sign again."""

    status = 422
    zh = "签名过长，无法保存，请清除后重签。"


class SignatureUnfit(Rejected):
    """This is no signature from the pad."""

    status = 422
    zh = "这不是签名板上的签名。"


class ProofUnfit(Rejected):
    """The proof of posting is a JPEG or PNG picture of at most {kilobytes} kB."""

    status = 422
    zh = "邮寄凭证须为不超过{kilobytes}KB的JPEG或PNG图片。"
