"""Who says it, and how: greetings, fillers, corrections, other people's problems, answers, names, feelings.

A voice is one imagined author with its own habits. Voices of the dev side are never heard in training.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

Expand = Callable[[str], str]


@dataclass(frozen=True)
class Voice:
    name: str
    opens: list[str]
    closes: list[str] = field(default_factory=lambda: [""])
    fillers: list[str] = field(default_factory=list)
    filler_rate: float = 0.0
    tone: str = "calm"


TRAIN_VOICES = [
    Voice("terse", ["", "", "yeah", "hi"]),
    Voice("polite", ["hi there", "good evening", "hello, how are you", "hi, thanks for picking up"], ["", "thank you", "could you help me with that", "please let me know"]),
    Voice("rambler", ["hi yeah so listen", "okay so here's the thing", "hey, um, so I was just sitting down to dinner and", "well I don't know if this is the right number but", "so my husband said I should call because"],
          ["", "and I don't know what to do", "so yeah that's what's going on", "I mean I've never seen anything like it", "anyway that's why I called"], ["um", "uh", "like", "you know", "I mean", "well"], 0.15),
    Voice("older", ["hello dear", "yes hello, can you hear me", "oh good, a person"], ["", "I'm not very good with these things", "I live alone, you know", "my late husband used to take care of it"], ["well", "oh"], 0.05, "confused"),
    Voice("young", ["hey", "yo hey", "hi so like"], ["", "is that bad", "kinda freaking out here", "can you like come look"], ["like", "um", "literally"], 0.15),
    Voice("tired", ["sorry to call so late", "ugh, hi", "hey, sorry, it's late I know"], ["", "I just want to get some sleep"], ["uh"], 0.1),
    Voice("worried", ["oh hi, I'm kind of worried", "hi, I'm a little scared", "please, um"], ["", "I'm getting nervous", "I don't know if that's dangerous", "should I be worried"], ["um", "uh"], 0.12, "urgent"),
    Voice("angry", ["I've called three times already", "this is ridiculous", "okay, once again"], ["", "I'm really tired of this", "you people said it was fixed", "this is the second time this month"], [], 0.0, "frustrated"),
    Voice("hostile", ["finally somebody answers", "what kind of company is this"], ["", "I want a manager", "I'm going to leave a bad review", "you're useless"], [], 0.0, "hostile"),
    Voice("business", ["hi, this is <first> from <company>", "hello, it's <first> <last> at <company>", "<first> over at <company>"], ["", "our account is under <company>", "you take care of our stuff"]),
    Voice("named", ["hi, my name is <first> <last>", "this is <first> <last>", "yeah hi it's <first>"], ["", "I'm at [218|44|1207|15|903|3310|77] <street>", "I'm over on <street>"]),
    Voice("tenant", ["hi, I rent a place on <street>", "I'm a renter, the landlord isn't picking up", "my landlord gave me your number"], ["", "who pays for that by the way"], ["uh"], 0.05),
    Voice("landlord", ["hey, I own a couple of rentals", "I manage the building on <street>", "hi, property management, <first> speaking"], ["", "it's unit [4B|2|12|3A]"]),
    Voice("nonnative", ["hello please", "good evening sir", "hello my friend, I have one problem"], ["", "I not know the word", "you understand me", "please you can come"]),
    Voice("corrector", ["hi, so it's the, wait no", "yeah I've got, hold on", "it's about the, uh, no, let me start over"], ["", "no sorry, that's right, what I said", "I mean, yes"], ["uh", "wait", "no"], 0.08),
    Voice("repeat", ["it's me again", "hi, I called earlier", "I talked to somebody there this afternoon"], ["", "nobody called me back", "same as last time"]),
]
DEV_VOICES = [
    Voice("dev-chatty", ["oh hey there, happy I got somebody", "well good evening to you", "so, okay, um, long story short"], ["", "long story I know", "that's about it really"], ["um", "so", "kind of"], 0.12),
    Voice("dev-clipped", ["", "listen", "yep, hi"], ["", "that's all", "over"]),
    Voice("dev-third", ["hey this is <first> <last> calling from <street>", "good morning, <first> here with <company>"], ["", "call me when you can", "you have our number on file"]),
    Voice("dev-upset", ["I can't believe this", "oh no oh no", "you've got to be kidding me"], ["", "I can't deal with this", "unbelievable"], ["uh"], 0.05, "urgent"),
]
SPANISH_VOICES = {
    "train": [Voice("es-plain", ["", "hola", "buenas noches"], ["", "por favor"]), Voice("es-formal", ["buenas tardes, disculpe", "hola, me llamo <first>", "perdón, no hablo inglés"], ["", "gracias", "me puede ayudar"], ["este", "pues"], 0.08)],
    "dev": [Voice("es-dev", ["bueno", "oiga", "buenas"], ["", "qué hago"], ["eh"], 0.08)],
}

# Around a bare thing of sayings/things.txt: nothing known of the extent, everybody, one person.
ABOUT = ["I have a problem with {}", "something is wrong with {}", "I'm having trouble with {}", "I need help with {}", "it's about {}", "I have a question about {}", "we're having an issue with {}", "can somebody look at {}", "{} again", "there's something up with {}", "I'm calling about {}", "I think it's {}", "we've got an issue, {}", "trouble with {} over here", "can you help me with {}", "{}"]
ABOUT_ALL = ["everybody is having trouble with {}", "the whole office has a problem with {} and we're stopped", "nobody can work because of {}", "it's {}, all of us, the entire company", "{}, and it's everyone here", "all our people are stuck because of {}", "none of us can do anything, it's {}"]
ABOUT_ME = ["I have a problem with {}, it's just me", "it's about {}, no rush", "something's wrong with {}, it can wait until tomorrow", "can you put in a ticket for {}", "when you have time, I need help with {}", "just a small thing about {}"]

EVERYBODY = ["it's everybody", "everyone, the whole office", "nobody can work", "all of us", "the entire company", "it's the whole building", "about [twenty|thirty|forty] people", "all our locations", "we're completely stopped", "none of us can do anything", "and we can't take care of patients", "we have customers waiting and can't do anything"]
JUST_ME = ["it's just me", "only my computer", "just the one, it can wait till morning", "just me, everybody else is fine", "no rush", "tomorrow is fine", "only me, I can work from my phone", "it can wait", "not urgent, just put in a ticket", "nobody else has it"]
TONIGHT = ["it needs attention tonight", "no, it can't wait", "yeah tonight please", "I can't wait until tomorrow", "it's getting worse by the minute", "I have a [newborn|baby|sick kid] here", "my mother is [eighty eight|ninety] and lives with us", "it's freezing in here", "yes, right now", "tonight, please, it's bad", "it's spreading fast", "I need somebody now"]
CAN_WAIT = ["it can wait till morning", "no, tomorrow's fine", "no rush", "whenever you have time", "it's not that bad, this week is fine", "I put a bucket under it, tomorrow is fine", "no it's okay for now", "Monday is fine", "oh it can wait, I shut it off", "just whenever"]
UNSURE = ["I'm not sure", "I don't know, what do you think", "maybe", "hard to say", "um, I guess", "could be"]

ASK_NEED = "Does it need attention tonight, or can it wait until morning?"
ASK_SCOPE = "Is it one person, or everybody?"
ASK_OPEN = "Can you tell me what is going on?"
ASK_NAME = "Can I have your name?"
ASK_ADDRESS = "What is the address?"
SAFETY = "Leave the house now and call 911 from outside."
ON_IT = "I am reaching our on-call technician now."
NOTED = "I have noted that for the morning."


@dataclass
class Said:
    """One call as it was said; `asked[i]` is what the agent said after turn i."""

    turns: list[str]
    asked: list[str]
    severity: str | None
    issue: str | None
    service: str | None
    category: str | None
    tone: str
    voice: str
    name: str | None = None
    address: str | None = None


def speak(saying, rng: random.Random, expand: Expand, neighbours: list, split: str) -> Said:
    spoken = SPANISH_VOICES[split] if saying.spanish else (DEV_VOICES if split == "dev" else TRAIN_VOICES)
    voice = rng.choice(spoken)
    said = Said([expand(turn) for turn in saying.turns or (saying.text,)], [], saying.severity, saying.issue, saying.service,
                saying.category, voice.tone, voice.name)
    if saying.scope == "thing":
        about(said, rng)
    elif not saying.spanish:
        compose(said, saying, rng, expand, neighbours)
    if rng.random() < 0.75:
        said.turns[0] = join(expand(rng.choice(voice.opens)), said.turns[0])
        if len(said.turns) == 1:
            said.turns[0] = join(said.turns[0], expand(rng.choice(voice.closes)))
    said.turns = [with_fillers(turn, voice, rng) for turn in said.turns]
    dialogue(said, rng, expand, saying.spanish)
    return said


def about(said: Said, rng: random.Random) -> None:
    """A bare thing gets its sentence; only the extent tells how bad it is."""
    frames, said.severity, said.issue = rng.choice([
        (ABOUT, None, None), (ABOUT, None, None), (ABOUT_ALL, "emergency", "it_outage"), (ABOUT_ME, "routine", "it_trouble"),
    ])
    said.turns[0] = rng.choice(frames).format(said.turns[0])


def compose(said: Said, saying, rng: random.Random, expand: Expand, neighbours: list) -> None:
    """What else belongs to the matter: who has it, how bad, whose it is, a second thing."""
    if saying.turns and len(saying.turns) > 1:
        return
    dice = rng.random()
    if saying.scope == "open":
        scope(said, dice, rng, expand)
    elif saying.scope == "one" and dice < 0.2:
        said.turns.append(expand(rng.choice(JUST_ME)))
    elif saying.scope == "all" and dice < 0.2:
        said.turns.append(expand(rng.choice(EVERYBODY)))
    elif saying.severity == "unclear" and saying.scope is None:
        need(said, dice, rng, expand)
    elif saying.severity == "routine" and saying.scope is None and dice < 0.15:
        said.turns.append(rng.choice(CAN_WAIT))
    elif saying.severity == "emergency" and saying.scope is None and dice < 0.12:
        said.turns.append(expand(rng.choice(TONIGHT)))
    elif saying.severity == "emergency" and saying.scope is None and dice < 0.2:
        second_problem(said, rng, expand, neighbours)
    if len(said.turns) == 1 and rng.random() < 0.12:
        said.turns[0] = somebody_else(said.turns[0], rng, expand)


def scope(said: Said, dice: float, rng: random.Random, expand: Expand) -> None:
    if dice < 0.3:
        said.turns.append(expand(rng.choice(EVERYBODY)))
        said.severity, said.issue = "emergency", "it_outage"
    elif dice < 0.55:
        said.turns.append(expand(rng.choice(JUST_ME)))
        said.severity = "routine"
    elif dice < 0.62:
        said.turns.append(rng.choice(UNSURE))
        said.severity = "emergency"  # still unclear after the question: an MSP is woken


def need(said: Said, dice: float, rng: random.Random, expand: Expand) -> None:
    if dice < 0.3:
        said.turns.append(expand(rng.choice(TONIGHT)))
        said.severity = "emergency"
    elif dice < 0.55 and said.issue != "unknown":
        said.turns.append(rng.choice(CAN_WAIT))
        said.severity = "routine"


def second_problem(said: Said, rng: random.Random, expand: Expand, neighbours: list) -> None:
    """The small thing that brought the caller to the phone, and the bad one beside it."""
    small = [other for other in neighbours if other.issue == "minor_repair" and not other.spanish]
    said.turns[0] = f"{expand(rng.choice(small).text)} but {rng.choice(['also', 'mainly', 'the real problem is', 'worse'])} {said.turns[0]}"


def somebody_else(text: str, rng: random.Random, expand: Expand) -> str:
    """Only where the grammar survives it: no I and no we in the sentence."""
    if re.search(r"\b(i|i'm|i've|we|we've|our|me)\b", text, re.IGNORECASE):
        return text
    who = expand("<relative>")
    text = re.sub(r"\bmy\b", rng.choice(["her", "his", "their"]), text)
    frame = rng.choice(["my {} called and said {}", "I'm calling for my {}, {}", "it's my {}'s place, {}", "my {} says {}"])
    return frame.format(who, text)


def dialogue(said: Said, rng: random.Random, expand: Expand, spanish: bool) -> None:
    """The agent's part, and the details that come after the matter."""
    if rng.random() < 0.08:
        said.turns.insert(0, rng.choice(["hola", "bueno"] if spanish else ["hello", "hi", "hello? are you there", "yeah hi"]))
    for number in range(1, len(said.turns)):
        asked = ASK_SCOPE if said.service == "it" else ASK_NEED
        said.asked.append(ASK_OPEN if len(said.turns[number - 1].split()) < 4 else asked)
    if spanish or rng.random() > 0.3:
        return
    said.name = expand("<first> <last>")
    said.asked.append(SAFETY if said.issue in ("gas", "carbon_monoxide") else ON_IT if said.severity == "emergency" else ASK_NAME)
    said.turns.append(rng.choice(["my name is {}", "{}", "it's {}", "yeah it's {}"]).format(said.name))
    if rng.random() < 0.6:
        said.address = expand("[218|44|1207|15|903|3310|77|560|12|2045] <street>")
        said.asked.append(ASK_ADDRESS)
        said.turns.append(rng.choice(["{}", "I'm at {}", "it's {}", "the address is {}"]).format(said.address))


def with_fillers(text: str, voice: Voice, rng: random.Random) -> str:
    if not voice.fillers:
        return text
    words = []
    for word in text.split():
        if rng.random() < voice.filler_rate:
            words.append(rng.choice(voice.fillers))
        words.append(word)
    return " ".join(words)


def written(text: str, rng: random.Random) -> str:
    """As recognisers write: half of them with capitals and a full stop."""
    if rng.random() < 0.5:
        return text
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def join(first: str, then: str) -> str:
    return f"{first}, {then}" if first and then else first or then
