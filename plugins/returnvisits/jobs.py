"""Background work of return visits."""

from core.sdk import JobSpec
from plugins.returnvisits.month import service as month
from plugins.returnvisits.regular import service as regular
from plugins.returnvisits.visits import service

ALL = (
    JobSpec("returnvisits.notice_late", service.notice_late, every=300),
    JobSpec("returnvisits.send_report", month.send, every=3600, made_up=True),
    JobSpec("returnvisits.plan_regular", regular.plan, every=21600, made_up=True),
)
