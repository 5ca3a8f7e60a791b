"""A text in a different language from the brief's is rejected; an uncertain one is in doubt."""

import pytest

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.verification.language import check_language, with_language

TEXTS = {
    "en": "<p>Write a function that removes all even values from a list of numbers and returns the "
    "remaining numbers in the same order. The original list must not be changed.</p>",
    "de": "<p>Schreibe eine Funktion, die aus einer Liste von Zahlen alle geraden Werte entfernt "
    "und die übrigen Zahlen in derselben Reihenfolge zurückgibt. Die ursprüngliche Liste darf "
    "dabei nicht verändert werden.</p>",
    "ru": "<p>Напишите функцию, которая удаляет из списка чисел все чётные значения и возвращает "
    "остальные числа в том же порядке. Исходный список нельзя изменять.</p>",
    "fr": "<p>Écrivez une fonction qui supprime toutes les valeurs paires d'une liste de nombres "
    "et renvoie les nombres restants dans le même ordre. La liste d'origine ne doit pas être "
    "modifiée.</p>",
    "uk": "<p>Напишіть функцію, яка видаляє зі списку чисел усі парні значення та повертає решту "
    "чисел у тому самому порядку. Початковий список не можна змінювати.</p>",
}
DIFFERENT = [(text, brief) for text in TEXTS for brief in TEXTS if text != brief]
ENGLISH_CODE = "<pre>def first_name_of(person):  # this returns the first name of a person</pre>"
ENGLISH_QUOTE = "<p>Die Meldung lautet “Please enter the name of the person that you want”.</p>"
CODE_IN_LINE = "<p><code>the_first_name_of_each_person(with_all_of_them)</code></p>"


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_in_the_briefs_language_is_accepted(language: str) -> None:
    assert check_language(TEXTS[language], language) is None


def test_a_region_does_not_matter() -> None:
    assert check_language(TEXTS["de"], "de-AT") is None


@pytest.mark.parametrize(("text", "brief"), DIFFERENT)
def test_a_text_in_another_language_is_a_reason_to_reject(text: str, brief: str) -> None:
    finding = check_language(TEXTS[text], brief)

    assert finding is not None
    assert (finding.code, finding.blocking) == (FindingCode.WRONG_LANGUAGE, True)


@pytest.mark.parametrize("foreign", [ENGLISH_CODE, ENGLISH_QUOTE, CODE_IN_LINE])
def test_english_code_and_quotes_do_not_make_a_text_english(foreign: str) -> None:
    assert check_language(TEXTS["de"] + 3 * foreign, "de") is None


def test_english_technical_terms_do_not_make_a_text_english() -> None:
    terms = "Nutze dafür ein Dictionary mit Keys und Values, eine List Comprehension und Slicing."

    assert check_language(TEXTS["de"] + f"<p>{terms}</p>", "de") is None


@pytest.mark.parametrize(
    ("text", "brief"),
    [
        ("<p>Summe berechnen.</p>", "de"),
        ("<p>Return the sum.</p>", "de"),
        ("<pre>print(1)</pre>", "en"),
        ("", "en"),
        (TEXTS["de"] + TEXTS["en"], "de"),
        ("<p>编写一个函数,从数字列表中删除所有偶数,并按相同顺序返回其余数字。</p>", "zh"),
        (TEXTS["en"], "xx"),
    ],
    ids=["short", "short and foreign", "code", "empty", "mixed", "unsupported", "unknown"],
)
def test_an_uncertain_language_is_a_doubt(text: str, brief: str) -> None:
    finding = check_language(text, brief)

    assert finding is not None
    assert (finding.code, finding.blocking) == (FindingCode.LANGUAGE_UNCERTAIN, False)


def test_only_a_wrong_language_changes_the_verdict() -> None:
    good = Evidence(verdict=Verdict.VERIFIED)

    wrong = with_language(good, TEXTS["en"], "de")
    uncertain = with_language(good, "", "de")

    assert (wrong.verdict, len(wrong.reasons)) == (Verdict.REJECTED, 1)
    assert (uncertain.verdict, len(uncertain.doubts)) == (Verdict.VERIFIED, 1)
