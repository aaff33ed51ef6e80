"""Renders chat templates with transformers, for models/tokens/tests/chat.rs to compare with.

    python golden/templates.py [--only NAME ...] [--out models/tokens/tests/templates.json]

The templates in golden/templates/ are written in the formats that the models named publish. Every conversation is rendered with every
template, with and without the prompt of an answer; what a template refuses is recorded as refused.
"""

import argparse
import datetime
import json
import pathlib

from transformers.utils import chat_template_utils
from transformers.utils.chat_template_utils import render_jinja_template

HERE = pathlib.Path(__file__).parent
SPECIALS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather at a place <now> & \"later\", in °C.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "days": {"type": "integer", "minimum": 1.0}},
            "required": ["place"],
        },
    },
}
CALL = {"id": "abcdefghi", "type": "function", "function": {"name": "weather", "arguments": {"place": "Zürich", "days": 2, "deep": {"b": None, "a": [True, 1.5]}}}}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def system(text):
    return {"role": "system", "content": text}


CONVERSATIONS = {
    "one": {"messages": [user("What is 2 + 2?")]},
    "answered": {"messages": [user("Hi"), assistant("Hello!")]},
    "system": {"messages": [system("Be brief. /no_think"), user("Hi there")]},
    "many": {"messages": [system("Be kind."), user("  a  "), assistant("b\n"), user("c\n\nd"), assistant(" e "), user("f")]},
    "unicode": {"messages": [user("naïve 漢字 🙂 \u200b <|im_end|> {{ not }} {% jinja %} '\"\\")]},
    "thinking": {"messages": [user("Q"), assistant("<think>\nhm, 'so'\n</think>\n\nA"), user("And?"), assistant("<think>\n\nyes\n</think>\n\nB")]},
    "reasoning": {"messages": [user("Q"), assistant("A", reasoning_content="because\n")]},
    "tools": {"messages": [user("Weather?")], "tools": [TOOL]},
    "called": {
        "messages": [
            system("Use tools."),
            user("Weather?"),
            assistant("", tool_calls=[CALL]),
            {"role": "tool", "content": "sunny", "name": "weather"},
            assistant("It is sunny."),
        ],
        "tools": [TOOL],
    },
    "called-twice": {
        "messages": [
            user("Weather?"),
            assistant("Looking.", tool_calls=[CALL, CALL]),
            {"role": "tool", "content": "sunny"},
            {"role": "tool", "content": "rain"},
        ],
        "tools": [TOOL, TOOL],
    },
    "wrong-order": {"messages": [assistant("first"), assistant("second")]},
    "no-thinking": {"messages": [user("Q")], "variables": {"enable_thinking": False}},
    "parts": {"messages": [user([{"type": "text", "text": " one "}, {"type": "text", "text": "two"}])]},
}


class Friday(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


def render(template, conversation, **asked):
    variables = {**SPECIALS, **conversation.get("variables", {})}
    texts, spans = render_jinja_template(
        conversations=[conversation["messages"]],
        tools=conversation.get("tools"),
        chat_template=template,
        return_assistant_tokens_mask="{% generation" in template or "{%- generation" in template,
        **asked,
        **variables,
    )
    return texts[0], (spans[0] if spans else [])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--only", nargs="*")
    arguments.add_argument("--out", default=HERE.parent / "models/tokens/tests/templates.json")
    arguments = arguments.parse_args()
    chat_template_utils.datetime = Friday
    records = []
    for path in sorted((HERE / "templates").glob("*.jinja")):
        if arguments.only and path.stem not in arguments.only:
            continue
        for name, conversation in CONVERSATIONS.items():
            for asked in ({}, {"add_generation_prompt": True}, {"continue_final_message": True}):
                if asked.get("continue_final_message") and name not in ("answered", "many", "called"):
                    continue
                record = {"template": path.stem, "conversation": name, **asked}
                try:
                    text, spans = render(path.read_text(), conversation, **asked)
                    record["text"] = text
                    # Characters there, bytes here.
                    record["own"] = [[len(text[:start].encode()), len(text[:end].encode())] for start, end in spans]
                except Exception as error:  # whatever a template does when it refuses
                    record["refused"] = type(error).__name__
                records.append(record)
    out = {"specials": SPECIALS, "conversations": CONVERSATIONS, "records": records}
    pathlib.Path(arguments.out).write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n")
    refused = sum("refused" in record for record in records)
    print(f"{len(records)} renderings, {refused} refused, {pathlib.Path(arguments.out).stat().st_size:,} bytes")


main()
