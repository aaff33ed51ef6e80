"""What every chat template on board does with turns that are past, as the table in models/tokens/tests/turns.rs has it.

    pip install jinja2
    python golden/histories.py

In each row: whether what stands before an answer stays there once the answer is past; whether thoughts stay in it; whether blanks at
its ends stay; whether what a tool says has a turn. Templates are rendered as transformers sets jinja2 up.
"""

import datetime
import json
import pathlib

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    """`{% generation %}` blocks, which mark what the assistant writes."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_inner"), [], [], body).set_lineno(line)

    def _inner(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = lambda value, **how: json.dumps(value, ensure_ascii=False, **how)
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda form: datetime.datetime(2024, 7, 26).strftime(form)
SPECIALS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
ANSWER, THOUGHT = "zyqqxanswer", "zyqqxthought"


def turn(role, content):
    return {"role": role, "content": content}


def render(template, *messages):
    try:
        return template.render(messages=list(messages), add_generation_prompt=True, tools=None, documents=None, **SPECIALS)
    except jinja2.exceptions.TemplateError:
        return ""


for path in sorted(pathlib.Path(__file__).parent.glob("templates/*.jinja")):
    if path.stem == "constructs":  # no model's template
        continue
    template, question = environment.from_string(path.read_text()), turn("user", "question")
    after = lambda answer: render(template, question, turn("assistant", answer), turn("user", "and then?"))
    keeps = lambda answer: after(answer).startswith(render(template, question) + answer)
    told = render(template, question, turn("assistant", ANSWER), turn("tool", THOUGHT))
    thoughts = THOUGHT in after(f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}")
    row = [keeps(ANSWER), thoughts, keeps(f" {ANSWER} \n") or not keeps(ANSWER), THOUGHT in told]
    print(f'    ("{path.stem}", {json.dumps(row)}),')
