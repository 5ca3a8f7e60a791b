"""A text that asks for an order is distinguished from one that merely mentions an order."""

from time import process_time

import pytest

from coursewright.domain.evidence import FindingCode, RepairTarget, Verdict
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql
from coursewright.verification.sql.requested_order import requested_order
from tests.unit.verification.sql.builders import correct_draft

ASKING = (
    "Sort by title.",
    "List the titles sorted by price, highest first.",
    "The result is sorted by name, and books of the same author by title, both from A to Z.",
    "Members may have the same name, so sort by <code>id</code>, largest first: the "
    "newest members come first.",
    "Show all authors in alphabetical order.",
    "Show the titles alphabetically.",
    "Order the rows by price, descending.",
    "Return name and total, ordered by total from highest to lowest, ties by name.",
    "The rows must be ordered by <code>price</code>.",
    "The result must be sorted in descending order of <code>total</code>.",
    "List the customers, oldest first.",
    "List the titles, most expensive first.",
    "The most expensive book comes first.",
    "Show them in order of their price.",
    "Sort the customers by the number of orders.",
    "The list is in descending order of salary.",
    "Sort the result by <code>customer</code>.",
    "List the five longest films, longest first; films of equal length by title.",
    "Sort by the sum, largest first. Branches with equal sums come in the order of "
    "their names, from A to Z.",
    "ordered by name",
    "Give the orders sorted by date.",
    "Rows are sorted by the customer's name.",
    "Sortiere nach dem Titel.",
    "Sortiere das Ergebnis absteigend nach Preis.",
    "Gib die Titel alphabetisch sortiert aus.",
    "Die Zeilen sollen nach Preis sortiert sein, höchste zuerst.",
    "Das Ergebnis ist nach Name geordnet.",
    "Liste alle Bücher auf, das teuerste zuerst.",
    "Die höchsten Preise zuerst.",
    "Gib alle Kunden in alphabetischer Reihenfolge aus.",
    "Ordne die Zeilen nach Datum.",
    "Sortierung: nach Titel, aufsteigend.",
    "Die neuesten Mitglieder zuerst.",
    "Zeige die Namen von A bis Z.",
    "Отсортируйте строки по цене.",
    "Отсортируй результат по убыванию цены.",
    "Строки упорядочены по названию.",
    "Выведите имена в алфавитном порядке.",
    "Сначала самые дорогие книги.",
    "Результат должен быть отсортирован по фамилии.",
    "Выведите названия по алфавиту.",
    "Отсортируйте по количеству заказов, начиная с наибольшего.",
    "Сортировка по цене от большей к меньшей.",
    "Use ORDER BY to sort the result by name.",
    "Sort the rows A–Z.",
    "List them sorted highest to lowest.",
    "The result is sorted on price.",
    "Use ORDER BY price.",
    "Return the rows in order by name.",
    "Gib die Zeilen in der Reihenfolge ihrer Titel aus.",
    "Verwende ORDER BY und sortiere nach Titel.",
    "Отсортируйте результат: сначала дорогие товары.",
)
NOT_ASKING = (
    "What sort of books by Ada were sold?",
    "For each author show the number of years from the oldest to the newest book.",
    "Ordne jedem Buch nach seinem Preis eine Klasse zu.",
    "Welche Titel stehen alphabetisch vor M?",
    "Найдите авторов, чьё имя по алфавиту раньше М.",
    "Use SUM with OVER (ORDER BY day).",
    "Write the query without ORDER BY.",
    "Порядок вывода строк не имеет значения.",
    "Сортировка не требуется.",
    "Die Zeilen dürfen in beliebiger Reihenfolge erscheinen.",
    "Row order is irrelevant.",
    "The order of the rows does not matter.",
    "The order of the rows doesn't matter.",
    "The rows may come in any order.",
    "Rows may appear in any order you like.",
    "In order to find them, use a join.",
    "The table <code>orders</code> holds one row per order.",
    "Show every purchase order that was never delivered.",
    "Show products ordered by at least two customers.",
    "Products ordered by customers in Bonn.",
    "For each customer show the books ordered by that customer.",
    "Which products were ordered by nobody?",
    "The mail is sorted by hand at the depot.",
    "The books on the shelves are sorted by author.",
    "The first name and the last name of each member.",
    "You need not sort the rows.",
    "The result does not have to be sorted.",
    "Give each book its rank in descending order of price.",
    "Number the rows; the place is the row number in order of price.",
    "Show the titles of each author, separated by commas, in alphabetical order.",
    "For each author show the title that comes first in alphabetical order.",
    "For each author show the alphabetically first title.",
    "A member ordered a book by phone.",
    "The highest price of each author.",
    "Show the highest first bid of each auction.",
    "The most expensive book of each author.",
    "The row order is not checked.",
    "No particular order is required.",
    "Sort order is irrelevant.",
    "Customers who ordered more than two books by Ada.",
    "Die Reihenfolge der Zeilen ist egal.",
    "Die Reihenfolge spielt keine Rolle.",
    "Die Zeilen können in beliebiger Reihenfolge stehen.",
    "Eine Sortierung ist nicht nötig.",
    "Das Ergebnis muss nicht sortiert sein.",
    "Die Bücher im Regal sind nach Autor sortiert.",
    "Eine bestimmte Reihenfolge ist nicht verlangt.",
    "Zeige die Bestellungen nach dem 1. März.",
    "Der höchste Preis je Autor.",
    "Welche Kunden haben zuerst bestellt?",
    "Ordnungen und Bestellungen stehen in der Tabelle.",
    "Порядок строк не важен.",
    "Порядок строк не имеет значения.",
    "Строки могут идти в любом порядке.",
    "Сортировать результат не нужно.",
    "Книги на полках отсортированы по автору.",
    "Найдите заказы, сделанные по телефону.",
    "Самая дорогая книга каждого автора.",
    "Порядок строк может быть любым.",
    "В каком порядке идут строки, неважно.",
    "Give every player a rank, the highest score first.",
    "Show the running total in order of date.",
    "Compare each sale with the previous one in order of date.",
    "Every order has an order number and an order date.",
    "The cheapest book of each publisher first published in 2020.",
    "Show orders by customer and month.",
    "Show the number of orders by customer.",
    "The company sorts waste by type.",
    "An order lists the products.",
    "A list of orders by date of delivery after 1 March.",
)
UNSORTED, SORTED = "SELECT title FROM book", "SELECT title FROM book ORDER BY title"
TEXT = "<p>List the titles.</p><p>Sort them by title, from A to Z.</p>"


