"""Goods and services: what they are counted in and what category they fall in."""
# ruff: noqa: SIM905 -- word lists read better unquoted

from __future__ import annotations


def _rows(table: str) -> list[tuple[str, str]]:
    """`category: a, b; category: c` as pairs of category and thing."""
    return [
        (category.strip(), thing.strip())
        for row in table.split(";")
        for category, _, things in [row.partition(":")]
        for thing in things.split(",")
    ]


# Named with their unit: the last word is it.
KITS = _rows(
    "food: food set, food parcel, food basket, food ration, food kit, family food parcel,"
    " dry ration, ready-to-eat ration, bread package, grocery set, food package;"
    "hygiene: hygiene kit, dignity kit, hygiene set, baby kit, sanitary kit, hygiene parcel;"
    "medical: medical kit, first-aid kit, trauma kit, surgical kit, health kit, cholera kit;"
    "household: kitchen set, household kit, bedding set, cooking set, household set;"
    "shelter: shelter kit, repair kit, shelter toolkit;"
    "clothing: clothing set, winter clothing kit;"
    "other: school kit, stationery set, recreation kit, agricultural kit, seed kit, toy set;"
    "water: water kit, water purification kit"
)
# `unit/plural of the unit|thing`: sets of bed linen.
PORTIONS = [
    (category, *phrase.split("|"))
    for category, phrase in _rows(
        "household: set|bed linen, set|kitchen utensils, set|cutlery, set|bedding, set|crockery;"
        "clothing: set|winter clothing, pair|shoes, pair|rubber boots, set|warm clothes,"
        " bale|clothing, set|children's clothes, pair|socks;"
        "food: loaf/loaves|bread, sack|flour, bag|rice, box/boxes|canned food, can|baby formula,"
        " bag|wheat flour, carton|dates, bag|sugar, jar|baby food, pack|noodles, portion|hot food;"
        "medical: dose|measles vaccine, box/boxes|medicines, dose|cholera vaccine, pack|antibiotics,"
        " vial|insulin, unit|blood plasma, box/boxes|surgical gloves, dose|polio vaccine;"
        "water: bottle|drinking water, bottle|water, pack|bottled water, canister|drinking water;"
        "hygiene: bar|soap, pack|nappies, box/boxes|detergent, pack|sanitary towels, bottle|bleach;"
        "shelter: roll|plastic sheeting, sheet|roofing iron, bag|cement, sheet|plywood;"
        "fuel: canister|cooking gas, cylinder|gas, barrel|fuel, bag|coal, bag|charcoal;"
        "other: set|school supplies, set|textbooks, bag|seed, pack|exercise books, set|toys"
    )
]
# Counted as they are.
THINGS = _rows(
    "household: blankets, mattresses, pillows, heaters, solar lamps, jerrycans, buckets, stoves,"
    " sleeping mats, cooking pots, thermal blankets, gas cookers, mosquito nets, quilts;"
    "shelter: tents, tarpaulins, family tents, plastic sheets, prefabricated houses, housing units;"
    "equipment: generators, water pumps, diesel generators, computers, desks, transformers,"
    " school desks, tablets, solar panels, chainsaws, radio sets, projectors;"
    "medical: wheelchairs, ventilators, hospital beds, incubators, oxygen cylinders, crutches,"
    " stretchers, prostheses, hearing aids, ultrasound scanners, oxygen concentrators;"
    "clothing: winter jackets, coats, jackets, school uniforms, pullovers, raincoats;"
    "water: water tanks, water filters, water purification tablets, water bladders;"
    "hygiene: soap bars, towels, toothbrushes, latrines, nappies;"
    "other: textbooks, exercise books, toys, goats, school bags, backpacks, sheep, fishing nets;"
    "food: hot meals, ready meals, meals, canned meals, cans of meat, Ramadan meals;"
    "cash: cash grants, vouchers, cash cards, food vouchers, prepaid cards"
)
# Weighed.
LOADS = _rows(
    "food: wheat flour, rice, sugar, flour, food, bread, vegetables, canned meat, lentils, dates,"
    " vegetable oil, foodstuffs, potatoes, beans, maize, sorghum, food products, buckwheat, pasta;"
    "medical: medicines, medical supplies, medicine, medications, medical equipment, dressings;"
    "mixed: humanitarian aid, humanitarian cargo, relief supplies, relief items, aid, assistance,"
    " humanitarian supplies, food and medicines, humanitarian goods, food and clothing;"
    "fuel: coal, firewood, diesel, fuel, pellets, heating oil;"
    "clothing: clothing, clothes, warm clothes, footwear;"
    "shelter: building materials, cement, roofing sheets, construction materials;"
    "other: seed, fertilizer, animal feed, wheat seed, school supplies;"
    "hygiene: soap, hygiene products, hygiene items, chlorine, detergents;"
    "water: bottled water, drinking water, water; household: bedding, household goods"
)
LIQUIDS = _rows(
    "water: drinking water, water, potable water, clean water;"
    "fuel: diesel, fuel, petrol, diesel fuel, kerosene, heating oil;"
    "food: milk, vegetable oil, sunflower oil, cooking oil"
)
MIXED = [row for row in LOADS if row[0] == "mixed"]
SERVICES = _rows(
    "medical: medical assistance, medical care, medical aid, first aid, medical treatment,"
    " medical consultations, dental care, vaccinations, qualified medical assistance;"
    "other: psychosocial support, legal aid, psychological support, legal assistance, vocational training;"
    "cash: cash assistance, cash support, emergency cash transfers, multipurpose cash assistance;"
    "food: food assistance, hot meals, daily meals, food rations, food aid;"
    "water: safe water, water; shelter: emergency shelter, shelter assistance;"
    "clothing: winter clothes; hygiene: hygiene supplies"
)
CLIENTS = (
    "person/people;person/people;person/persons;family/families;household/households;"
    "patient/patients;child/children;woman/women;resident/residents;civilian/civilians;"
    "farmer/farmers;pupil/pupils;refugee/refugees"
).split(";")
ENGINES = (
    "ambulances;fire engines;excavators;bulldozers;generators;rescue boats;tractors;buses;"
    "school buses;pumps;off-road vehicles;mobile clinics;cranes;water tankers;snowploughs;"
    "patrol cars;drones;X-ray machines;garbage trucks;lorries;dump trucks;refuse trucks;"
    "mobile boiler houses;thermal cameras;demining machines;mobile power plants"
).split(";")
TONS = (
    "ton/tons",
    "ton/tons",
    "tonne/tonnes",
    "metric ton/metric tons",
    "metric tonne/metric tonnes",
)
KILOS = ("kg/kg", "kg/kg", "kilogram/kilograms", "kilogramme/kilogrammes", "kilo/kilos")
TRUCKS = ("truck/trucks", "truck/trucks", "lorry/lorries", "vehicle/vehicles")
