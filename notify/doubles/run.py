"""The verb `doubles`: all of them on one port."""

import argparse
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from notify.doubles import desk, sms, wechat
from notify.doubles.desk import Ledgers

PORT: Final = 8090


def main(argv: Sequence[str] | None = None) -> int:
    """Play the providers until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="jinghao doubles", description="Twilio, Aliyun, Tencent Cloud and WeChat, played on loopback."
    )
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    parser.add_argument("--callbacks", default="http://127.0.0.1:8000", help="where receipts are sent")
    parser.add_argument("--secret", default=sms.KEY, help="the secret in the addresses of receipts")
    options = parser.parse_args(argv)
    base = f"http://127.0.0.1:{options.port}"
    print(
        f"""
The doubles listen on {base}. Every account is "{sms.KEY_ID}", its secret "{sms.KEY}".

  what they took     curl {base}/doubles/ledger
  a misfortune       curl -X PUT {base}/doubles/scripts/aliyun -d '{{"steps": ["500", "hang"], "always": "ok"}}'
""",
        flush=True,
    )
    web.run_app(
        application(options.callbacks, options.secret), host="127.0.0.1", port=options.port, print=None
    )
    return 0


def application(callback_base: str, path_secret: str) -> web.Application:
    """All doubles, with one ledger."""
    app, ledgers = web.Application(), Ledgers()
    app[LEDGERS] = ledgers
    app.add_routes(desk.routes(ledgers))
    app.add_routes(sms.routes(ledgers, callback_base, path_secret))
    app.add_routes(wechat.routes(ledgers))
    return app


LEDGERS: Final = web.AppKey("ledgers", Ledgers)
