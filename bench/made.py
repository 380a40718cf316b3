"""made.py - identifiers made from a seed, each in a sentence, for score.py.

Keys and checks are computed here from the published rules, apart from the
program's own: NIR (INSEE, 97 minus the number mod 97), SPI (first ten mod 511),
SIREN, SIRET, cards, NPI (Luhn; NPI with 80840 before it), RIB (89 15 3 mod 97),
TVA (12 + 3 SIREN mod 97), IBAN (ISO 13616, mod 97), NHS (modulus 11), UTR
(weights 6 7 8 9 10 5 4 3 2), UK VAT (8 to 2, mod 97), DEA.  Nobody's number on
purpose: they live as long as one run.
"""
import random

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(r, n, first="0123456789"):
    return r.choice(first) + "".join(r.choice("0123456789")
                                     for _ in range(n - 1))


def luhn(body):
    total = 0
    for i, c in enumerate(reversed(body)):
        d = int(c) * (2 if i % 2 == 0 else 1)
        total += d - 9 if d > 9 else d
    return body + str(-total % 10)


def group(s, *sizes, by=" "):
    out, at = [], 0
    for n in sizes:
        out.append(s[at:at + n])
        at += n
    return by.join(out)


def mod97(text):
    return int("".join(str(int(c, 36)) for c in text)) % 97


def iban(country, bban):
    return country + f"{98 - mod97(bban + country + '00'):02d}" + bban


def fr_nir(r):
    dept = r.choice(["75", "13", "2A", "2B", "971", "99", "06", "59"])
    body = (r.choice("12") + digits(r, 2) + f"{r.randint(1, 12):02d}" + dept +
            f"{r.randint(1, 990 if len(dept) == 2 else 89):0{5 - len(dept)}d}"
            + f"{r.randint(1, 999):03d}")
    n = int(body.replace("2A", "19", 1) if dept == "2A" else
            body.replace("2B", "18", 1) if dept == "2B" else body)
    if dept in ("2A", "2B"):
        n = int(body[:5] + ("19" if dept == "2A" else "18") + body[7:])
    s = body + f"{97 - n % 97:02d}"
    return r.choice([s, group(s, 1, 2, 2, 2, 3, 3, 2)])


def fr_tax(r):
    body = digits(r, 10, "0123")
    s = body + f"{int(body) % 511:03d}"
    return r.choice([s, group(s, 2, 2, 3, 3, 3)])


def siren(r):
    return luhn(digits(r, 8, "123456789"))


def fr_siret(r):
    s = luhn(siren(r) + f"{r.randint(1, 99):04d}")
    return r.choice([s, group(s, 3, 3, 3, 5)])


def fr_vat(r):
    s = siren(r)
    key = f"{(12 + 3 * (int(s) % 97)) % 97:02d}"
    return r.choice(["FR" + key + s, f"FR {key} " + group(s, 3, 3, 3)])


def fr_rib(r):
    bank, branch = digits(r, 5, "123"), digits(r, 5)
    account = digits(r, 7) + r.choice(UPPER) + digits(r, 3)
    value = int("".join(c if c.isdigit() else
                        str("AJ BKS CLT DMU ENV FOW GPX HQY IRZ".split()
                            .index(next(g for g in "AJ BKS CLT DMU ENV FOW "
                                        "GPX HQY IRZ".split() if c in g)) + 1)
                        for c in account))
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * value) % 97
    return r.choice([" ", "-"]).join((bank, branch, account, f"{key:02d}"))


def uk_nino(r):
    while True:
        a, b = r.choice("ABCEGHJKLMNOPRSTWXYZ"), r.choice("ABCEGHJKLMNPRSTWXYZ")
        if a + b not in ("BG", "GB", "NK", "KN", "NT", "TN", "ZZ"):
            break
    s = a + b + digits(r, 6) + r.choice("ABCD")
    return r.choice([s, group(s, 2, 2, 2, 2, 1), s.lower()])


def uk_nhs(r):
    while True:
        body = digits(r, 9)
        check = 11 - sum((10 - i) * int(c) for i, c in enumerate(body)) % 11
        if check != 10 and len(set(body)) > 1:
            s = body + str(check % 11)
            return r.choice([s, group(s, 3, 3, 4), group(s, 3, 3, 4, by="-")])


def uk_utr(r):
    body = digits(r, 9)
    total = sum(int(c) * w for c, w in zip(body, (6, 7, 8, 9, 10, 5, 4, 3, 2)))
    s = "21987654321"[total % 11] + body
    return r.choice([s, group(s, 5, 5)])


def uk_vat(r):
    body = digits(r, 7, "123456789")
    total = sum(int(c) * w for c, w in zip(body, range(8, 1, -1)))
    s = body + f"{97 - (total + r.choice([0, 55])) % 97:02d}"
    return "GB" + r.choice([s, " " + group(s, 3, 4, 2)])


def uk_postcode(r):
    area = r.choice(["SW1A", "M1", "B33", "LS2", "EC1V", "G12", "CF10", "BT7",
                     "EH1", "W1T", "CR2", "DN55", "N1", "AB10"])
    inward = digits(r, 1) + "".join(r.choice("ABDEFGHJLNPQRSTUWXYZ")
                                    for _ in range(2))
    return area + " " + inward


def uk_sort(r):
    return (group(digits(r, 6, "123456789"), 2, 2, 2, by="-") +
            r.choice([" ", ", account ", " / "]) + digits(r, 8))


