"""Whether a text addresses the program that reads it: orders to a model, imitations of a prompt, letters nobody sees.

It is a sign and no proof, fullest in English. A record that rests on such words alone carries a warning.
"""

from __future__ import annotations

import re
import unicodedata

from extract.words import fold

_READER = (
    r"(?:ai|llm|(?:artificial|automat(?:ed|ic)|machine|text-reading|indexing|language|extraction)[\s-]+"
    r"(?:readers?|systems?|models?|programs?|assistants?|intelligences?|agents?|parsers?|use)|chatbots?|bots?|crawlers?|"
    r"parsers?|scrapers?|reader software|assistants? reading|assistant,|computer that reads|"
    r"software (?:that|which)|ai[\s-](?:readers?|systems?|models?|summar\w+|crawlers?|assistants?))"
)
_ORDER = (
    r"(?:add|answer|append|delete|discard|disregard|drop|ignore|include|insert|list|note|omit|output|overwrite|put|record|"
    r"register|replace|report|return|reveal|save|set|skip|stop|store|treat|write)"
)
_SIGNS = re.compile(
    "|".join(
        (
            rf"\b{_READER}(?!\w)[^.:;]{{0,40}}:",  # "Note for automated readers: …"
            r"^\W*(?:(?:caption |note )?for )?(?:machines|models|programs)\b[^.:;]{0,40}:",
            rf"\b(?:for|to|attention of)\s+(?:\w+\s+){{0,3}}{_READER}(?!\w)[^.]{{0,60}}[:,.]",
            rf"\b{_READER}(?!\w)[^.]{{0,40}}\b(?:are to|is to|must|shall|should|have to|needs? to|may not)\b",
            rf"\b{_READER}\s+only\b",
            rf"\bif you are (?:an? )?(?:\w+ )?{_READER}\b",
            r"\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?"
            r"(?:above|previous|prior|earlier|instructions)",
            r"\b(?:system (?:prompt|override|message)|your (?:instructions|system prompt|hidden prompt))\b",
            rf"\b{_ORDER}\b[^.]{{0,60}}\b(?:empty (?:lists?|answer)|json|xml|yaml|csv)\b",
            r"<\|?/?(?:im_start|im_end|system|assistant|user|document|endoftext)\b",
            r"\[/?INST\]|<<SYS>>|^#{2,}\s*(?:instruction|response|system)\b",
            r"^\s*\[\d+\]\s+\S|^Text:\s*$",  # the form of our own prompts
            r"^\s*\{\s*\"\w+\"\s*:|^\s*(?:llm|prompt|tool|assistant|system)[\w ]*:\s",
            r"=== ?end of (?:document|text|file) ?===",
        )
    ),
    re.I | re.M,
)
_CUES = {
    "Arabic": """
        ^ تجاهل|تجاهلي|تجاهلوا|انس|انسوا|أهمل|أهملوا + جميع|كل|كافة|أي| + التعليمات|تعليماتك|الأوامر|التوجيهات +
        السابقة|أعلاه|المذكورة أعلاه

        أنت|بصفتك|بوصفك|إذا كنت|إن كنت + نموذج لغوي|نموذج لغة|نموذجا لغويا|ذكاء اصطناعي|ذكاء اصطناعيا|مساعد ذكي|
        روبوت محادثة

        ^ ملاحظة|تنبيه|رسالة|تعليمات|إلى ... الذكاء الاصطناعي|النماذج اللغوية|نماذج اللغة|القراء الآليين|
        القارئ الآلي ... :

        موجه النظام|برومبت

        ^ اكتب|اكتبوا|أجب|أجيبوا|اطبع|اطبعوا|أضف|أضيفوا ... json|xml|yaml|csv
    """,
    "Chinese": """
        ^ 忽略|无视|忘记|忘掉|不要理会 + 你|掉| + 所有|一切|全部| + 之前|以上|上述|先前|此前|前面 + 的| + 所有|
        一切|全部| + 指令|指示|说明|提示|命令

        你是|您是|如果你是 + 一个|一名|一款|个| + 人工智能|ai|大语言模型|语言模型|聊天机器人|大模型

        ^ 致|注意|提示|请|通知|给 ... 人工智能|语言模型|大模型|聊天机器人|自动阅读程序 ... :

        系统提示词|系统提示语

        ^ 输出|返回|生成|打印|回答|写出|只输出|仅输出 ... json|xml|yaml|csv
    """,
    "Farsi": """
        دستورات|دستورهای|دستورالعملهای|دستورالعمل های|فرمانهای + قبلی|پیشین|بالا|فوق + خود| + را + کاملا| +
        نادیده|فراموش + بگیر|بگیرید|کن|کنید

        تو یک|شما یک|اگر یک|اگر + هوش مصنوعی|مدل زبانی|مدل زبان|ربات گفتگو|دستیار هوشمند + هستی|هستید

        ^ یادداشت|توجه|پیام|تذکر|خطاب به|به ... هوش مصنوعی|مدلهای زبانی|مدل های زبانی|خوانندگان خودکار|
        خواننده خودکار ... :

        پرامپت|دستور سیستمی

        json|xml|yaml|csv ... بده|بدهید|بنویس|بنویسید|برگردان|برگردانید|تولید کن|تولید کنید|چاپ کن|اضافه کنید
    """,
    "French": """
        ^ ignore|ignorez|oublie|oubliez|ne tiens pas compte des|ne tenez pas compte des|
        ne tiens aucun compte des ... instructions|consignes|directives|ordres ... précédentes|précédents|
        antérieures|antérieurs|ci-dessus|qui précèdent

        tu es|vous êtes|si tu es|si vous êtes|en tant que|en tant qu' + une|un| + ia|intelligence artificielle|
        modèle de langage|modèle linguistique|assistant ia|assistant virtuel|agent conversationnel|chatbot|llm

        ^ note|avis|message|attention|à l'attention|consigne|consignes|instruction|instructions ... ia|
        intelligences artificielles|intelligence artificielle|modèles de langage|modèle de langage|
        lecteurs automatiques|lecteur automatique|assistants virtuels|agents conversationnels|chatbots ... :

        prompt système|invite système|prompt du système|ton prompt|votre prompt

        ^ réponds|répondez|renvoie|renvoyez|retourne|retournez|affiche|affichez|génère|générez|produis|
        produisez|écris|écrivez|ajoute|ajoutez ... json|xml|yaml|csv
    """,
    "Portuguese": """
        ^ ignore|ignora|ignorem|esqueça|esquece|esqueçam|desconsidere|desconsiderem ... instruções|ordens|
        diretrizes|comandos ... anteriores|acima|prévias|precedentes

        tu és|você é|se você é|se você for|se és|se fores + uma|um| + ia|inteligência artificial|
        modelo de linguagem|assistente de ia|assistente virtual|chatbot|llm

        ^ nota|aviso|mensagem|atenção|à atenção|instrução|instruções ... ia|ias|inteligências artificiais|
        inteligência artificial|modelos de linguagem|modelo de linguagem|leitores automáticos|
        assistentes virtuais|chatbots ... :

        prompt do sistema|prompt de sistema|teu prompt|seu prompt

        ^ responde|responda|devolve|devolva|retorne|retorna|gere|gera|produza|escreve|escreva|imprima|
        acrescenta|adicione ... json|xml|yaml|csv
    """,
    "Russian": """
        игнорируй|игнорируйте|проигнорируй|проигнорируйте|забудь|забудьте|не учитывай|не учитывайте|отбрось|
        отбросьте ... предыдущ*|прежн*|вышеуказанн*|вышеизложенн*|данные выше + все|всё| + инструкци*|указани*|
        команды|распоряжения

        ты|вы|если ты|если вы|ты являешься|вы являетесь + ии|искусственный интеллект|
        искусственным интеллектом|языковая модель|языковой моделью|нейросеть|нейросетью|чат бот|ии ассистент

        ^ примечание|внимание|вниманию|сообщение|указание|инструкция|для ... ии|искусственного интеллекта|
        языковых моделей|языковой модели|нейросетей|нейросети|автоматических читателей|чат ботов ... :

        системный промпт|системного промпта|системную подсказку|системной подсказки|твой промпт|ваш промпт

        выведи|выведите|верни|верните|ответь|ответьте|напиши|напишите|добавь|добавьте|сгенерируй|сгенерируйте
        ... json|xml|yaml|csv
    """,
    "Spanish": """
        ^ ignora|ignore|ignorad|ignoren|olvida|olvide|olvidad|olviden|haz caso omiso|haga caso omiso|descarta|
        descarte ... instrucciones|órdenes|indicaciones|directrices ... anteriores|previas|precedentes|de arriba

        eres|usted es|si eres|si usted es + una|un| + ia|inteligencia artificial|modelo de lenguaje|
        modelo lingüístico|asistente de ia|asistente virtual|chatbot|llm

        ^ nota|aviso|mensaje|atención|a la atención|instrucción|instrucciones ... ia|inteligencias artificiales|
        inteligencia artificial|modelos de lenguaje|modelo de lenguaje|lectores automáticos|
        asistentes virtuales|chatbots ... :

        prompt del sistema|prompt de sistema|tu prompt|su prompt

        ^ responde|responda|devuelve|devuelva|genera|genere|produce|produzca|escribe|escriba|imprime|imprima|
        añade|añada ... json|xml|yaml|csv
    """,
    "Turkish": """
        önceki|yukarıdaki|bundan önceki + tüm|bütün| + talimatları|talimatlarını|yönergeleri|komutları|emirleri
        + tamamen| + yok say|yok sayın|yok sayınız|görmezden gel|görmezden gelin|unut|unutun|unutunuz|
        dikkate alma|dikkate almayın

        sen|siz|eğer|eğer bir|sen bir|siz bir + yapay zekasın|yapay zekâsın|yapay zekasınız|yapay zekâsınız|
        dil modelisin|dil modelisiniz|yapay zeka asistanısın|yapay zeka modelisin|sohbet robotusun

        ^ not|uyarı|dikkat|mesaj|talimat|bilgi ... yapay zeka|yapay zekâ|dil modelleri|dil modellerine|
        otomatik okuyucular|otomatik okuyuculara|sohbet robotlarına ... :

        sistem istemi|sistem istemini|sistem promptu|sistem promptunu

        json|xml|yaml|csv ... ver|verin|yaz|yazın|döndür|döndürün|üret|üretin|ekle|ekleyin
    """,
    "Ukrainian": """
        ігноруй|ігноруйте|проігноруй|проігноруйте|забудь|забудьте|не зважай|не зважайте|не враховуй|
        не враховуйте ... попередні|попередніх|вищенаведені|вищенаведених|наведені вище + всі|усі| + інструкці*|
        вказівк*|команди|розпорядження

        ти|ви|якщо ти|якщо ви + ші|штучний інтелект|штучним інтелектом|мовна модель|мовною моделлю|
        нейромережа|чат бот

        ^ примітка|увага|до уваги|повідомлення|вказівка|інструкція|для ... ші|штучного інтелекту|мовних моделей|
        мовної моделі|нейромереж|автоматичних читачів|чат ботів ... :

        системний промпт|системного промпту|системну підказку|твій промпт|ваш промпт

        виведи|виведіть|поверни|поверніть|дай відповідь|дайте відповідь|напиши|напишіть|додай|додайте|згенеруй|
        згенеруйте ... json|xml|yaml|csv
    """,
}
"""By language: ignore what you were told, you are a model, a note to models, the system prompt, answer in a format.

Slots of words parted by `|` (`*`: any ending; nothing: may be left out) that follow each other at once, `+`, or within
a few words, `...`; `^`: only where a clause begins, since elsewhere the same form tells what somebody did.
"""
_PLEASE = "please|por favor|s il vous plaît|s'il vous plaît|пожалуйста|будь ласка|lütfen|من فضلك|يرجى|لطفا|请"
_BEGINS = rf"(?:^|[.!?:;。؛]|,(?=[\u4e00-\u9fff]))[^\w\n]*(?:(?:{fold(_PLEASE).text})[^\w\n]*)?"


