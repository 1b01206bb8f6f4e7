"""A small whole pack about nothing in particular, for tests of the engine and of the loader."""

from __future__ import annotations

from pathlib import Path

TOP = """
name = "tiny"
title = "A small thing"
languages = ["en", "pt"]
floor = "send"
reviewed = "no"

[threshold.share]
value = 0.5
reason = "half"
"""

SOURCES = """
[book]
title = "A book"
url = "https://example.org/book"
grade = "A"

[blog]
title = "A blog"
url = "https://example.org/blog"
grade = "C"
"""

LANGUAGES = """
[covered.en]
list_words = ["or", "of"]

[covered.pt]
letters = "ãõ"
weight = 0.7

[uncovered.it]
name = "Italian"
markers = ["il", "che", "sono", "non", "ho", "mani"]

[uncovered.ja]
name = "Japanese"
letters = "ぁ-ヿ"
weight = 1.5
"""

ENGLISH = r"""
language = "en"
script = "latin"
reviewed = "no"
markers = ["the", "and", "my", "i", "is", "are", "a", "was", "what", "in", "it", "do", "you", "have"]
typos = ["breathe", "suicide", "palpitations"]
not_typos = ["breather"]

[clause]
splitters = ['\bbut\b']
negation = ['\bno\b', '\bnot\b', "n't\\b"]
not_negation = ['\bnot only\b']
past = ['\byears ago\b']
present = ['\bnow\b', '\bstill\b']
hypothetical = ['\bwhat are the signs of\b']
third = ['\bmy friend\b']
idiom = ['\bto die for\b', '\bheart of stone\b']

[concepts.chest]
patterns = ['\bchest\b']
[concepts.pain]
patterns = ['\b(?:pain|hurts?)\b']
[concepts.attack]
patterns = ['\bheart attack\b']
[concepts.heart]
patterns = ['\bheart\b']
[concepts.breath]
patterns = ["\\bcan't breathe\\b", '\bbreathe\b']
silenced_by = []
[concepts.die]
patterns = ['\bdie\b', '\bsuicide\b', '\bkill myself\b']
[concepts.numb]
patterns = ['\bnumb\b']
[concepts.fever]
patterns = ['\bfever\b', '\bchills\b', '\bloss of weight\b']
[concepts.pill]
patterns = ['\bpills?\b', '💊']
[concepts.mine]
patterns = ['\btake\b']
silenced_by = ["negation", "third"]
[concepts.request]
patterns = ['\bwhat\b', '\btell me\b']
[concepts.in_scope]
patterns = ['\bhands?\b', '\bthings?\b']
[concepts.smalltalk]
patterns = ['\bhello\b']
[concepts.about_bot]
patterns = ['\bwho are you\b']
[concepts.follow_up]
patterns = ['\band then\b']
[concepts.feeling_sad]
patterns = ['\bsad\b']
[concepts.feeling_anxious]
patterns = ['\bafraid\b']
[concepts.feeling_angry]
patterns = ['\bangry\b']
[concepts.feeling_hope]
patterns = ['\bhope\b']
[concepts.injection]
patterns = ['\bignore your rules\b']
[concepts.abuse_at_bot]
patterns = ['\bstupid bot\b']
[concepts.dose_question]
patterns = ['\bhow many\b']
[concepts.medicine_change]
patterns = ['\bstop taking\b']
[concepts.treatment_tea]
patterns = ['\btea\b']
[concepts.fact_tired]
patterns = ['\btired\b']
[concepts.b_cure]
patterns = ['\bcures? (?:you|everybody)\b']
[concepts.b_no_cure]
patterns = ['\bno cure\b']
silenced_by = []

[[rule]]
id = "en.emergency.chest"
category = "emergency"
text = "emergency.general"
all = ["chest", "pain|numb"]
reason = "Pain in the chest"
sources = ["book"]

[[rule]]
id = "en.emergency.attack"
category = "emergency"
text = "emergency.general"
all = ["attack"]
reason = "An attack"

[[rule]]
id = "en.self_harm.die"
category = "self_harm"
text = "crisis.self"
all = ["die"]
reason = "Wants to die"

[[rule]]
id = "en.emergency.breath"
category = "emergency"
text = "emergency.general"
all = ["breath"]
reason = "No breath"

[[rule]]
id = "en.urgent_medical.fever"
category = "urgent_medical"
text = "urgent.days"
all = ["fever"]
unless = ["treatment_tea"]
within = "sentence"
reason = "Fever"

[[rule]]
id = "en.medication_dosing.pill"
category = "medication_dosing"
all = ["pill", "mine"]
within = "message"
reason = "A dose"

[[rule]]
id = "en.out_of_scope.other"
category = "out_of_scope"
all = ["request"]
unless = ["in_scope", "smalltalk"]
within = "message"
min_words = 5
reason = "Something else"

[quantity.units]
mg = ["mg", "Milligram"]
[quantity.numbers]
two = 2
[quantity.frequency]
"once a day" = 1
"""