def uk_licence(r):
    name = "".join(r.choice(UPPER) for _ in range(5))
    month = r.randint(1, 12) + r.choice([0, 50])
    s = (name + digits(r, 1) + f"{month:02d}{r.randint(1, 28):02d}" +
         digits(r, 1) + r.choice(UPPER) + r.choice(UPPER + "9") + "9" +
         r.choice(UPPER) + r.choice(UPPER))
    return r.choice([s, group(s, 5, 6, 5)])


def us_ssn(r):
    area = r.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03d}-{r.randint(1, 99):02d}-{r.randint(1, 9999):04d}"


def us_itin(r):
    middle = r.choice([*range(50, 66), *range(70, 89), *range(90, 93),
                       *range(94, 100)])
    return f"9{digits(r, 2)}-{middle}-{digits(r, 4)}"


def us_npi(r):
    return luhn("80840" + digits(r, 9, "12"))[5:]


def us_mbi(r):
    a = "ACDEFGHJKMNPQRTUVWXY"
    b = a + "0123456789"
    s = "".join((digits(r, 1, "123456789"), r.choice(a), r.choice(b),
                 digits(r, 1), r.choice(a), r.choice(b), digits(r, 1),
                 r.choice(a), r.choice(a), digits(r, 2)))
    return r.choice([s, group(s, 4, 3, 4, by="-")])


def us_dea(r):
    d = digits(r, 6)
    check = (int(d[0]) + int(d[2]) + int(d[4]) +
             2 * (int(d[1]) + int(d[3]) + int(d[5]))) % 10
    return r.choice("ABFGM") + r.choice(UPPER) + d + str(check)


def card(r):
    s = luhn(r.choice([
        digits(r, 15, "4"), r.choice(["51", "55", "2221", "2720"]).ljust(4, "3")
        + digits(r, 11), "37" + digits(r, 12), "6011" + digits(r, 11)]))
    four = group(s, 4, 6, 5) if len(s) == 15 else group(s, 4, 4, 4, 4)
    return r.choice([s, four, four.replace(" ", "-")])


def any_iban(r):
    s = r.choice([iban("GB", "WEST" + digits(r, 14)),
                  iban("DE", digits(r, 18)), iban("ES", digits(r, 20)),
                  iban("FR", digits(r, 10) + digits(r, 7) + r.choice(UPPER) +
                       digits(r, 5))])
    spaced = " ".join(s[i:i + 4] for i in range(0, len(s), 4))
    return r.choice([s, spaced, spaced.lower(), spaced.replace(" ", "-")])


def phone(r):
    return r.choice([
        f"+44 20 7946 0{digits(r, 3)}", f"07700 900{digits(r, 3)}",
        f"01632 960{digits(r, 3)}", f"+33 6 39 98 {digits(r, 2)} "
        f"{digits(r, 2)}", f"01 99 00 {digits(r, 2)} {digits(r, 2)}",
        f"06.39.98.{digits(r, 2)}.{digits(r, 2)}",
        f"({digits(r, 3, '23456789').replace('11', '12')}) 555-01"
        f"{digits(r, 2)}", f"+1202555{digits(r, 4)}"])


def email(r):
    return (r.choice(["zoe.leger", "a+b", "jean_d", "m.o'neil", "x1"]) + "@" +
            r.choice(["example.org", "mail.exemple.example", "a-b.example.com",
                      "EXAMPLE.NET"]))


MADE = {
    "EMAIL": (email, ["write to {} today", "courriel : {}"]),
    "IBAN": (any_iban, ["pay into {} please", "virement sur {}"]),
    "FR_NIR": (fr_nir, ["mon numéro de sécu est {}", "NIR {} joint"]),
    "FR_SIRET": (fr_siret, ["la société SIRET {}", "SIRET : {}."]),
    "FR_TAX_ID": (fr_tax, ["numéro fiscal {}", "mon SPI est {}"]),
    "FR_VAT": (fr_vat, ["TVA intracommunautaire {}", "n° TVA {}"]),
    "FR_RIB": (fr_rib, ["RIB {}", "voici mon RIB : {} merci"]),
    "US_SSN": (us_ssn, ["my SSN is {}", "number {} on file"]),
    "CREDIT_CARD": (card, ["charge {} now", "card {} expires soon"]),
    "PHONE": (phone, ["ring {} now", "tél. {}"]),
    "UK_NINO": (uk_nino, ["NI number {}", "my national insurance is {}"]),
    "UK_NHS_NUMBER": (uk_nhs, ["NHS number {}", "patient NHS {}"]),
    "UK_UTR": (uk_utr, ["UTR {}", "my tax reference is {}"]),
    "UK_DRIVING_LICENCE": (uk_licence, ["driving licence {}", "licence {}"]),
    "UK_POSTCODE": (uk_postcode, ["12 High Street, Town, {}", "{} is near"]),
    "UK_VAT": (uk_vat, ["VAT number {}", "VAT reg {}"]),
    "UK_SORT_CODE": (uk_sort, ["sort code {}", "bank details: {}"]),
    "US_ITIN": (us_itin, ["ITIN {}", "taxpayer id {}"]),
    "US_NPI": (us_npi, ["NPI {}", "provider NPI: {}"]),
    "US_MBI": (us_mbi, ["Medicare number {}", "MBI {}"]),
    "US_DEA": (us_dea, ["DEA number {}", "DEA {}"]),
}


def made(n):
    """(type, text, start, end), @n of each type."""
    out = []
    for kind, (make, phrases) in MADE.items():
        r = random.Random("tracegate " + kind)
        for i in range(n):
            head, tail = phrases[i % len(phrases)].split("{}")
            v = make(r)
            out.append((kind, head + v + tail, len(head), len(head) + len(v)))
    return out
