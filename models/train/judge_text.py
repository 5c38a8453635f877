"""What the judge reads and answers: the prompt of models/judge-prompt.txt, the lines of a call, letters, and the card.

    prefix = judge-prompt.txt with the runbook        (its KV is computed once)
    call   = "\\nCall:\\n" + "Caller: ..." / "Agent: ..." lines, each with "\\n"
    branch = "Severity:" | "Service:" | "Action:"     answered by " A", " B", ...
    card   = "Card:" answered by JSON
"""

import json
import random
from pathlib import Path

PROMPT = (Path(__file__).parents[1] / "judge-prompt.txt")

SEVERITY = ["emergency", "unclear", "routine", "spam"]
SERVICE = ["plumbing", "hvac", "electrical", "it", "general"]
ACTION = ["escalate", "gather", "resolve"]
BRANCHES = {"Severity:": SEVERITY, "Service:": SERVICE, "Action:": ACTION}
ACTION_OF = {"emergency": "escalate", "unclear": "gather", "routine": "resolve", "spam": "resolve"}
CARD = "Card:"

SUMMARY = {
    "gas": "Caller smells gas or has a gas leak.", "carbon_monoxide": "Carbon monoxide alarm or symptoms.",
    "electrical": "Electrical trouble, possibly dangerous.", "danger": "Caller reports danger to people.",
    "water": "Water leak.", "sewage": "Sewage is backing up.", "no_heat": "Heating is not working.",
    "no_cooling": "Air conditioning is not working.", "it_outage": "Business systems are down or attacked.",
    "it_trouble": "IT trouble.", "maintenance": "Caller wants maintenance.", "minor_repair": "Minor repair.",
    "quote": "Caller asks for a quote.", "scheduling": "Caller asks about an appointment.",
    "inquiry": "Caller has a question.", "non_service": "Billing or another office matter.",
    "sales_pitch": "Sales call.", "robocall": "Recorded call.", "unknown": "Matter not clear.",
}
ROUTINE_ACTION = {"quote": "send_quote", "it_trouble": "open_ticket", "maintenance": "schedule_visit",
                  "minor_repair": "schedule_visit", "scheduling": "schedule_visit"}

GREETINGS = [
    "Hi, thanks for calling {business}. This is {agent}, the after-hours assistant. How can I help you tonight?",
    "Thanks for calling {business}. How can I help you this evening?",
    "Hi, thanks for calling {business}. This call is recorded. How can I help you?",
]
BUSINESSES = ["Metro Plumbing", "Acme IT", "Johnson Heating", "Riverside Electric", "Lakeside Home Services", "Summit MSP", "Northside Mechanical"]
AGENTS = ["Sam", "Alex", "Robin", "Jamie", "Max"]
REAL_PROMPTS = {
    "Does it need attention tonight, or can it wait until morning?": "I want to make sure we handle this the right way. Is this something that needs attention tonight, or is it something that can wait until we're back in the office in the morning?",
    "Can you tell me what is going on?": "I'm listening. What's going on?",
    "Is it one person, or everybody?": "Is it one user or everyone?",
    "Can I have your name?": "Got it. I can help with that. Can I get your name?",
    "What is the address?": "And what's the address where you need service?",
    "Leave the house now and call 911 from outside.": "Please leave the house and call 911 from outside. Can I get your name?",
    "I am reaching our on-call technician now.": "That sounds like it needs immediate attention. Can I get your name?",
}


def prefix(runbook: str) -> str:
    return PROMPT.read_text(encoding="utf-8").replace("{runbook}", runbook)


def call_lines(call: dict, rng: random.Random) -> str:
    """The call as the judge sees it; half of them with the agent's greeting and its real sentences."""
    lines = []
    real = rng.random() < 0.7
    if rng.random() < 0.5:
        lines.append("Agent: " + rng.choice(GREETINGS).format(business=rng.choice(BUSINESSES), agent=rng.choice(AGENTS)))
    for number, turn in enumerate(call["turns"]):
        lines.append("Caller: " + turn)
        if number < len(call["asked"]):
            asked = call["asked"][number]
            lines.append("Agent: " + (REAL_PROMPTS.get(asked, asked) if real else asked))
    return "\nCall:\n" + "".join(line + "\n" for line in lines)


def letters(call: dict) -> dict[str, str | None]:
    """The letter of every branch; `None` where the call has no label."""
    severity, service = call["severity"], call["service"]
    service = "general" if service in ("unknown", "general") else service
    return {
        "Severity:": letter(SEVERITY, severity),
        "Service:": letter(SERVICE, service),
        "Action:": letter(ACTION, ACTION_OF.get(severity)),
    }


def letter(options: list[str], label: str | None) -> str | None:
    return " " + "ABCDEFGH"[options.index(label)] if label in options else None


def card(call: dict) -> str | None:
    """The JSON after the call; only for calls whose matter is labelled."""
    if call["issue"] is None or call["severity"] is None:
        return None
    summary = SUMMARY[call["issue"]]
    if call["category"]:
        summary = f"{summary[:-1]}: {call['category'].replace('_', ' ')}."
    if call["severity"] == "spam":
        actions = ["none"]
    elif call["severity"] == "emergency":
        actions = ["page_oncall"]
    else:
        actions = ["call_back" if call["severity"] == "unclear" else ROUTINE_ACTION.get(call["issue"], "call_back")]
    return " " + json.dumps({"name": call["name"], "address": call["address"], "summary": summary, "actions": actions},
                            ensure_ascii=False, separators=(",", ":"))


KNOWN = ["WiFi at main office drops intermittently: known, scheduled for Thursday", "Backup server ran slow last week: being monitored",
         "Oak Lane water main work until Friday: low pressure there is known to the city", "Printer on the second floor waits for a part",
         "Phone maintenance on Sunday from two to four", "The old boiler at the school is loud: part ordered"]
RULES = ["server down OR can't access email OR everyone locked out", "slow OR cannot print OR password", "garage door OR lawn sprinkler",
         "no water at a restaurant OR restaurant drain backed up", "email down for all OR ransom", "no heat at the nursing home", "sump pump alarm at the mall"]
WORDS = ["We serve homes and small businesses in the metro area.", "We do not clean gutters and we do not repair appliances.", "Tell nobody a price.",
         "The clinic has night staff. The chart system is their patient records.", "If one person cannot reach the VPN, they may restart the router in the server closet once.",
         "If that does not help within five minutes, wake the engineer.", "Outlook only: clear the profile. All mail: escalate.", "The caller is not one of our known contacts.",
         "Ask for the company, the name and a number.", "We do plumbing, heating and cooling, and electrical work.", "VPN down: reboot the Meraki, wait five minutes.", "Landlords must approve any work above the minimum."]


def runbook(rng: random.Random) -> str:
    """A runbook of a size that shops write: 0 to about 150 words."""
    if rng.random() < 0.15:
        return rng.choice(["", "No runbook.", rng.choice(WORDS)])
    parts = [f"customer_name: {rng.choice(BUSINESSES)}", f'business_hours: "Mon-Fri {rng.choice(["8a-5p", "8a-6p", "7a-4p"])} {rng.choice(["CT", "ET", "PT"])}"']
    parts += ["known_issues:"] + [f'  - "{known}"' for known in rng.sample(KNOWN, rng.randrange(3))]
    parts += ["escalation_rules:"] + [f'  - trigger: "{rule}"' for rule in rng.sample(RULES, rng.randrange(1, 3))]
    parts += ["instructions: |", "  " + " ".join(rng.sample(WORDS, rng.randrange(1, 6)))]
    return "\n".join(parts)
