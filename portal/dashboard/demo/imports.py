"""Two sheets of the demo's direct-bill partner: one that is imported, one that waits to be looked at."""

import csv
import io

from django.core.files.base import ContentFile

from agreements.tasks import take_step
from customers.models import CustomerImport, ImportStatus
from customers.services import begin_import, map_import, upload_import
from customers.sheets.columns import Column, guess
from portal.dashboard.demo.accounts import ADA, VISTULA
from portal.dashboard.demo.partners import Cast

# Two lines each: the company and its address, then the contact and who of ours looks after them.
HEADER = "Company name|Primary domain name|Country|Street|City|Zip|First name|Last name|E-mail|Phone|Account manager"
TAKEN_OVER = """
Kupfermühle Papier GmbH|kupfermuehle-papier.onmicrosoft.com|Germany|Mühlenweg 3|Düren|52349
  Anneliese|Küppers|a.kueppers@kupfermuehle.example|+49242155500112|Sam
Vogelsang Orgelbau|vogelsang-orgelbau.onmicrosoft.com|Germany|Domplatz 8|Magdeburg|39104
  Götz|Vogelsang|post@vogelsang-orgelbau.example|+4939155500134|Sam
Skärgårdens Varv AB|skargardens-varv.onmicrosoft.com|Sweden|Varvsgatan 2|Karlskrona|371 34
  Åsa|Nyström|asa@skargardens-varv.example|+46455550156|Ada
Molen De Hoop B.V.|molen-de-hoop.onmicrosoft.com|Netherlands|Molenstraat 41|Sneek|8601 AA
  ||||Ada
"""
TO_CORRECT = """
Fjällräven Bokföring AB|fjall-bokforing.onmicrosoft.com|Sweden|Skolgatan 5|Östersund|831 31
  Nils|Lindqvist|nils@fjall-bokforing.example|+46635550112|Sam
Weinhaus Mosel|weinhaus-mosel.onmicrosoft.com|Germany|Moselufer 9|Cochem|5681
  Irmgard|Lauer|i.lauer@weinhaus-mosel.example||Sam
GmbH|ohne-namen.onmicrosoft.com|Germany|Ringstraße 1|Leipzig|04103
  Uwe|Prell|uwe@ohne-namen.example|+4934155500178|Ada
Zeilmakerij Wind & Zoon|zeilmakerij|NL|Haven 12|Hindeloopen|8713 KR
  Femke|Dijkstra|femke@zeilmakerij.example|+31514550116|Ada
Żuraw Logistyka|zuraw-logistyka.onmicrosoft.com|Poland|ul. Portowa 12|Gdynia|81-339
  ||||Ada
Brasserie du Canal|brasserie-canal.onmicrosoft.com|France|7 quai de Valmy|Paris|75010
  Élodie|Marchand|elodie.marchand|+33199005590|Ada
"""


def load_imports(cast: Cast) -> None:
    """Through the services, with the work of the background done at once."""
    imported = _checked(cast, "Customers of Rheinland IT.csv", TAKEN_OVER)
    begun = begin_import(by=cast.agent(ADA, VISTULA), sheet=imported, submit_key="demo-import", queue=_nothing)
    _worked(begun)
    _checked(cast, "New customers May.csv", TO_CORRECT)


def _checked(cast: Cast, name: str, text: str) -> CustomerImport:
    header = HEADER.split("|")
    lines = [line.strip() for line in text.strip().splitlines()]
    rows = [f"{company}|{contact}".split("|") for company, contact in zip(lines[0::2], lines[1::2], strict=True)]
    content = io.StringIO()
    csv.writer(content).writerows([header, *rows])
    by, partner = cast.agent(ADA, VISTULA), cast.partners[VISTULA]
    sheet = upload_import(
        by=by,
        partner=partner,
        file=ContentFile(content.getvalue().encode()),
        file_name=name,
        header=header,
        first_rows=list(enumerate(rows, start=2))[:5],
        submit_key=name,
    )
    mapping = guess(header, list(Column))
    return _worked(map_import(by=by, sheet=sheet, mapping=mapping, country=str(partner.country), queue=_nothing))


def _nothing(sheet: CustomerImport) -> None:
    """What a worker would do is done below."""


def _worked(sheet: CustomerImport) -> CustomerImport:
    """With every step taken. The steps queue the next one all the same; the worker finds them taken."""
    while sheet.status in (ImportStatus.CHECKING, ImportStatus.COMMITTING):
        take_step(sheet)
        sheet = CustomerImport.objects.select_related("partner", "owner").get(pk=sheet.pk)
    return sheet
