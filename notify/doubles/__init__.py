"""Doubles of Twilio, Aliyun, Tencent Cloud and WeChat on loopback, for tests and for whoever installs a hall.

They check what the real ones check (signatures, tokens, templates), keep a ledger of what they took, and
fail as they are told. The real clients talk to them by their base addresses only:

    ./jinghao doubles --port 8090
    JINGHAO_ALIYUN_BASE_URL=http://127.0.0.1:8090 … ./jinghao worker
    curl http://127.0.0.1:8090/doubles/ledger
"""
