from __future__ import annotations

import io

from rich.console import Console

from clearing.cli.progress import ProgressLine, line
from clearing.solve.control import Progress

RUN = (
    Progress("form", 0.1),
    Progress("commit", 0.4),
    Progress("commit", 1.0, incumbent=3_745_000.0),
    Progress("commit", 1.5, incumbent=3_745_000.0, bound=3_700_000.0, gap=0.012),
    Progress("commit", 2.0, incumbent=3_740_000.0, bound=3_729_195.0, gap=0.0029, security_round=2, violations=1),
    Progress("price", 3.0),
)


def printed(terminal: bool) -> str:
    stream = io.StringIO()
    with ProgressLine(Console(file=stream, force_terminal=terminal, width=150)) as progress:
        for news in RUN:
            progress(news)
    return stream.getvalue()


def test_off_a_terminal_there_is_a_line_a_stage_and_an_improvement() -> None:
    assert printed(terminal=False).splitlines() == [
        "form         0.1 s",
        "commit       0.4 s",
        "commit       1.0 s  incumbent 3,745,000",
        "commit       2.0 s  incumbent 3,740,000  bound 3,729,195  gap 0.290 %  round 2  violations 1",
        "price        3.0 s  incumbent 3,740,000  bound 3,729,195  gap 0.290 %  violations 1",
    ]


def test_on_a_terminal_one_line_is_redrawn_and_gone_at_the_end() -> None:
    text = printed(terminal=True)
    assert "price" in text
    assert text.endswith("\x1b[2K")  # the line is erased, so that the summary stands alone


def test_line_leaves_out_what_is_not_known() -> None:
    assert line(Progress("commit", 12.34, bound=5.0)) == "commit      12.3 s  bound 5"
