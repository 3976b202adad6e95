"""Jobs in the folder of a store: begun by any process, watched by all, outlived by what they made.

What a job is lies in files alone, and that it lives is a lock that its process holds. So every worker of the
service sees the same jobs, a restart forgets none, and one that was killed is seen to be dead.
"""

from __future__ import annotations

from embedsvc.jobs.folder import JobFolder
from embedsvc.jobs.ledger import JobLedger
from embedsvc.jobs.processes import LAST_STAGE
from embedsvc.jobs.telling import ToldEvent, ToldReader
from embedsvc.jobs.voice import JobVoice

__all__ = ["LAST_STAGE", "JobFolder", "JobLedger", "JobVoice", "ToldEvent", "ToldReader"]
