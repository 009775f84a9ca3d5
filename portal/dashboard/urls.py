from django.urls import path

from portal.dashboard.views import activity, health, home, mail

app_name = "dashboard"

urlpatterns = [
    path("", home.home, name="home"),
    path("activity/", activity.activity, name="activity"),
    path("activity/search/", activity.search_activity, name="search_activity"),
    path("activity/export/", activity.export_activity, name="export_activity"),
    path("staff/mail/", mail.mail_list, name="mail"),
    path("staff/mail/<str:name>/", mail.mail_message, name="mail_message"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
