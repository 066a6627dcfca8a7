#!/usr/bin/python3
"""data: clubs, teachers and users as Belgian riding schools have them, as SQL.

  data.py [--clubs N] [--teachers N]

The same numbers give the same rows. The first ones are the cases that tests name, and are
always there; user ids are teacher ids + 100:

  club 1     lump sum with €, additional insurance, œ and accents in every field
  club 2     real costs, no additional insurance, a very long name
  club 3     nothing but a name: every optional field is null, no reimbursement
  teacher 1  complete
  teacher 2  no address; œ, ï
  teacher 3  a very long name
  teacher 4  deleted (soft): counts as missing
  teacher 5  refuse@nulle-part.example, the address that the SMTP catcher refuses
  teacher 6  a user without e-mail address
  teacher 7  quotes, <, & in the name
  teacher 8  letters outside CP1252
  teacher 9  an emoji in the name
"""
import argparse
import json
import random

USER_OFFSET = 100
CREATED = "2025-09-01 08:30:00"

CLUBS = [
    {
        "name": "Écuries de l'Été ASBL",
        "description": "Promouvoir la pratique de l'équitation, l'œuvre éducative auprès des "
        "enfants et le bien-être du cheval, sans but lucratif.",
        "email": "secretariat@ecuries-ete.example",
        "phone": "+32 2 555 01 01",
        "street": "Rue de l'Étrier",
        "street_number": "12",
        "street_box": "b3",
        "address": "Rue de l'Étrier 12 b3",
        "postal_code": "1300",
        "city": "Wavre",
        "country": "Belgique",
        "website": "https://ecuries-ete.example",
        "company_number": "BE 0123.456.789",
        "legal_representative_name": "Élise Cœurderoy",
        "legal_representative_role": "Présidente",
        "insurance_rc_company": "Ethias",
        "insurance_rc_policy_number": "RC-45.123.456",
        "insurance_additional_company": "Fédération équestre – AG",
        "insurance_additional_policy_number": "AC-987",
        "insurance_additional_details": "Dommages corporels jusqu'à 25.000 €, matériel exclu.",
        "expense_reimbursement_type": "forfait",
        "expense_reimbursement_details": "20 € par jour, « tout compris ».",
    },
    {
        "name": "Association pour le développement de l'équitation thérapeutique, du poney-club "
        "et de l'attelage dans les communes de l'Entre-Sambre-et-Meuse",
        "description": None,
        "street": "Chaussée de Philippeville",
        "street_number": "205",
        "address": "Chaussée de Philippeville 205",
        "postal_code": "6280",
        "city": "Gerpinnes",
        "country": "Belgique",
        "company_number": "BE 0987.654.321",
        "legal_representative_name": "Jean-François Dubœuf",
        "legal_representative_role": "Secrétaire général",
        "insurance_rc_company": "Baloise",
        "insurance_rc_policy_number": "77/000123",
        "expense_reimbursement_type": "reel",
        "expense_reimbursement_details": "Frais de déplacement : 0,4297 € par kilomètre.",
    },
    {"name": "Poney-club du Bois"},
]

TEACHERS = [
    {"name": "Jean Peeters", "first_name": "Jean", "last_name": "Peeters",
     "email": "jean.peeters@example.org", "street": "Chaussée de Namur", "street_number": "5",
     "address": "Chaussée de Namur 5", "postal_code": "1348", "city": "Louvain-la-Neuve",
     "country": "Belgique"},
    {"name": "Loïc Lœwenstein", "first_name": "Loïc", "last_name": "Lœwenstein",
     "email": "loic@example.org"},
    {"name": "Marie-Antoinette-Joséphine de la Rochefoucauld-Montmorency "
     "van den Bossche-Vandenbroucke", "email": "maj@example.org",
     "address": "Avenue du Général de Gaulle 1234 boîte 56", "postal_code": "1050",
     "city": "Bruxelles", "country": "Belgique"},
    {"name": "Paul Disparu", "email": "paul.disparu@example.org", "city": "Mons", "deleted": True},
    {"name": "Renée Refusée", "email": "refuse@nulle-part.example", "city": "Nivelles",
     "address": "Rue Haute 1", "postal_code": "1400", "country": "Belgique"},
    {"name": "Sans Adresse", "email": "", "city": "Namur"},
    {"name": "Anne \"Nana\" d'Ursel & <fils>", "email": "anne.d'ursel@example.org",
     "address": "Rue de l'Église 7 & 9", "postal_code": "5000", "city": "Namur",
     "country": "Belgique"},
    {"name": "Łukasz Dvořák", "email": "lukasz@example.org", "address": "Štefánikova 3",
     "postal_code": "4000", "city": "Liège", "country": "Belgique"},
    {"name": "Chloé 🐴 Lambert", "email": "chloe@example.org", "address": "Rue Basse 2",
     "postal_code": "7000", "city": "Mons", "country": "Belgique"},
]

