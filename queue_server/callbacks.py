"""What providers tell this installation, put together by the settings: receipts, words, and WeChat's letters."""

from wechatpy.crypto import WeChatCrypto

from notify.callbacks import Callbacks
from notify.wechat import Heard, Post, SharedNonces
from queue_server.hall.api.words import Speaker, Words
from queue_server.hall.core.model import Channel
from queue_server.kit.database import Database
from queue_server.people.sealing import Sealer, derive
from queue_server.reach import person_of
from queue_server.settings import Settings


def callbacks_of(settings: Settings, database: Database, words: Words) -> Callbacks:
    """What providers need to be believed."""
    sealer = Sealer(settings.key())

    async def answer(phone: str, said: str, key: str) -> str:
        return await words.said(Speaker(Channel.SMS, phone), said, key)

    async def write_back(phone: str, said: str, key: str) -> str:
        return await words.said(Speaker(Channel.SMS, phone, answered_at_once=False), said, key)

    return Callbacks(
        database,
        settings.public_base_url,
        settings.twilio_auth_token.get_secret_value(),
        callback_secret(settings),
        lambda phone: person_of(sealer, phone),
        answer,
        write_back,
    )


def callback_secret(settings: Settings) -> str:
    """What stands in the addresses that Aliyun and Tencent Cloud are given."""
    return settings.callback_secret.get_secret_value() or derive(settings.key(), b"callbacks").hex()[:32]


def wechat_post_of(settings: Settings, database: Database, words: Words) -> Post | None:
    """The letter box of the official account, if there is one."""
    token, aes_key = settings.wechat_token.get_secret_value(), settings.wechat_aes_key.get_secret_value()
    if not settings.wechat_app_id or not token:
        return None
    sealer = Sealer(settings.key())

    async def answer(heard: Heard) -> str:
        speaker = Speaker(Channel.WECHAT, heard.openid)
        if heard.what == "scan":
            return await words.scanned(speaker, heard.text, heard.key)
        return await words.said(speaker, heard.text, heard.key)

    return Post(
        token,
        WeChatCrypto(token, aes_key, settings.wechat_app_id) if aes_key else None,
        SharedNonces(settings.redis_url),
        database,
        lambda openid: person_of(sealer, openid),
        answer,
    )
