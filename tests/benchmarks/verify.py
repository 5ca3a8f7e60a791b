"""Measures verification: accepted solutions, rejected stubs, detected mutants and speed."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from statistics import median
from time import perf_counter

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.markup.evidence_text import finding_text
from coursewright.verification.check import check_in
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.python.results import run_tests
from coursewright.verification.sandbox.worker_pool import Handshake, Limits, Sandbox
from coursewright.verification.sql.check import check_sql
from tests import hidden_attacks, hostile_drafts
from tests.benchmarks import open_set
from tests.benchmarks.processes import computing_seconds
from tests.benchmarks.report import Figure, Report, percentile, several
from tests.cheating_tests import CHEATING_TESTS
from tests.unit.verification.sql.attacks import ATTACKS as SQL_ATTACKS
from tests.unit.verification.sql.test_check import DRAFT as SQL_DRAFT

WARM_RUNS = 60
DEATHS = 7
OVER_BARE_MS = 15
AFTER_DEATH_MS = 500
ALLOWED_FULL_MS = (800, 4_000)
AT_ONCE = 2
Timed = tuple[Evidence, float]


def run() -> Report:
    """Measure verification on the open set and the attacks, and its speed."""
    sandbox = Sandbox("python")
    try:
        figures, details = _open_set(sandbox)
        attacks, escaped = _attacks()
        speed, ratios = _speed(sandbox)
    finally:
        sandbox.close()
    details |= {"attacks and cheating tests that were not detected": escaped}
    return Report(
        part="verify",
        figures=[*figures, attacks, *speed],
        ratios=ratios,
        details={title: lines for title, lines in details.items() if lines},
    )


def _open_set(sandbox: Sandbox) -> tuple[list[Figure], dict[str, list[str]]]:
    problems = open_set.problems()
    if not problems:
        return [open_set.absent()], {}
    before = computing_seconds()
    canonical = _check_all([problem.draft() for problem in problems], sandbox)
    seconds = (computing_seconds() - before) / len(problems)
    stubs = _check_all([problem.draft("    return None\n") for problem in problems], sandbox)
    names = [problem.task_id for problem in problems]
    errata, rejected = _rejected(names, [evidence for evidence, _ in canonical])
    passed = [name for name, (e, _) in zip(names, stubs, strict=True) if e.verdict != "rejected"]
    accepted, refused = len(names) - len(rejected), len(names) - len(passed)
    figures = [
        _counted("canonical solutions accepted", accepted, len(names)),
        Figure(name="errata in the texts", value=f"{len(errata)} texts"),
        _counted("stubs that return None rejected", refused, len(names)),
        *_killed([evidence for evidence, _ in canonical]),
        *_full([milliseconds for _, milliseconds in canonical]),
        Figure(name="CPU time of a full assignment", value=f"{seconds:.2f} s"),
        *_doubtful([evidence for evidence, _ in canonical]),
    ]
    survivors = [
        f"{name} {survivor}"
        for name, (evidence, _) in zip(names, canonical, strict=True)
        for survivor in evidence.mutants.survivors
    ]
    return figures, {
        "canonical solutions rejected": rejected,
        "texts with an example that is wrong": errata,
        "stubs accepted": passed,
        "surviving mutants": survivors,
    }


def _rejected(names: list[str], evidence: list[Evidence]) -> tuple[list[str], list[str]]:
    """Describe the texts whose own example is wrong, and the drafts rejected for other reasons."""
    errata, rejected = [], []
    for name, each in zip(names, evidence, strict=True):
        line = f"{name}: {'; '.join(map(finding_text, each.reasons))}"
        codes = {finding.code for finding in each.reasons}
        if codes == {FindingCode.EXAMPLE_CONTRADICTS}:
            errata.append(line)
        elif each.verdict is Verdict.REJECTED:
            rejected.append(line)
    return errata, rejected


def _check_all(drafts: list[PythonCheck], sandbox: Sandbox) -> list[Timed]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda draft: _timed(draft, sandbox), drafts))


def _doubtful(evidence: list[Evidence]) -> Iterator[Figure]:
    """Count the good drafts about which each doubt that must be confirmed is raised."""
    codes = Counter(d.code for e in evidence for d in e.doubts if d.blocking)
    for code, count in sorted(codes.items()):
        yield Figure(name=f"canonical solutions with the doubt {code}", value=str(count))


def _timed(draft: PythonCheck, sandbox: Sandbox) -> Timed:
    started = perf_counter()
    evidence = check_in(sandbox, draft)
    return evidence, (perf_counter() - started) * 1000


def _counted(name: str, count: int, of: int) -> Figure:
    return Figure(name=name, value=f"{count} of {of}", must_be="all", holds=0 < count == of)


def _killed(evidence: list[Evidence]) -> list[Figure]:
    killed = sum(evidence_item.mutants.killed for evidence_item in evidence)
    total = sum(evidence_item.mutants.total for evidence_item in evidence)
    unproven = sum(len(evidence_item.mutants.unproven) for evidence_item in evidence)
    share, raw = killed / total, killed / (total + unproven)
    return [
        Figure(
            name="mutants killed, of those proven to differ",
            value=f"{killed} of {total} = {share:.1%}",
            must_be="≥ 85 %",
            holds=share >= 0.85,
        ),
        Figure(
            name="mutants killed, of all tried",
            value=f"{killed} of {total + unproven} = {raw:.1%}",
            must_be="≥ 85 %",
            holds=raw >= 0.85,
        ),
    ]


def _full(milliseconds: list[float]) -> list[Figure]:
    name = f"full assignment with up to 24 mutants, {AT_ONCE} at once, p{{}}".format
    p95 = percentile(milliseconds, 95)
    most_p50, most_p95 = ALLOWED_FULL_MS
    return [
        _at_most(name(50), milliseconds, most_p50),
        Figure(
            name=name(95),
            value=f"{p95:.1f} ms",
            must_be=f"≤ {most_p95} ms",
            holds=p95 <= most_p95,
            ratio=p95 / most_p95,
        ),
    ]


def _at_most(name: str, milliseconds: list[float], most: float) -> Figure:
    return Figure(
        name=name,
        value=several(milliseconds, "ms"),
        must_be=f"≤ {most:.0f} ms",
        holds=median(milliseconds) <= most,
        ratio=median(milliseconds) / most,
    )


def _attacks() -> tuple[Figure, list[str]]:
    """Count the attacks that are rejected and do not affect the next honest check."""
    python, sql = Sandbox("python", Limits(max_fuel=7 * 10**9)), Sandbox("sql", Limits(seconds=1))
    honest = _draft(hostile_drafts.HONEST, hostile_drafts.TESTS)
    solutions = chain(
        hostile_drafts.SYSTEM_ATTACKS.items(),
        hostile_drafts.CHEATS.items(),
        hidden_attacks.HIDDEN_ATTACKS.items(),
    )
    drafts = {name: _draft(code, hostile_drafts.TESTS) for name, code in solutions}
    for name, tests in CHEATING_TESTS.items():
        drafts[name] = _draft(hostile_drafts.HONEST, tests)
    try:
        through = [
            *_through(drafts, lambda draft: check_in(python, draft), honest),
            *_through(
                {attack.name: attack.on(SQL_DRAFT) for attack in SQL_ATTACKS},
                lambda draft: check_sql(draft, sql),
                SQL_DRAFT,
            ),
        ]
    finally:
        python.close()
        sql.close()
    total = len(drafts) + len(SQL_ATTACKS)
    return _counted("attacks and cheats contained", total - len(through), total), through


def _through[Draft](
    drafts: dict[str, Draft], check: Callable[[Draft], Evidence], honest: Draft
) -> list[str]:
    through = []
    for name, draft in drafts.items():
        is_rejected = check(draft).verdict is Verdict.REJECTED
        if not is_rejected or check(honest).verdict is not Verdict.VERIFIED:
            through.append(name)
    return through


def _draft(solution: str, tests: str) -> PythonCheck:
    return PythonCheck(
        kind="python", starter=hostile_drafts.STARTER, solution=solution, tests=tests
    )


def _speed(sandbox: Sandbox) -> tuple[list[Figure], dict[str, float]]:
    honest = _draft(hostile_drafts.HONEST, hostile_drafts.TESTS)

    def bare() -> None:
        sandbox.ask("handshake", {}, Handshake)

    def warm() -> None:
        run_tests(honest, honest.solution, sandbox)

    def full() -> None:
        check_python(honest, sandbox)

    bare_ms, warm_ms = _timings(bare), _timings(warm)
    over_ms = [value - median(bare_ms) for value in warm_ms]
    one, two = _throughput(warm, 1), _throughput(warm, 2)
    figures = [
        Figure(name="the bare sandbox", value=several(bare_ms, "ms")),
        Figure(name="a warm check", value=several(warm_ms, "ms")),
        _at_most("a warm check over the bare sandbox", over_ms, OVER_BARE_MS),
        _at_most("a check after a worker's death", _after_death(warm, sandbox), AFTER_DEATH_MS),
        Figure(name="a small assignment in full", value=several(_timings(full, 7), "ms", 0)),
    ]
    return figures, {"two checks at once over one after the other": two / one}


def _timings(action: Callable[[], None], runs: int = WARM_RUNS) -> list[float]:
    action()
    return [_milliseconds(action) for _ in range(runs)]


def _milliseconds(action: Callable[[], None]) -> float:
    started = perf_counter()
    action()
    return (perf_counter() - started) * 1000


def _throughput(action: Callable[[], None], threads: int) -> float:
    with ThreadPoolExecutor(threads) as pool:
        started = perf_counter()
        list(pool.map(lambda _: action(), range(WARM_RUNS)))
        return WARM_RUNS / (perf_counter() - started)


def _after_death(action: Callable[[], None], sandbox: Sandbox) -> list[float]:
    def die_and_check() -> None:
        sandbox.close()
        action()

    return [_milliseconds(die_and_check) for _ in range(DEATHS)]
