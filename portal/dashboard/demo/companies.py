"""The demo's customer companies: invented names at plausible addresses, in the script of their country.

Three lines each: company | country | domain prefix | registration number; then address line 1 | city |
state | postal code; then the primary contact's first name | last name | mailbox | phone (E.164).
"""

from typing import NamedTuple

from customers.services import CompanyDetails, ContactDetails
from portal.dashboard.demo.agreements import language_of


class Company(NamedTuple):
    """A customer to be. prefix: of its domain, and the demo's short name for it."""

    prefix: str
    details: CompanyDetails
    contact: ContactDetails

    @property
    def domain(self) -> str:
        return f"{self.prefix}.onmicrosoft.com"


def read(text: str) -> tuple[Company, ...]:
    """The companies of a text in the form that this module's docstring describes."""
    lines = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    companies = []
    for head, address, person in zip(lines[0::3], lines[1::3], lines[2::3], strict=True):
        name, country, prefix, registration = head
        line1, city, state, postal_code = address
        first_name, last_name, mailbox, phone = person
        details = CompanyDetails(
            company_name=name,
            country=country,
            address_line1=line1,
            city=city,
            state=state,
            postal_code=postal_code,
            registration_number=registration,
            language=language_of(country),
        )
        email = f"{mailbox}@{prefix}.example"
        contact = ContactDetails(first_name=first_name, last_name=last_name, email=email, phone=phone)
        companies.append(Company(prefix, details, contact))
    return tuple(companies)


