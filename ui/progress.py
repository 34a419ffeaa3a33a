"""Progress bars on stderr; silent where nobody watches."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ui.terminal import safe

if TYPE_CHECKING:
    from ingest.report import Progress as Step


class Bars:
    """One bar per kind of work, made when it is first heard of."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def advance(self, what: str, done: int) -> None:
        """So many more of these are done."""
        self._progress.advance(self._task(what, None), done)

    def follow(self, step: Step) -> None:
        """So many files are done, of a total; the name is that of the last one."""
        name = escape(safe(step.name)[-40:])
        self._progress.update(
            self._task("files", step.total), completed=step.done, total=step.total, description=name
        )

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def _task(self, what: str, total: int | None) -> TaskID:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        return self._tasks[what]
