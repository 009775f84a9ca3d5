from django.urls import path

from portal.partners.views import members, password, profile, roles, switch

app_name = "partners"

urlpatterns = [
    path("", profile.profile, name="profile"),
    path("members/", members.member_list, name="members"),
    path("members/invite/", members.member_invite, name="invite"),
    path("members/<uuid:membership_id>/", members.member_edit, name="member"),
    path("roles/", roles.role_matrix, name="roles"),
    path("switch/", switch.switch, name="switch"),
    path("password/<uuid:user_id>/<str:token>/", password.choose, name="password"),
]