@pytest.mark.parametrize("sentence", ASKING)
def test_a_sentence_that_asks_for_an_order_is_found(sentence: str) -> None:
    html = f"<p>A library has many books.</p><ul><li>{sentence}</li></ul>"

    assert requested_order(html) != ""


@pytest.mark.parametrize("sentence", NOT_ASKING)
def test_a_sentence_that_asks_for_no_order_is_left_alone(sentence: str) -> None:
    assert requested_order(f"<p>{sentence}</p>") == ""


def test_a_text_that_leaves_the_order_open_anywhere_asks_for_none() -> None:
    html = "<p>Show the titles alphabetically.</p><p>The order of the rows does not matter.</p>"

    assert requested_order(html) == ""


def test_an_example_asks_for_no_order() -> None:
    assert requested_order("<p>List the titles.</p><pre>SELECT 1 -- sorted by title</pre>") == ""


def test_a_query_without_the_order_that_the_text_asks_for_is_rejected(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(correct_draft(UNSORTED, is_ordered=True, text=TEXT), sql_sandbox)

    (reason,) = evidence.reasons
    assert reason.code is FindingCode.ORDER_MISSING
    assert reason.where == ("“Sort them by title, from A to Z.”",)
    assert evidence.fault is RepairTarget.SOLUTION


def test_datasets_that_accept_any_order_where_the_text_asks_for_one_are_rejected(
    sql_sandbox: Sandbox,
) -> None:
    evidence = check_sql(correct_draft(SORTED, text=TEXT), sql_sandbox)

    (reason,) = evidence.reasons
    assert reason.code is FindingCode.ORDER_NOT_COMPARED
    assert evidence.fault is RepairTarget.TESTS


def test_rows_that_match_by_luck_do_not_replace_the_order(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(correct_draft(UNSORTED, text=TEXT), sql_sandbox)

    codes = {reason.code for reason in evidence.reasons}
    assert codes == {FindingCode.ORDER_MISSING, FindingCode.ORDER_NOT_COMPARED}


def test_a_query_in_the_order_that_the_text_asks_for_is_verified(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(correct_draft(SORTED, is_ordered=True, text=TEXT), sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


def test_one_row_needs_no_order_although_the_text_asks_for_one(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(correct_draft("SELECT COUNT(*) AS n FROM book", text=TEXT), sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


@pytest.mark.parametrize("piece", ["order the ", "by order ", "nach ist ", "sort ", "по "])
def test_a_long_sentence_is_read_in_linear_time(piece: str) -> None:
    short, long = (_seconds(piece * count) for count in (4_000, 16_000))

    assert long < 10 * short + 0.05


def _seconds(text: str) -> float:
    started = process_time()
    requested_order(f"<p>{text}</p>")
    return process_time() - started
