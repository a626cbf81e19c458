"""Background work of return visits."""

from core.sdk import JobSpec
from plugins.returnvisits.visits import service

ALL = (JobSpec("returnvisits.notice_late", service.notice_late, every=300),)
