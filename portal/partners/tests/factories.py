"""Partners and their people, as tests need them."""

import factory
from factory.django import DjangoModelFactory

from portal.partners.models import Cloud, Environment, Membership, Partner, PartnerKind, PartnerLink, User

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@partner.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    is_staff = False
    # Staff may do everything, as the services have it.
    is_superuser = factory.SelfAttribute("is_staff")

    @factory.post_generation
    def password(self: User, create: bool, extracted: str | None) -> None:
        self.set_password(extracted or PASSWORD)
        self.save(update_fields=["password"])


class PartnerFactory(DjangoModelFactory[Partner]):
    class Meta:
        model = Partner

    class Params:
        reseller = factory.Trait(kind=PartnerKind.INDIRECT_RESELLER)
        provider = factory.Trait(kind=PartnerKind.INDIRECT_PROVIDER)
        government = factory.Trait(cloud=Cloud.US_GOVERNMENT, country="US")
        sandbox = factory.Trait(environment=Environment.SANDBOX)

    name = factory.Sequence(lambda n: f"Partner {n}")
    kind = PartnerKind.DIRECT_BILL
    cloud = Cloud.PUBLIC
    environment = Environment.PRODUCTION
    country = "PL"
    time_zone = "Europe/Warsaw"


class PartnerLinkFactory(DjangoModelFactory[PartnerLink]):
    class Meta:
        model = PartnerLink

    provider = factory.SubFactory(PartnerFactory, provider=True)
    reseller = factory.SubFactory(PartnerFactory, reseller=True)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    partner = factory.SubFactory(PartnerFactory)
    roles = factory.LazyFunction(lambda: ["admin_agent"])
    # The person came with this membership; say otherwise for one that was known before.
    created_at = factory.SelfAttribute("user.created_at")
