"""Noun phrases for each type of facility: singular, and the plural where the common rule fails."""

from __future__ import annotations

_ROWS = {
    "residential_building": "residential building;house;apartment block;apartment building;dwelling;home;block of flats/blocks of flats;private house;multi-storey building;tower block;residential house;housing unit;family home;farmhouse;high-rise block;detached house",
    "school": "school;secondary school;primary school;elementary school;vocational school;educational institution;boarding school;lyceum;girls' school;high school;village school;general education school;comprehensive school;middle school;educational facility",
    "kindergarten": "kindergarten;nursery;nursery school;pre-school;preschool facility;day nursery;crèche;day-care centre;pre-school institution",
    "medical_facility": "hospital;clinic;polyclinic;health centre;medical centre;medical post;outpatient clinic;maternity hospital;field hospital;dispensary;first-aid post;ambulance station;rural health post;medical facility;district hospital;blood bank;maternity ward;health facility;medical institution;pharmacy",
    "bakery": "bakery;bread factory;automated bakery;bakery plant;mobile bakery;mini-bakery;bakehouse;bread-baking plant;bread bakery;bread oven",
    "water_facility": "well;pumping station;water pumping station;water tower;borehole;water intake;water treatment plant;water main;water supply line;artesian well;water tank;reservoir;desalination plant;water point;hand pump;water supply system;water supply network;filtration plant;water supply facility;water pump;water pump station",
    "power_facility": "power station;substation;transformer substation;power transformer;power line;power transmission line;thermal power plant;hydroelectric power plant;high-voltage line;electrical substation;gas turbine unit;solar power plant;distribution point;diesel power plant;overhead line;electric substation;power plant;electricity transmission line",
    "oil_gas_facility": "oil well;gas well;gas field;oil field;refinery;oil refinery;gas processing plant;gas pipeline;oil pipeline;compressor station;gas distribution station;oil depot;fuel depot;oil storage tank;LNG terminal;gas main;oil pumping station",
    "industrial_enterprise": "factory;cement plant;textile factory;flour mill;sugar refinery;industrial enterprise;workshop;phosphate mine;sawmill;brick factory;fertilizer plant;pharmaceutical factory;garment factory;steelworks/steelworks;cannery;food-processing plant;dairy plant;spinning mill;industrial facility;manufacturing plant;asphalt plant",
    "place_of_worship": "mosque;church;monastery;temple;chapel;cathedral;synagogue;shrine;convent;place of worship/places of worship;pagoda;parish church;prayer house;religious building",
    "filling_station": "filling station;petrol station;gas station;fuel station;refuelling station;fuelling point;LPG filling station;petrol pump",
    "road": "road;motorway section;section of road/sections of road;street;highway;stretch of road/stretches of road;road section;access road;rural road;mountain road;highway section;bypass;motor road;carriageway",
    "bridge": "bridge;road bridge;railway bridge;footbridge;pontoon bridge;overpass;viaduct;suspension bridge;Bailey bridge;flyover;girder bridge;pedestrian bridge",
    "communication_line": "communication line;telephone exchange;mobile phone tower;cell tower;base station;fibre-optic line;telephone line;telecommunications mast;cable line;radio relay station;mobile network base station;TV tower;radio transmitter;communications hub",
    "administrative_building": "administrative building;town hall;police station;court building;courthouse;government building;municipal building;city council building;registry office;prefecture building;municipality building;ministry building;village council building",
    "accommodation_centre": "accommodation centre;temporary accommodation centre;collective centre;reception centre;temporary accommodation facility;shelter for displaced people/shelters for displaced people;transit centre;hostel for displaced families/hostels for displaced families;collective shelter;refugee reception centre;temporary shelter;evacuation centre",
    "border_crossing": "border crossing;checkpoint;crossing point;border checkpoint;border post;border gate;frontier post;border crossing point;entry point",
    "other": "market;railway line;warehouse;cinema;theatre;stadium;library;museum;bus station;sports hall;railway station;airport;boiler house;silo;grain silo;cultural centre;community centre;livestock farm;greenhouse;archaeological site;cold store;slaughterhouse;fire station;shopping centre;university building;shop;car park;grain elevator;fishing pier;playground",
}  # fmt: skip
# ruff: noqa: E501 -- a row of nouns reads better unbroken

NOUNS = {kind: row.split(";") for kind, row in _ROWS.items()}
KINDS = tuple(NOUNS) + ("school", "residential_building", "water_facility", "power_facility") * 2
GROUPS = {
    "any": KINDS,
    "building": ("residential_building", "school", "kindergarten", "medical_facility", "bakery",
                 "place_of_worship", "administrative_building", "industrial_enterprise"),
    "public": ("school", "kindergarten", "medical_facility", "bakery", "filling_station",
               "water_facility", "accommodation_centre", "industrial_enterprise", "power_facility",
               "border_crossing"),
    "gas": ("oil_gas_facility",),
}  # fmt: skip
BARE = {
    "water_facility": ("water supply", "drinking water supply", "running water", "water network"),
    "power_facility": ("electricity supply", "power supply", "electricity", "power grid"),
    "oil_gas_facility": ("gas supply", "gas network"),
    "communication_line": ("telephone service", "mobile communications", "internet access"),
    "road": ("road traffic", "road links"),
}
SUMS = (
    "facilities", "social facilities", "infrastructure facilities", "civilian facilities",
    "sites", "public buildings", "buildings", "structures", "civilian objects",
)  # fmt: skip
PROPER = (
    "Al-Salam", "Friendship", "Central", "Victory", "Northern", "Old Market", "St. George", "Eastern",
    "Al-Amal", "Independence", "Republic", "Martyrs", "Lower", "Zarzour", "Green Hill", "Unity",
    "Al-Nour", "Riverside", "October", "Sveta Petka", "Bilal", "Kwanza", "Sant'Ana", "Hope",
)  # fmt: skip
