"""Companies and people to measure with: many scripts, the same ones at every run."""

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

# In one name of twenty; in eight names, however many there are.
COMMON, RARE = "Solutions", "Quagga"
RARE_COUNT = 8
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
# (first words, second words, endings, country, first names, last names), most companies with Latin letters.
SCRIPTS = [
    (
        "Northern Blue Acme Global Summit Harbor Silver Cedar Prime Urban Pacific Atlas Vector Orchid Granite",
        "Trading Logistics Foods Energy Motors Health Textiles Media Farms Consulting Paper Optics Travel Design",
        "Ltd|Inc.|LLC|Group",
        "US",
        "James Mary Robert Linda Michael Susan David Karen Daniel Nancy",
        "Smith Johnson Brown Miller Davis Wilson Moore Taylor Clark Lewis",
    ),
    (
        "Żabka Łódzka Śląska Polska Gdańska Krakowska Zielona Złota Mała Wielka",
        "Hurtownia Piekarnia Drukarnia Mleczarnia Cukrownia Apteka Budowa Spedycja",
        "Sp. z o.o.|S.A.|Sp. k.",
        "PL",
        "Zofia Łukasz Świętosława Michał Małgorzata Paweł",
        "Wiśniewska Wójcik Kamiński Żółtowski Dąbrowska Kaczmarek",
    ),
    (
        "Åkeri Östra Nordsjö Älvdal Västra Björk Södra",
        "Transport Bygg Fisk Skog Stål Möbler",
        "AB|HB",
        "SE",
        "Åsa Björn Örjan Märta Göran",
        "Öberg Ångström Sjöberg Lindqvist",
    ),
    (
        "Große Müller Süddeutsche Grüne Königliche Weiß",
        "Straßenbau Getränke Gießerei Bäckerei Möbelhaus",
        "GmbH|AG|KG",
        "DE",
        "Jürgen Käthe Günther Sören",
        "Weiß Schröder Groß Köhler",
    ),
    (
        "Северный Восточный Новый Первый Красный Белый",
        "Торговый Завод Склад Экспорт Транспорт Рынок",
        "ООО|АО",
        "BG",
        "Мария Иван Елена Дмитрий",
        "Иванова Петров Смирнова Кузнецов",
    ),
    (
        "Ελληνική Αθηναϊκή Νέα Βόρεια Μεγάλη",
        "Εμπορική Ναυτιλία Τροφίμων Ενέργεια",
        "Α.Ε.|Ε.Π.Ε.",
        "GR",
        "Γιώργος Ελένη Νίκος",
        "Παπαδόπουλος Νικολάου Γεωργίου",
    ),
    (
        "東京 大阪 北海 富士 みどり",
        "商事 製作所 運輸 食品 電機",
        "株式会社",
        "JP",
        "花子 太郎 さくら",
        "佐藤 鈴木 高橋",
    ),
    ("上海 北方 华南 新世 金龙", "贸易 科技 物流 食品", "有限公司", "SG", "伟 芳 娜", "王 李 张"),
    ("شركة مؤسسة مجموعة", "النور الخليج الشرق الأمل", "ذ.م.م", "AE", "محمد فاطمة أحمد", "العلي الحسن"),
    ("חברת קבוצת", "הצפון הגליל האור השרון", 'בע"מ', "IL", "דוד שרה משה", "כהן לוי"),
]
WEIGHTS = [44, 14, 9, 10, 6, 4, 5, 3, 3, 2]


@dataclass(frozen=True)
class Company:
    """One customer to be: what the portal's rows are made of. attested_on: seven of ten have accepted."""

    number: int
    tenant_id: uuid.UUID
    contact_id: uuid.UUID
    name: str
    country: str
    domain: str
    registration_number: str
    first_name: str
    last_name: str
    email: str
    attested_on: date | None
    direct_on: date | None
    invited_at: datetime | None
    subscription_count: int
    created_at: datetime
    updated_at: datetime


def company(number: int, count: int) -> Company:
    """The company of this number among so many. Each depends on its number alone, except for the rare ones."""
    draw = random.Random(number)  # noqa: S311 - sample data
    first, second, ends, country, first_names, last_names = draw.choices(SCRIPTS, WEIGHTS)[0]
    words = [draw.choice(first.split()), draw.choice(second.split())]
    if draw.random() < 0.05:
        words[1] = COMMON
    if number % (count // RARE_COUNT) == 0 and number < count // RARE_COUNT * RARE_COUNT:
        words[1] = RARE
    name = f"{' '.join(words)} {number} {draw.choice(ends.split('|'))}"
    domain = f"{_letters(number)}{number}.onmicrosoft.com"
    created_at = NOW - timedelta(minutes=draw.randrange(60 * 24 * 1400))
    fate = draw.random()
    return Company(
        number=number,
        tenant_id=uuid.UUID(int=draw.getrandbits(128), version=4),
        contact_id=uuid.UUID(int=draw.getrandbits(128), version=4),
        name=name,
        country=country,
        domain=domain,
        registration_number=str(draw.randrange(10**9, 10**10)),
        first_name=draw.choice(first_names.split()),
        last_name=draw.choice(last_names.split()),
        email=f"{_letters(draw.randrange(10**6))}@{domain.partition('.')[0]}.example",
        attested_on=created_at.date() if fate < 0.6 else None,
        direct_on=created_at.date() if 0.6 <= fate < 0.7 else None,
        invited_at=created_at if 0.7 <= fate < 0.8 else None,
        subscription_count=draw.choice([0, 0, 1, 2, 3, 5]),
        created_at=created_at,
        updated_at=created_at + (NOW - created_at) * draw.random(),
    )


def _letters(number: int) -> str:
    """A pronounceable word for a number."""
    syllables = []
    for _ in range(4):
        number, at = divmod(number * 7 + 3, 95)
        syllables.append("bcdfghklmnprstvwxzj"[at % 19] + "aeiou"[at // 19])
    return "".join(syllables)
