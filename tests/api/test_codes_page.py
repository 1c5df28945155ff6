from . import codes_doc


def test_the_page_lists_every_code_with_its_sentences() -> None:
    text = codes_doc.PAGE.read_text()
    assert codes_doc.HEADING in text
    assert codes_doc.page(text) == text, "write it: python -m tests.api.codes_doc"