FIRST = ("Zoé Noël Chloé Loïc Aurélie Gaëlle Benoît François Hélène Maëlys Thérèse Jérôme Anaïs "
         "Rémi Solène Joëlle Cédric Émilie Véronique Raphaël Inès Édouard").split()
LAST = ("Dupont Lefèvre Maréchal Van~Damme Claes Gérard D'Hondt Bœuf Lemaître De~Smet Noël "
        "Vandenberghe Çelik Müller Ibáñez Saint-Rémy Delacroix Pâques Côté Le~Goff").split()
STREET = ["Rue de l'Église", "Chaussée de Bruxelles", "Avenue des Œillets", "Place du Marché",
          "Rue du Château", "Allée des Chênes", "Clos du Bœuf", "Drève de l'Été"]
CITY = [("1300", "Wavre"), ("4000", "Liège"), ("5000", "Namur"), ("7500", "Tournai"),
        ("1400", "Nivelles"), ("6700", "Arlon"), ("5660", "Couvin"), ("4960", "Malmédy")]
HOUSE = ["Écurie", "Manège", "Centre équestre", "Haras", "Poney-club"]


def place(rnd):
    street, number, (code, city) = rnd.choice(STREET), str(rnd.randint(1, 240)), rnd.choice(CITY)
    return {"street": street, "street_number": number, "address": f"{street} {number}",
            "postal_code": code, "city": city, "country": "Belgique"}


def person(rnd):
    return rnd.choice(FIRST), rnd.choice(LAST).replace("~", " ")


def club(rnd, n):
    first, last = person(rnd)
    row = {"name": f"{rnd.choice(HOUSE)} {last} n° {n}", **place(rnd),
           "company_number": f"BE 0{rnd.randint(400, 799)}.{rnd.randint(100, 999)}.{n % 1000:03}",
           "legal_representative_name": f"{first} {last}",
           "legal_representative_role": rnd.choice(["Présidente", "Président", "Trésorière", None]),
           "insurance_rc_company": rnd.choice(["Ethias", "AG", "Baloise", None]),
           "insurance_rc_policy_number": rnd.choice([f"RC-{n:05}", None]),
           "expense_reimbursement_type": rnd.choice(["forfait", "reel", "aucun"])}
    if rnd.random() < 0.5:
        row["description"] = f"Faire découvrir le cheval à {row['city']} et dans les environs."
    if rnd.random() < 0.3:
        row["insurance_additional_company"] = "Vivium"
        row["insurance_additional_policy_number"] = f"C-{n}"
        row["insurance_additional_details"] = "Décès et invalidité."
    if row["expense_reimbursement_type"] == "forfait":
        row["expense_reimbursement_details"] = f"{rnd.randint(10, 42)},00 € par jour"
    return row


def teacher(rnd, n):
    first, last = person(rnd)
    row = {"name": f"{first} {last}", "first_name": first, "last_name": last,
           "email": f"volontaire{n}@example.org"}
    return {**row, **place(rnd)} if rnd.random() < 0.9 else row


def literal(value):
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def insert(table, rows):
    """One statement for every 500 rows; a column that a row does not name is null."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    names = ", ".join(f"`{c}`" for c in columns)
    for at in range(0, len(rows), 500):
        values = (",\n".join("(" + ", ".join(literal(r.get(c)) for c in columns) + ")"
                             for r in rows[at:at + 500]))
        print(f"insert into `{table}` ({names}) values\n{values};")


def main():
    ap = argparse.ArgumentParser(description="French data for the letters' tables, as SQL")
    ap.add_argument("--clubs", type=int, default=5)
    ap.add_argument("--teachers", type=int, default=20)
    args = ap.parse_args()
    rnd = random.Random(20050703)
    times = {"created_at": CREATED, "updated_at": CREATED}
    clubs, users, teachers = [], [], []

    for n in range(1, max(args.clubs, len(CLUBS)) + 1):
        row = CLUBS[n - 1] if n <= len(CLUBS) else club(rnd, n)
        row = {"id": n, "expense_reimbursement_type": "aucun", **row, **times}
        clubs.append({**row, "facilities": json.dumps(["manège", "carrière"], ensure_ascii=False),
                      "subscription_price": 120.5})

    for n in range(1, max(args.teachers, len(TEACHERS)) + 1):
        row = dict(TEACHERS[n - 1] if n <= len(TEACHERS) else teacher(rnd, n))
        deleted = CREATED if row.pop("deleted", False) else None
        users.append({"id": n + USER_OFFSET, **row, **times,
                      "password": "$2y$12$SECRET-NEVER-SELECTED", "remember_token": "SECRET"})
        teachers.append({"id": n, "user_id": n + USER_OFFSET, **times, "deleted_at": deleted,
                         "hourly_rate": 25.0, "specialties": json.dumps(["saut", "dressage"])})

    print("set names utf8mb4;\nstart transaction;")
    insert("clubs", clubs)
    insert("users", users)
    insert("teachers", teachers)
    insert("club_teacher", [{"club_id": 1 + (t["id"] - 1) % len(clubs), "teacher_id": t["id"]}
                            for t in teachers])
    print("commit;")


main()