def _pattern(language: str, cue: str) -> str:
    opens, closes = ("", "") if language == "Chinese" else (r"(?<!\w)[وف]?", r"(?!\w)")
    parts = re.split(r" (\+|\.\.\.) ", cue.removeprefix("^ "))
    made = _BEGINS if cue.startswith("^") else ""
    for joint, slot in zip(("", *parts[1::2]), parts[::2], strict=True):
        words = sorted((fold(word).text.strip() for word in slot.split("|")), key=len, reverse=True)
        choice = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words if word)
        made += {"": "", "+": r"\s*", "...": r"[^.!?\n]{0,50}?"}[joint]
        made += (
            ":" if slot == ":" else rf"(?:{opens}(?:{choice}){closes}){'' if words[-1] else '?'}"
        )
    # "the drivers who ignored earlier orders": what goes on so is told, not ordered
    return made if closes else f"{made}(?![的者])"


_ELSEWHERE = re.compile(
    "|".join(
        _pattern(language, " ".join(cue.split()))
        for language, cues in _CUES.items()
        for cue in cues.split("\n\n")
    ),
    re.M,
)

# Thai and its like part words by a zero-width space
_SPACED_OUT = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_JOINED = "\u0590-\u1dff\u2190-\ufdff\ufe0f\U00010000-\U000dffff"  # letters, and emoji, that joiners shape
_UNSEEN = re.compile(
    rf"(?<![{_SPACED_OUT}])\u200b|(?<![{_JOINED}])[\u200c\u200d]|[\u202d\u202e\u2060-\u2064\u206a-\u206f\u180e\ufeff"
    r"\U000e0000-\U000e007f]|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
)
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069]")
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MANY = 4  # a stray mark of direction, or a soft break of a word, is common
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһкАЕОРСУХІЈЅВНМТКαειοκνρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhkAEOPCYXIJSBHMTKaeiokvptuxABEZHIKMNOPTYX",
)