DIRECT_BILL = read("""
Żuraw Logistyka Sp. z o.o. | PL | zuraw-logistyka | 1004000109
  ul. Portowa 12 | Gdynia | | 81-339
  Zofia | Żurawska | z.zurawska | +48585550112
Młyn Pod Różą S.A. | PL | mlyn-pod-roza | 1077101477
  ul. Młyńska 4 | Kraków | | 31-469
  Łukasz | Różański | lukasz.rozanski | +48125550134
Ćwiek i Wspólnicy Kancelaria | PL | cwiek-kancelaria | 1150202846
  Aleje Jerozolimskie 96 | Warszawa | | 00-807
  Małgorzata | Ćwiek | m.cwiek | +48225550156
Źródło Zdrowia Przychodnia | PL | zrodlo-zdrowia | 1223304217
  ul. Świdnicka 21 | Wrocław | | 50-066
  Grażyna | Błąd-Nowak | rejestracja | +48715550178
Jaskółka Dom Wydawniczy | PL | jaskolka-wydawnictwo | 1296405585
  ul. Piotrkowska 118 | Łódź | | 90-006
  Stanisław | Jędrzejczyk | s.jedrzejczyk | +48425550190
Bursztyn Software Sp. z o.o. | PL | bursztyn-software | 1369506956
  ul. Grunwaldzka 472 | Gdańsk | | 80-309
  Kinga | Wójcik | kinga.wojcik | +48585550123
Sad Górny Spółdzielnia | PL | sad-gorny | 1442608325
  ul. Sadowa 7 | Grójec | | 05-600
  Krzysztof | Śliwa | biuro | +48485550145
Modrzew Meble Sp. z o.o. | PL | modrzew-meble | 1515709694
  ul. Fabryczna 31 | Bydgoszcz | | 85-741
  Agnieszka | Modrzewska | a.modrzewska | +48525550167
Kolej Wąskotorowa Puszcza | PL | kolej-puszcza | 1588811062
  ul. Dworcowa 2 | Hajnówka | | 17-200
  Tadeusz | Świątek | t.swiatek | +48855550189
Pracownia Architektury Łuk | PL | pracownia-luk | 1661912431
  ul. Mariacka 15 | Katowice | | 40-014
  Bożena | Łuczak | bozena.luczak | +48325550101
Åsgård Fastigheter AB | SE | asgard-fastigheter |
  Storgatan 14 | Umeå | | 903 26
  Örjan | Åström | orjan.astrom | +46905550110
Björkö Trähus AB | SE | bjorko-trahus |
  Hamngatan 3 | Västerås | | 722 13
  Märta | Björklund | marta.bjorklund | +46215550132
Södermalms Bageri & Café AB | SE | sodermalms-bageri |
  Götgatan 58 | Stockholm | | 118 26
  Elif | Öztürk | elif | +4687440154
Van der Meer Bloemen B.V. | NL | vandermeer-bloemen |
  Legmeerdijk 313 | Aalsmeer | | 1431 GB
  Sanne | van der Meer | sanne | +31297550116
's-Gravenzande Tuinbouw B.V. | NL | sgravenzande-tuinbouw |
  Naaldwijkseweg 41 | 's-Gravenzande | | 2691 PV
  Joost | de Graaff | joost.degraaff | +31174550138
IJsselbrug Advies | NL | ijsselbrug-advies |
  Brink 9 | Deventer | | 7411 BR
  Noor | IJzerman | noor | +31570550150
Brouwerij De Gouden Kraan BVBA | BE | gouden-kraan |
  Kraanlei 22 | Gent | | 9000
  Wout | D'Hondt | wout.dhondt | +3292550172
Chocolaterie Saint-Géry SRL | BE | chocolaterie-saint-gery |
  Place Saint-Géry 8 | Bruxelles | | 1000
  Amélie | Lefèvre | amelie.lefevre | +3225550194
Müller & Söhne Werkzeugbau GmbH | DE | mueller-werkzeugbau |
  Industriestraße 45 | Stuttgart | | 70565
  Jürgen | Müller | j.mueller | +4971155500117
Weißwasser Glashütte GmbH | DE | weisswasser-glas |
  Bahnhofstraße 10 | Weißwasser | | 02943
  Käthe | Groß | k.gross | +49357655500139
Nordlicht Windkraft eG | DE | nordlicht-wind |
  Am Hafen 6 | Husum | | 25813
  Sönke | Jürgensen | soenke.juergensen | +49484155500151
Praxis Dr. Yıldız & Kollegen | DE | praxis-yildiz |
  Karl-Marx-Straße 80 | Berlin | | 12043
  Ayşe | Yıldız | praxis | +493055500173
Fährhaus Elbblick KG | DE | faehrhaus-elbblick |
  Elbchaussee 130 | Hamburg | | 22763
  Björn | Petersen | empfang | +494055500195
Alpenquell Getränke GmbH | AT | alpenquell |
  Seestraße 18 | Hallstatt | | 4830
  Magdalena | Hölzl | m.hoelzl | +43613455500
Librairie de l'Œil Ouvert SARL | FR | librairie-oeil-ouvert |
  12 rue Mouffetard | Paris | | 75005
  Zoé | Bélanger | zoe.belanger | +33199005512
Pêcheries du Léon SAS | FR | pecheries-leon |
  3 quai du Port | Roscoff | | 29680
  Loïc | Kerguélen | loic | +33298005534
Harrogate Tea Merchants Ltd | GB | harrogate-tea |
  8 Parliament Street | Harrogate | | HG1 2QU
  Siobhán | O'Neill | siobhan.oneill | +442079460112
Thistle & Rowan Architects LLP | GB | thistle-rowan |
  21 Leith Street | Edinburgh | | EH1 3AT
  Fergus | MacLeod | fergus | +441314960134
Cadair Idris Outdoor Ltd | GB | cadair-idris |
  Heol y Bont 5 | Dolgellau | | LL40 1AU
  Gwenllïan | Rhŷs | gwenllian.rhys | +442920180156
Cedar Ridge Orchards LLC | US | cedar-ridge-orchards |
  410 Orchard Road | Wenatchee | WA | 98801
  Maria José | Núñez | mj.nunez | +12025550112
Lakeshore Family Dental PC | US | lakeshore-dental |
  233 East Wacker Drive | Chicago | IL | 60601
  Deshawn | Carter | dcarter | +13125550134
Bayou Bridge Builders Inc. | US | bayou-bridge |
  701 Poydras Street | New Orleans | LA | 70139
  Thérèse | Boudreaux | therese | +15045550156
Halvorsen Granite & Stone Co. | US | halvorsen-granite |
  55 Quarry Lane | Barre | VT | 05641
  Ingrid | Halvorsen | ingrid | +18025550178
株式会社さくら精機 | JP | sakura-seiki |
  千代田区大手町1-2-3 | | 東京都 | 100-0004
  花子 | 佐藤 | hanako.sato | +81355550112
京町屋旅館株式会社 | JP | kyomachiya-ryokan |
  京都市東山区祇園町南側570-8 | | 京都府 | 605-0074
  健太郎 | 渡辺 | kentaro | +81755550134
維港貿易有限公司 | HK | wai-gong-trading |
  彌敦道 88 號 12 樓 | 尖沙咀 | Kowloon |
  美玲 | 陳 | meiling.chan | +85235550112
玉山茶業股份有限公司 | TW | yushan-tea |
  忠孝東路一段 100 號 | 中正區 | 台北市 | 100
  志明 | 林 | zhiming.lin | +886255501234
狮城海运私人有限公司 | SG | lion-city-shipping |
  10 Anson Road #12-05 | | | 079903
  伟强 | 黄 | weiqiang.ng | +6562550112
شركة واحة النخيل للتجارة ش.ذ.م.م | AE | palm-oasis-trading | 100200300400003
  شارع الشيخ زايد 15 | | إمارة دبيّ |
  فاطمة | المنصوري | fatima.almansoori | +97145550112
Padaria Três Corações Ltda. | BR | padaria-tres-coracoes | 99990001000198
  Rua Augusta 1200 | São Paulo | SP | 01304-001
  João | Conceição | joao.conceicao | +551155501234
Construções Ipê-Amarelo S.A. | BR | ipe-amarelo | 99990002000132
  Avenida Afonso Pena 867 | Belo Horizonte | MG | 30130-002
  Luísa | Guimarães | luisa | +553155501234
Cerámica Peñalara S.L. | ES | ceramica-penalara |
  Calle de Alcalá 45 | Madrid | M | 28014
  Begoña | Muñoz | begona.munoz | +34915550112
Érablière Mont-Écho inc. | CA | erabliere-mont-echo |
  1250 rue Sherbrooke | Montréal | QC | H3G 1H1
  Geneviève | Côté | genevieve.cote | +15145550112
Hrnčířství U Zlatého Džbánu s.r.o. | CZ | zlaty-dzban |
  Nerudova 17 | Praha 1 | | 118 00
  Ondřej | Řehoř | ondrej.rehor | +420225550112
Ελαιώνες Αιγαίου Α.Ε. | GR | elaiones-aigaiou |
  Ερμού 24 | Αθήνα | | 105 63
  Ελένη | Παπαδοπούλου | eleni | +302105550112
ТОВ «Соняшник Агро» | UA | soniashnyk-agro | 32000127
  вул. Хрещатик 22 | Київ | | 01001
  Оксана | Ґалаґан | oksana | +380445550112
""")

