"""The money of a run that starts a course, kept in memory."""

from coursewright.domain.budget import CourseRun


class MemoryCourseBudget:
    """One share per generation and run."""

    def __init__(self) -> None:
        self.reserved: dict[tuple[str, str], int] = {}

    def reserve(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Set a generation's estimate aside, once; False where it does not fit."""
        if (run.id, generation) in self.reserved:
            return True
        taken = sum(share for (of_run, _), share in self.reserved.items() if of_run == run.id)
        if taken + amount > run.cap:
            return False
        self.reserved[run.id, generation] = amount
        return True
