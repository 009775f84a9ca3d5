"""Three lines for a shell that get a token and call the API: what whoever sets a program up tries first."""

# Takes the token out of the answer with what every shell has.
PICK = """sed -E 's/.*"access_token": ?"([^"]+)".*/\\1/'"""
SCOPE = "https://api.partnercenter.microsoft.com/.default"


def calling(*, base: str, tenant: str, client_id: str, shown: str) -> str:
    """base: the portal's address; shown: the secret, of letters, digits, - and _ only. It goes into no address.

    tenant and client_id may be names of the shell's variables.
    """
    said = f'-d grant_type=client_credentials -d "client_id={client_id}" -d scope={SCOPE}'
    return "\n".join(
        [
            f"CLIENT_SECRET='{shown}'",
            f'TOKEN=$(curl -s "{base}/{tenant}/oauth2/v2.0/token" {said} '
            f'--data-urlencode "client_secret=$CLIENT_SECRET" | {PICK})',
            f'curl -s "{base}/v1/customers?size=10" -H "Authorization: Bearer $TOKEN"',
        ]
    )