def visible(text: str) -> str:
    """The text without characters that nobody sees: zero-width ones, controls of direction, tags."""
    return text if text.isascii() else _DIRECTIONS.sub("", _UNSEEN.sub("", text))


def visible_places(text: str) -> list[int]:
    """The offset in the text of each character that `visible` keeps."""
    unseen = {
        at
        for form in (_UNSEEN, _DIRECTIONS)
        for found in form.finditer(text)
        for at in range(*found.span())
    }
    return [at for at in range(len(text)) if at not in unseen]


def hidden(text: str) -> int:
    """How many characters nobody sees; marks of direction are at home beside letters that run leftward."""
    if text.isascii():
        return 0
    directions = 0 if _LEFTWARD.search(text) else len(_DIRECTIONS.findall(text))
    return directions + sum(len(found[0]) for found in _UNSEEN.finditer(text))


def hides(text: str) -> bool:
    """Whether more is hidden in the text than what strays into any."""
    return hidden(text) >= _MANY or "\u202e" in text


def addresses_reader(text: str) -> bool:
    """Whether words in the text are meant for a program rather than for people."""
    if hides(text):
        return True
    plain = "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"
    )
    if _SIGNS.search(plain.translate(_LOOKALIKES)):
        return True
    return bool(_ELSEWHERE.search("\n".join(fold(line).text for line in plain.split("\n"))))
