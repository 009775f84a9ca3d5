"""Where programs and libraries look for tokens, keys and the sign-in: at the root of the host, as at Microsoft's."""

from django.urls import path, register_converter

from portal.tokens.views import authorizing, discovery, exchanging


class TenantConverter:
    """A partner's id or domain, or "common"; which of these it may be, each view says."""

    regex = r"[0-9A-Za-z][0-9A-Za-z.-]{0,252}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


register_converter(TenantConverter, "tenant")

app_name = "tokens"

urlpatterns = [
    path("<tenant:tenant>/oauth2/token", exchanging.token, {"version": "1.0"}, name="token_v1"),
    path("<tenant:tenant>/oauth2/v2.0/token", exchanging.token, {"version": "2.0"}, name="token"),
    path("<tenant:tenant>/oauth2/authorize", authorizing.authorize, {"version": "1.0"}, name="authorize_v1"),
    path("<tenant:tenant>/oauth2/v2.0/authorize", authorizing.authorize, {"version": "2.0"}, name="authorize"),
    path("generatetoken", exchanging.generate_token, name="generate_token"),
    path("generateToken", exchanging.generate_token, name="generate_token_camel"),
    path("v3/generatetoken", exchanging.generate_token, name="generate_token_v3"),
    path("common/discovery/instance", discovery.instance, name="instance"),
    path("common/discovery/keys", discovery.keys, name="common_keys"),
    path("<tenant:tenant>/discovery/keys", discovery.keys, name="keys_v1"),
    path("<tenant:tenant>/discovery/v2.0/keys", discovery.keys, name="keys"),
    path(
        "<tenant:tenant>/.well-known/openid-configuration",
        discovery.configuration,
        {"version": "1.0"},
        name="configuration_v1",
    ),
    path(
        "<tenant:tenant>/v2.0/.well-known/openid-configuration",
        discovery.configuration,
        {"version": "2.0"},
        name="configuration",
    ),
]
