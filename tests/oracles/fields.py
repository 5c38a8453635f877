"""Do our requests and the stand-ins' answers have the fields that the services' own client libraries know?

    python3 fields.py FILE      FILE: JSON written by tests/oracles.rs

Exits with 2 and a line for each library that is not installed; the others are still checked.
"""

import json
import sys


def twilio(seen, missing):
    try:
        from twilio.request_validator import RequestValidator
        from twilio.rest.api.v2010.account.message import MessageInstance, MessageList
    except ImportError:
        return missing.append("twilio")
    import inspect

    parameters = inspect.getsource(MessageList)
    for name in seen["twilio_form"]:
        assert f'"{name}":' in parameters, f"twilio has no parameter {name}"
    message = MessageInstance(None, seen["twilio_message"], account_sid="AC")
    assert message.status == "queued" and message.direction == "outbound-api", vars(message)
    assert message.date_created.tzinfo is not None, "a date that twilio's library can read"
    assert message.status in set(MessageInstance.Status.__dict__.values())
    validator = RequestValidator(seen["twilio_token"])
    right = validator.compute_signature(seen["twilio_url"], dict(seen["twilio_params"]))
    assert right == seen["twilio_signature"], right


def anthropic(seen, missing):
    try:
        from anthropic.types import Message
        from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
        from pydantic import ConfigDict, TypeAdapter
    except ImportError:
        return missing.append("anthropic")
    body = seen["claude_body"]
    known = set(MessageCreateParamsNonStreaming.__annotations__)
    for base in MessageCreateParamsNonStreaming.__orig_bases__:
        known |= set(getattr(base, "__annotations__", {}))
    assert set(body) <= known, set(body) - known
    MessageCreateParamsNonStreaming.__pydantic_config__ = ConfigDict(extra="forbid")
    TypeAdapter(MessageCreateParamsNonStreaming).validate_python(body)
    answer = Message.model_validate(seen["claude_answer"])
    assert answer.stop_reason == "end_turn" and answer.usage.input_tokens == 120, answer


def main():
    seen = json.load(open(sys.argv[1]))
    missing = []
    twilio(seen, missing)
    anthropic(seen, missing)
    for name in missing:
        print(f"not installed: {name} (pip install {name})")
    sys.exit(2 if missing else 0)


main()