# Those of the indirect provider; `story.RESOLD` names the ones that its reseller serves.
PROVIDER = read("""
Fjordlys Energi AS | NO | fjordlys-energi |
  Strandgaten 19 | Bergen | | 5013
  Åse | Bjørnstad | ase.bjornstad | +4755550112
Kajak & Kyst ApS | DK | kajak-kyst |
  Nyhavn 12 | København K | | 1051
  Søren | Ærø | soren | +4533550112
Rösti & Rahm Gastronomie AG | CH | roesti-rahm |
  Bahnhofstrasse 40 | Zürich | | 8001
  Ursina | Bünzli | ursina | +41445550112
Ó Súilleabháin Craft Brewers Ltd | IE | osuilleabhain-brewers |
  12 Main Street | Dingle | Co. Kerry | V92 X2T5
  Caoimhe | Ní Shúilleabháin | caoimhe | +353215550112
Harborline Marine Supply Inc. | US | harborline-marine |
  14 Commercial Street | Portland | ME | 04101
  Winona | Blackwood | winona | +12075550112
Azulejos do Tejo Lda. | PT | azulejos-tejo |
  Rua das Janelas Verdes 9 | Lisboa | | 1249-017
  Gonçalo | Magalhães | goncalo | +351215550112
Sachsenwald Forstbetrieb GmbH | DE | sachsenwald-forst |
  Forstweg 2 | Aumühle | | 21521
  Friederike | Freiherr von Löwen | f.vonloewen | +49410455500
Nowa Huta Spawalnictwo Sp. z o.o. | PL | nowa-huta-spawanie | 1735013807
  ul. Ujastek 1 | Kraków | | 31-752
  Wiesław | Dąbrowski | w.dabrowski | +48125550188
Tulipán Salones S.A. de C.V. | MX | tulipan-salones |
  Avenida Juárez 50 | Ciudad de México | CDMX | 06010
  Ximena | Ordóñez | ximena | +525555501234
Southern Cross Surf Pty Ltd | AU | southern-cross-surf |
  77 Campbell Parade | Bondi Beach | NSW | 2026
  Kirra | O'Brien | kirra | +61255501234
""")

GOVERNMENT = read("""
County of Blue Hollow | US | blue-hollow-county |
  200 Courthouse Square | Richmond | VA | 23219
  Loretta | Whitfield | lwhitfield | +18045550112
Tidewater Transit Authority | US | tidewater-transit |
  3400 Victoria Boulevard | Hampton | VA | 23661
  Marcus | Oyelaran | moyelaran | +17575550134
Prairie Rivers Water District | US | prairie-rivers-water |
  12 Levee Street | Topeka | KS | 66603
  Jo-Ann | Two Bulls | jtwobulls | +17855550156
""")

SANDBOX = read("""
Test Tenant Erste GmbH | DE | sandbox-erste |
  Teststraße 1 | München | | 80331
  Tessa | Prüfer | tessa | +498955500112
Próba Druga Sp. z o.o. | PL | sandbox-druga | 1808115176
  ul. Próżna 5 | Warszawa | | 00-107
  Piotr | Próbny | piotr | +48225550101
Third Trial LLC | US | sandbox-third |
  1 Sample Plaza | Seattle | WA | 98101
  Tricia | Trial | tricia | +12065550178
Quatrième Essai SARL | FR | sandbox-quatrieme |
  4 place de l'Essai | Lyon | | 69002
  Étienne | Essai | etienne | +33472005512
""")
