"""What every page of the house is made of, read rather than run."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from queue_server.kit.texts import LANGUAGES, Texts

CHECKOUT = Path(__file__).parents[2]
HOUSES = [CHECKOUT / name for name in ("displays", "kiosk", "queue_server")]
TEMPLATES = sorted(file for house in HOUSES for file in house.rglob("templates/**/*.html"))
SCRIPTS = sorted(file for house in HOUSES for file in house.rglob("static/**/*.js"))
SPEAKING = sorted(file.parents[1] for house in HOUSES for file in house.rglob("texts/zh.json"))
STYLES = sorted(file for house in HOUSES for file in house.rglob("static/**/*.css"))
OLD_BOXES = [file for file in SCRIPTS if file.is_relative_to(CHECKOUT / "displays")]
OLD_BOXES += [file for file in SCRIPTS if file.is_relative_to(CHECKOUT / "kiosk")]
OLD_BOXES += [file for file in SCRIPTS if file.is_relative_to(CHECKOUT / "queue_server" / "static")]

SOUND = r"<audio|<video|<embed|(?<!\w)<object|<bgsound|AudioContext|speechSynthesis|new Audio|\.play\("
SOUND += r"|\.(mp3|ogg|wav|m4a)\b"
# Keys made of a beginning and a value: `phone.${state}`, f"slip.{field}", "state." ~ state.
COMPOSED = r"""`([\w.]+[._])\$\{|f["']([\w.]+[._])\{|["']([\w.]+[._])["']\s*[~+]"""
NEWER_THAN_2019 = {
    "optional chaining": r"\?\.(?!\d)",
    "nullish coalescing": r"\?\?",
    "logical assignment": r"(\|\||&&)=",
    "a dynamic import": r"\bimport\s*\(",
    "import.meta": r"\bimport\.meta\b",
    "a numeric separator": r"\b\d+_\d",
    "a big integer": r"\b\d+n\b",
    "a private field": r"[\s.]#\w+",
    "globalThis": r"\bglobalThis\b",
    "a newer method": r"\.(replaceAll|at|matchAll|allSettled|any|findLast|toSorted|hasOwn|structuredClone)\(",
}


def name(file: Path) -> str:
    return str(file.relative_to(CHECKOUT))


SVG = "http://www.w3.org/2000/svg"
MAY_SPEAK = CHECKOUT / "displays/static/js/prompt.js"  # At an accessible window, where a hall turns it on.


@pytest.mark.parametrize("file", TEMPLATES + SCRIPTS + STYLES, ids=name)
def test_no_page_has_a_source_of_sound(file: Path) -> None:
    assert file == MAY_SPEAK or re.findall(SOUND, file.read_text(encoding="utf-8"), re.IGNORECASE) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=name)
def test_no_template_has_a_script_a_style_or_a_handler_of_its_own(file: Path) -> None:
    html = file.read_text(encoding="utf-8")
    assert re.findall(r"<style\b|\sstyle\s*=|\son\w+\s*=|javascript:|\|\s*safe\b", html, re.IGNORECASE) == []
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert all('type="application/json"' in script or " src=" in script for script in scripts)


@pytest.mark.parametrize("file", TEMPLATES + STYLES + SCRIPTS, ids=name)
def test_no_page_asks_a_stranger(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace(SVG, "")  # A name, and nobody asks for it.
    assert re.findall(r"""(?:["'(]|url\()(?:https?:)?//\w""", text) == []


@pytest.mark.parametrize("file", SCRIPTS, ids=name)
def test_no_script_makes_markup_of_text(file: Path) -> None:
    dangerous = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc"
    )
    assert re.findall(dangerous, file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", OLD_BOXES, ids=name)
def test_what_runs_on_old_boxes_is_javascript_of_2019(file: Path) -> None:
    code = without_words(file.read_text(encoding="utf-8"))
    newer = [feature for feature, pattern in NEWER_THAN_2019.items() if re.search(pattern, code)]
    assert newer == []


@pytest.mark.skipif(shutil.which("node") is None, reason="There is no node here: scripts were NOT parsed.")
@pytest.mark.parametrize("file", SCRIPTS, ids=name)
def test_every_script_can_be_parsed(file: Path, tmp_path: Path) -> None:
    module = tmp_path / f"{file.stem}.mjs"
    module.write_bytes(file.read_bytes())
    parsed = subprocess.run(["node", "--check", str(module)], capture_output=True, text=True, check=False)
    assert parsed.stderr == ""


@pytest.mark.parametrize("house", SPEAKING, ids=name)
def test_every_sentence_is_there_in_both_languages_and_none_is_idle(house: Path) -> None:
    texts = Texts.load(house / "texts")  # Refuses languages that differ in keys or placeholders.
    own, shared = code_in(house), code_in(CHECKOUT / "queue_server/static/js")
    composed = tuple({start for found in re.findall(COMPOSED, own) for start in found if start})
    keys = set(texts.everything()["zh"])
    assert [key for key in sorted(keys) if key not in own + shared and not key.startswith(composed)] == []
    used = set(re.findall(r"""\bt\(["']([\w.]+\w)["']""", own)) | set(
        re.findall(r"""data-(?:text|label|placeholder)="([\w.]+)\"""", own)
    )
    assert used - keys == set()


def code_in(folder: Path) -> str:
    """The code of a folder, but for those inside it that have sentences of their own."""
    others = [house for house in SPEAKING if house != folder and house.is_relative_to(folder)]
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix in (".html", ".js", ".py") and not any(map(file.is_relative_to, others))
    )
    return "".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("house", SPEAKING, ids=name)
def test_no_sentence_is_written_into_a_script(house: Path) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    files = list(house.rglob("*.js")) + list((CHECKOUT / "queue_server/static").rglob("*.js"))
    spoken = {
        name(file) for file in files if chinese.search(without_comments(file.read_text(encoding="utf-8")))
    }
    assert spoken == set()


def test_colours_are_written_in_one_place() -> None:
    elsewhere = [
        f"{name(file)}: {colour}"
        for file in STYLES
        if file.name != "tokens.css"
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(", file.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty(language: str) -> None:
    for house in HOUSES:
        for file in house.rglob(f"texts/{language}.json"):
            assert all(sentence.strip() for sentence in json.loads(file.read_text(encoding="utf-8")).values())


def without_comments(code: str) -> str:
    return re.sub(r"/\*.*?\*/|(?m:(?<![:'\"])//.*$)", "", code, flags=re.DOTALL)


def without_words(code: str) -> str:
    """The code without comments and without what stands in quotes; templates keep their expressions."""
    bare = without_comments(code)
    bare = re.sub(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", "''", bare)
    return re.sub(r"`(?:\\.|[^`\\])*`", lambda text: " ".join(re.findall(r"\$\{([^}]*)\}", text[0])), bare)