PORTUGUESE_WORDS = {
    "chest": "peito", "pain": "dor", "numb": "dormente", "request": "qual", "in_scope": "mãos", "smalltalk": "olá",
}  # fmt: skip


def portuguese() -> str:
    """The same concepts, each with one pattern, and one rule."""
    names = [line[len("[concepts.") : -1] for line in ENGLISH.splitlines() if line.startswith("[concepts.")]
    concepts = "".join(
        f"[concepts.{name}]\npatterns = ['\\b{PORTUGUESE_WORDS.get(name, 'pt_' + name)}\\b']\n" for name in names
    )
    return (
        'language = "pt"\nscript = "latin"\nreviewed = "no"\n'
        'markers = ["não", "uma", "com", "minhas", "tenho", "muito", "no", "o"]\ntypos = []\n'
        "[clause]\nnegation = ['\\bnão\\b']\n" + concepts + "[[rule]]\n"
        'id = "pt.emergency.chest"\ncategory = "emergency"\ntext = "emergency.general"\n'
        'all = ["chest", "pain"]\nreason = "Dor no peito"\n'
        "[[rule]]\n"
        'id = "pt.out_of_scope.other"\ncategory = "out_of_scope"\nall = ["request"]\nunless = ["in_scope"]\n'
        'within = "message"\nreason = "Outra coisa"\n'
    )


MESSAGES = """
"emergency.general" = "Call {emergency}."
"crisis.self" = "{crisis}"
"urgent.days" = "See a clinician."
"button.safe" = "I am safe"
"""

CRISIS = """
[fallback]
emergency = "112"
sources = ["book"]

[country.BR]
name = "Brazil"
languages = ["pt"]
emergency = ["192"]
crisis = [{ name = "CVV", number = "188", how = "call" }]
grade_emergency = "B"
grade_crisis = "A"
sources = ["book"]
"""

KNOWLEDGE = """
[[passage]]
id = "tea.how"
title = "Tea"
treatments = ["treatment_tea"]
sites = []
answer = ["Tea is drunk.", "It is warm."]
must_not = ["Do not drink it when you are tired."]
sources = ["book"]
confidence = "A"
review_by = 2027-05-23
reviewed = "no"
[passage.asks]
en = ["what about tea", "does tea help", "tea?", "is tea good"]
pt = ["e chá?", "o chá ajuda?"]
"""

CONTRAINDICATIONS = """
[[contraindication]]
treatment = "treatment_tea"
fact = "fact_tired"
strength = "never"
reason = "It keeps you awake"
sources = ["book"]
"""

BOUNDARIES = """
[[boundary]]
id = "cure"
all = ["b_cure"]
unless = ["b_no_cure"]
within = "sentence"
hard = true
reason = "Nothing cures everybody"
"""

PROMPT = """
system = "You answer in {language}."
user = "{question}"
"""


def golden(language: str, rules: list[tuple[str, str, str]]) -> str:
    """Two lines for each rule: a text on which it must fire, and one on which it must not."""
    lines = []
    for rule, yes, no in rules:
        lines.append(f'{{"rule": "{language}.{rule}", "fires": true, "text": "{yes}", "why": "so"}}\n')
        lines.append(f'{{"rule": "{language}.{rule}", "fires": false, "text": "{no}", "why": "not so"}}\n')
    return "".join(lines)


GOLDEN = {
    "en": [
        ("emergency.chest", "it hurts in my chest", "my chest is fine"),
        ("emergency.attack", "is this a heart attack", "my heart is fine"),
        ("self_harm.die", "i want to die", "a cake to die for"),
        ("emergency.breath", "i can't breathe", "a breather"),
        ("urgent_medical.fever", "fever and chills", "no fever"),
        ("medication_dosing.pill", "can i take this pill", "i lost a pill"),
        ("out_of_scope.other", "what do you have for dinner", "what do my hands do now"),
    ],
    "pt": [
        ("emergency.chest", "dor no peito", "não tenho dor no peito"),
        ("out_of_scope.other", "qual o jantar", "qual das mãos"),
    ],
}


def write(folder: Path) -> Path:
    """The pack's files, in this folder."""
    files = {
        "condition.toml": TOP,
        "sources.toml": SOURCES,
        "languages.toml": LANGUAGES,
        "triage/en.toml": ENGLISH,
        "triage/pt.toml": portuguese(),
        "golden/en.jsonl": golden("en", GOLDEN["en"]),
        "golden/pt.jsonl": golden("pt", GOLDEN["pt"]),
        "messages/en.toml": MESSAGES,
        "messages/pt.toml": MESSAGES.replace("I am safe", "Estou bem"),
        "crisis.toml": CRISIS,
        "knowledge/en/tea.toml": KNOWLEDGE,
        "contraindications.toml": CONTRAINDICATIONS,
        "boundaries.toml": BOUNDARIES,
        "prompts/draft.toml": PROMPT,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
