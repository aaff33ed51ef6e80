# The answer's process: it loads the answer and calls what it defines, as it is asked over a pipe. Nothing here is trusted.
import builtins, collections, decimal, fractions, json, os, random, sys, types


def main():
    hears, speaks = os.fdopen(3, "rb"), os.fdopen(4, "wb")
    module = types.ModuleType("answer")
    sys.modules["answer"] = module
    space, things, places = module.__dict__, [], {}

    def say(value):
        if value is None or value is True or value is False:
            return value
        if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
            value = value.tolist()
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return {"f": float(value).hex()}
        if isinstance(value, str):
            return str(value)
        if isinstance(value, complex):
            return {"c": [value.real.hex(), value.imag.hex()]}
        if isinstance(value, (bytes, bytearray)):
            return {"b": bytes(value).hex(), "a": isinstance(value, bytearray)}
        if isinstance(value, (decimal.Decimal, fractions.Fraction)):
            return {"n": [type(value).__name__, str(value)]}
        if isinstance(value, list):
            return [say(item) for item in value]
        for mark, kind in (("t", tuple), ("s", set), ("z", frozenset), ("q", collections.deque)):
            if isinstance(value, kind):
                return {mark: [say(item) for item in value]}
        if isinstance(value, dict):
            return {"d": [[say(key), say(item)] for key, item in value.items()]}
        if isinstance(value, range):
            return {"r": [value.start, value.stop, value.step]}
        if id(value) not in places:
            places[id(value)] = len(things)
            things.append(value)
        return {"h": places[id(value)]}

    def hear(value):
        if isinstance(value, list):
            return [hear(item) for item in value]
        if not isinstance(value, dict):
            return value
        (mark, item), *more = value.items()
        if mark == "f":
            return float.fromhex(item)
        if mark == "c":
            return complex(*map(float.fromhex, item))
        if mark == "b":
            return bytearray.fromhex(item) if more[0][1] else bytes.fromhex(item)
        if mark == "n":
            return {"Decimal": decimal.Decimal, "Fraction": fractions.Fraction}[item[0]](item[1])
        if mark in "tszq":
            kind = {"t": tuple, "s": set, "z": frozenset, "q": collections.deque}[mark]
            return kind(hear(part) for part in item)
        if mark == "d":
            return {hear(key): hear(part) for key, part in item}
        if mark == "r":
            return range(*item)
        if mark == "y":
            return getattr(builtins, item)
        if mark == "g":
            return space[item]
        return things[item]

    def load(prompt, source, entry):
        for text in (prompt, source):
            try:
                code = compile(text, "answer", "exec")
            except SyntaxError:
                if text is source:
                    raise
                continue
            try:
                exec(code, space)
            except Exception:
                if text is source:
                    raise
        return sorted(name for name in space if not name.startswith("__"))

    def do(op, of, more):
        if op == "load":
            return say(load(*more))
        thing = hear(of)
        if op == "call":
            arguments, named = [hear(item) for item in more[0]], {name: hear(item) for name, item in more[1].items()}
            result = thing(*arguments, **named)
            return [say(result), [say(item) if isinstance(item, (list, dict, set)) else None for item in arguments]]
        if op == "get":
            return say(getattr(thing, more))
        if op == "set":
            return setattr(thing, more[0], hear(more[1]))
        if op == "put":
            thing[hear(more[0])] = hear(more[1])
            return None
        if op == "item":
            return say(thing[hear(more)])
        if op == "list":
            return [say(item) for item, _ in zip(thing, range(1 << 20))]
        if op == "len":
            return len(thing)
        if op == "bool":
            return bool(thing)
        return str(thing)

    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    random.seed(0)
    for line in hears:
        try:
            reply = {"ok": do(*json.loads(line))}
        except BaseException as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            reply = {"error": [kinds, str(error)[:500]]}
        speaks.write(json.dumps(reply).encode() + b"\n")
        speaks.flush()
    os._exit(0)


main()
