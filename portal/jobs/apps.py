from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "portal.jobs"
    label = "jobs"

    def ready(self) -> None:
        from django_tasks.signals import task_finished

        from portal.jobs.retries import reschedule_failed

        # The library's only hook after a run; what is retried is decided in retries.py.
        task_finished.connect(reschedule_failed, dispatch_uid="jobs.reschedule_failed")
