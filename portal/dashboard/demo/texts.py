"""The sample agreement in each language of the demo's countries, written for this portal."""

from typing import NamedTuple


class Sample(NamedTuple):
    """notice: says that this is a sample and not Microsoft's agreement."""

    title: str
    notice: str
    clauses: tuple[str, ...]


SAMPLES = {
    "en-US": Sample(
        "Sample customer agreement",
        "SAMPLE TEXT for trying out this portal. This is not Microsoft's agreement and binds nobody.",
        (
            "The customer buys online services through a partner of its choice.",
            "The partner keeps a record of who accepted this text, and when.",
            "Nothing in this sample is legal advice. Replace it with the real documents before use.",
        ),
    ),
    "pl-PL": Sample(
        "Przykładowa umowa z klientem",
        "TEKST PRZYKŁADOWY do wypróbowania portalu. To nie jest umowa firmy Microsoft i nikogo nie wiąże.",
        (
            "Klient kupuje usługi online za pośrednictwem wybranego partnera.",
            "Partner przechowuje informację, kto i kiedy zaakceptował ten tekst.",
            "Ten przykład nie jest poradą prawną. Przed użyciem należy zastąpić go właściwymi dokumentami.",
        ),
    ),
    "sv-SE": Sample(
        "Exempel på kundavtal",
        "EXEMPELTEXT för att prova portalen. Detta är inte Microsofts avtal och binder ingen.",
        (
            "Kunden köper onlinetjänster genom en partner som kunden själv väljer.",
            "Partnern sparar uppgift om vem som godkände texten och när.",
            "Exemplet är ingen juridisk rådgivning. Byt ut det mot de riktiga dokumenten före användning.",
        ),
    ),
    "nl-NL": Sample(
        "Voorbeeld van een klantovereenkomst",
        "VOORBEELDTEKST om dit portaal te proberen. Dit is niet de overeenkomst van Microsoft en bindt niemand.",
        (
            "De klant koopt onlinediensten via een partner naar keuze.",
            "De partner bewaart wie deze tekst heeft geaccepteerd en wanneer.",
            "Dit voorbeeld is geen juridisch advies. Vervang het voor gebruik door de echte documenten.",
        ),
    ),
    "de-DE": Sample(
        "Beispiel eines Kundenvertrags",
        "BEISPIELTEXT zum Ausprobieren dieses Portals. Das ist nicht der Vertrag von Microsoft und bindet niemand.",
        (
            "Der Kunde kauft Onlinedienste über einen Partner seiner Wahl.",
            "Der Partner hält fest, wer diesen Text angenommen hat und wann.",
            "Dieses Beispiel ist keine Rechtsberatung. Vor dem Einsatz durch die echten Dokumente ersetzen.",
        ),
    ),
    "fr-FR": Sample(
        "Exemple de contrat client",
        "TEXTE D'EXEMPLE pour essayer ce portail. Ce n'est pas le contrat de Microsoft et il n'engage personne.",
        (
            "Le client achète des services en ligne auprès du partenaire de son choix.",
            "Le partenaire conserve la trace de la personne qui a accepté ce texte et de la date.",
            "Cet exemple n'est pas un conseil juridique. Remplacez-le par les vrais documents avant usage.",
        ),
    ),
    "es-ES": Sample(
        "Ejemplo de contrato de cliente",
        "TEXTO DE EJEMPLO para probar este portal. No es el contrato de Microsoft y no obliga a nadie.",
        (
            "El cliente compra servicios en línea a través del socio que elija.",
            "El socio conserva constancia de quién aceptó este texto y cuándo.",
            "Este ejemplo no es asesoramiento jurídico. Sustitúyalo por los documentos reales antes de usarlo.",
        ),
    ),
    "pt-BR": Sample(
        "Exemplo de contrato do cliente",
        "TEXTO DE EXEMPLO para experimentar este portal. Não é o contrato da Microsoft e não obriga ninguém.",
        (
            "O cliente compra serviços on-line por meio do parceiro que escolher.",
            "O parceiro guarda o registro de quem aceitou este texto e quando.",
            "Este exemplo não é orientação jurídica. Substitua-o pelos documentos reais antes do uso.",
        ),
    ),
    "ja-JP": Sample(
        "顧客契約書(見本)",
        "これはポータルを試すための見本です。マイクロソフトの契約書ではなく、法的な効力はありません。",
        (
            "お客様は、自ら選んだパートナーを通じてオンラインサービスを購入します。",
            "パートナーは、誰がいつ本書に同意したかを記録します。",
            "本見本は法的助言ではありません。実際に使う前に正式な文書に差し替えてください。",
        ),
    ),
    "ar-SA": Sample(
        "نموذج اتفاقية العميل",
        "هذا نص تجريبي لتجربة البوابة فقط. ليس اتفاقية مايكروسوفت ولا يلزم أحداً.",
        (
            "يشتري العميل الخدمات عبر الإنترنت من خلال شريك يختاره.",
            "يحتفظ الشريك بسجل يبين من وافق على هذا النص ومتى.",
            "لا يعد هذا النموذج استشارة قانونية. استبدله بالوثائق الحقيقية قبل الاستخدام.",
        ),
    ),
    "zh-HK": Sample(
        "客戶合約(範本)",
        "此為試用本網站的範本文字,並非微軟的合約,對任何人均無約束力。",
        (
            "客戶透過自行選擇的合作夥伴購買網上服務。",
            "合作夥伴會記錄何人於何時接受本文。",
            "本範本並非法律意見。正式使用前請以真正的文件取代。",
        ),
    ),
    "zh-SG": Sample(
        "客户协议(样本)",
        "这是用于试用本网站的样本文字,不是微软的协议,对任何人均无约束力。",
        (
            "客户通过自行选择的合作伙伴购买在线服务。",
            "合作伙伴会记录何人于何时接受本文。",
            "本样本不是法律意见。正式使用前请换成真正的文件。",
        ),
    ),
}
