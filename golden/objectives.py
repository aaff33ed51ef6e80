"""Losses of imitation, preferences, policy gradients, scores and distillation, and their derivatives by every number read, in plain PyTorch.

Written from the papers' formulas over padded tensors and differentiated by autograd; shares no code and no layout with
`engine/learn`, which has analytic derivatives over lists. Where TRL and a paper differ the case says which is meant.

    python golden/objectives.py > engine/learn/src/golden.json
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
CONTEXT = 2


def stream(name, length):
    """An answer of so many tokens behind a context of two, as the program's `Stream`."""
    tokens = torch.randint(1, 90, (CONTEXT + length,)).tolist()
    return {"trace": name, "tokens": tokens, "weights": [0.0] * CONTEXT + [1.0] * length}


def padded(rows):
    """Answers of different lengths as a tensor with its mask."""
    width = max(len(row) for row in rows)
    values = torch.stack([torch.tensor(row + [0.0] * (width - len(row))) for row in rows])
    mask = torch.stack([torch.tensor([1.0] * len(row) + [0.0] * (width - len(row))) for row in rows])
    return values, mask


def draw(lengths, spread=1.0):
    return [(-0.05 - spread * torch.rand(n) * 2).tolist() for n in lengths]


def shifted(rows, by):
    return [(torch.tensor(row) + by * torch.randn(len(row))).clamp(max=-0.01).tolist() for row in rows]


def behind(row):
    return [0.0] * CONTEXT + row


def case(name, part, lessons, lengths, log_probs, reference, loss_of, level=None):
    values, mask = padded(log_probs)
    values.requires_grad_(True)
    loss = loss_of(values, mask)
    (slopes,) = torch.autograd.grad(loss, values)
    return {
        "name": name,
        "part": part,
        "lessons": lessons,
        "log_probs": [behind(row) for row in log_probs],
        "reference": None if reference is None else [behind(row) for row in reference],
        "level": level,
        "loss": loss.item(),
        "gradients": [behind(slopes[i, :n].tolist()) for i, n in enumerate(lengths)],
    }


# ------------------------------------------------------------------------------------------------------- preferences


def preferences():
    pairs, lengths = 3, [4, 2, 5, 5, 1, 3]  # chosen and rejected by turns
    log_probs = draw(lengths)
    ref = shifted(log_probs, 0.6)
    lessons = []
    gaps = [1.0, 0.4, 2.5]
    for i in range(pairs):
        chosen, rejected = stream(f"c{i}", lengths[2 * i]), stream(f"r{i}", lengths[2 * i + 1])
        lessons.append({"pair": {"chosen": chosen, "rejected": rejected, "gap": gaps[i]}})
    gap = torch.tensor(gaps)
    ref_values, _ = padded(ref)

    def sides(x):
        return x[0::2], x[1::2]

    def sums(values, mask, relative, mean):
        values = values - ref_values if relative else values
        total = (values * mask).sum(1)
        return sides(total / mask.sum(1) if mean else total)

    def nll(values, mask):
        return -sides((values * mask).sum(1) / mask.sum(1))[0]

    def difference(values, mask, relative, mean):
        chosen, rejected = sums(values, mask, relative, mean)
        return chosen - rejected

    def add(name, settings, relative, loss_of):
        part = {"prefer": {**settings, "reference": "base" if relative else "none"}}
        return case(name, part, lessons, lengths, log_probs, ref if relative else None, lambda v, m: loss_of(v, m).mean())

    def smoothed(x, s):
        return -(1 - s) * F.logsigmoid(x) - s * F.logsigmoid(-x)

    def odds(values, mask):
        chosen, rejected = sums(values, mask, False, True)
        log_odds = (chosen - rejected) - (torch.log(-torch.expm1(chosen)) - torch.log(-torch.expm1(rejected)))
        return nll(values, mask) - 0.3 * F.logsigmoid(log_odds)

    yield add("sigmoid, reference", {"beta": 0.3}, True, lambda v, m: -F.logsigmoid(0.3 * difference(v, m, True, False)))
    yield add(
        "sigmoid, smoothed",
        {"beta": 0.3, "smoothing": 0.2},
        True,
        lambda v, m: smoothed(0.3 * difference(v, m, True, False), 0.2),
    )
    yield add("hinge", {"beta": 0.3, "loss": "hinge"}, True, lambda v, m: F.relu(1 - 0.3 * difference(v, m, True, False)))
    yield add(
        "ipo, mean per token as in TRL",
        {"beta": 0.3, "loss": "ipo"},
        True,
        lambda v, m: (difference(v, m, True, True) - 1 / 0.6) ** 2,
    )
    yield add(
        "robust",
        {"beta": 0.3, "loss": "robust", "smoothing": 0.1},
        True,
        lambda v, m: (
            -0.9 * F.logsigmoid(0.3 * difference(v, m, True, False)) + 0.1 * F.logsigmoid(-0.3 * difference(v, m, True, False))
        )
        / 0.8,
    )
    yield add(
        "squared on the difference of rewards",
        {"beta": 0.3, "loss": "squared"},
        True,
        lambda v, m: (0.3 * difference(v, m, True, False) - gap) ** 2,
    )
    yield add(
        "sigmoid with the chosen answer's likelihood",
        {"beta": 0.1, "nll": 1.0},
        True,
        lambda v, m: -F.logsigmoid(0.1 * difference(v, m, True, False)) + nll(v, m),
    )
    yield add(
        "mean per token, a margin, no reference",
        {"beta": 2.0, "margin": 1.0, "per_token": True},
        False,
        lambda v, m: -F.logsigmoid(2.0 * (difference(v, m, False, True) - 1.0 / 2.0)),
    )
    yield add(
        "sums, no reference, likelihood of the chosen",
        {"beta": 0.1, "nll": 1.0},
        False,
        lambda v, m: -F.logsigmoid(0.1 * difference(v, m, False, False)) + nll(v, m),
    )
    yield add("odds, likelihood of the chosen answer alone", {"beta": 0.3, "loss": "odds", "nll": 1.0}, False, odds)

    def tokens_nll(values, mask):
        """One mean over all tokens of the batch's chosen answers, the same for every pair."""
        chosen, own = values[0::2], mask[0::2]
        return (-(chosen * own).sum() / own.sum()).expand(pairs)

    yield add(
        "sums, no reference, likelihood of all chosen tokens",
        {"beta": 0.1, "nll": 1.0, "nll_over": "tokens"},
        False,
        lambda v, m: -F.logsigmoid(0.1 * difference(v, m, False, False)) + tokens_nll(v, m),
    )


# --------------------------------------------------------------------------------------------------- labelled answers


def labels():
    lengths, desirable = [4, 2, 3, 5], [True, False, False, True]
    log_probs = draw(lengths)
    ref = shifted(log_probs, 0.6)
    ref_values, _ = padded(ref)
    lessons = [
        {"judged": {"stream": stream(f"j{i}", n), "context": CONTEXT, "desirable": d}}
        for i, (n, d) in enumerate(zip(lengths, desirable))
    ]
    wanted = torch.tensor(desirable)

    def loss_of(values, mask, level):
        reward = ((values - ref_values) * mask).sum(1)
        chosen = 1 - torch.sigmoid(0.5 * (reward - level))
        rejected = 1 - torch.sigmoid(0.5 * (level - reward))
        return torch.where(wanted, chosen, 1.4 * rejected).mean()

    part = {"kto": {"beta": 0.5, "undesirable": 1.4}}
    for level in [0.0, 0.7]:
        yield case(f"labels, level {level}", part, lessons, lengths, log_probs, ref, lambda v, m: loss_of(v, m, level), level)


# ----------------------------------------------------------------------------------------------------------- rollouts


def rollouts():
    lengths = [4, 2, 3, 6, 1]
    old = draw(lengths)
    new = shifted(old, 0.3)
    ref = shifted(old, 0.4)
    advantages = [1.2, -0.7, 0.3, -1.5, 0.9]
    lessons = [
        {
            "rollout": {
                "stream": stream(f"o{i}", n),
                "behaviour": behind(row),
                "advantages": behind([a] * n),
                "group": i // 2,
            }
        }
        for i, (n, row, a) in enumerate(zip(lengths, old, advantages))
    ]
    old_values, _ = padded(old)
    ref_values, _ = padded(ref)
    credit = torch.tensor(advantages).unsqueeze(1)

    def means(kind, length):
        def per_token(x, mask):
            return (x * mask).sum() / mask.sum()

        def per_sequence(x, mask):
            return ((x * mask).sum(1) / mask.sum(1)).mean()

        def total(x, mask):
            return (x * mask).sum() / (x.shape[0] * length)

        return {"token": per_token, "sequence": per_sequence, "total": total}[kind]

    def clipped(ratio, low, high):
        return -torch.min(ratio * credit, ratio.clamp(1 - low, 1 + high) * credit)

    def token_ratio(values):
        return torch.exp(values - old_values)

    def sequence_ratio(values, mask):
        log_ratio = ((values - old_values) * mask).sum(1) / mask.sum(1)
        return torch.exp(log_ratio).unsqueeze(1).expand_as(values)

    def k3(values):
        return torch.exp(ref_values - values) - (ref_values - values) - 1

    def add(name, settings, loss_of, relative=False):
        part = {"policy_gradient": settings}
        return case(name, part, lessons, lengths, new, ref if relative else None, loss_of)

    yield add(
        "likelihood times advantage, answers summed",
        {"ratio": "none", "mean": "total"},
        lambda v, m: means("total", 1)(-credit * v, m),
    )
    yield add(
        "truncated importance weights",
        {"ratio": "none", "mean": "token", "truncate": 1.1},
        lambda v, m: means("token", 1)(-credit * token_ratio(v).detach().clamp(max=1.1) * v, m),
    )
    yield add(
        "clipped, mean of means, k3 to a reference",
        {"mean": "sequence", "kl": 0.04, "estimator": "k3"},
        lambda v, m: means("sequence", 1)(clipped(token_ratio(v), 0.2, 0.2) + 0.04 * k3(v), m),
        True,
    )
    yield add(
        "clipped, divided by a constant length",
        {"mean": "total", "length": 8.0},
        lambda v, m: means("total", 8)(clipped(token_ratio(v), 0.2, 0.2), m),
    )
    yield add(
        "clipped asymmetrically, mean over tokens",
        {"mean": "token", "clip_low": 0.2, "clip_high": 0.28},
        lambda v, m: means("token", 1)(clipped(token_ratio(v), 0.2, 0.28), m),
    )
    yield add(
        "ratio of the sequence",
        {"ratio": "sequence", "mean": "sequence", "clip_low": 0.05, "clip_high": 0.08},
        lambda v, m: means("sequence", 1)(clipped(sequence_ratio(v, m), 0.05, 0.08), m),
    )
    yield add(
        "likelihood, k1 in the loss, a bonus on entropy",
        {"ratio": "none", "mean": "sequence", "kl": 0.2, "estimator": "k1", "entropy": 0.05},
        lambda v, m: means("sequence", 1)(-credit * v + 0.2 * (v - ref_values) + 0.05 * 0.5 * v**2, m),
        True,
    )

    def charged(estimate, v, m):
        """Advantages less the answer's own divergence and plus the mean of the others of its group."""
        divergence = (estimate(old_values, ref_values) * m).sum(1)
        groups = torch.tensor([i // 2 for i in range(len(lengths))])
        others = torch.stack(
            [divergence[(groups == g) & (torch.arange(len(lengths)) != i)].sum() for i, g in enumerate(groups)]
        )
        counts = torch.tensor([max(int((groups == g).sum()) - 1, 1) for g in groups])
        left = credit - 0.3 * (divergence - others / counts).unsqueeze(1)
        return means("total", 4)(-left * v, m)

    for name, estimate in [
        ("k1", lambda p, q: p - q),
        ("k2", lambda p, q: 0.5 * (p - q) ** 2),
        ("k3", lambda p, q: torch.exp(q - p) - (q - p) - 1),
    ]:
        yield add(
            f"{name} charged in the reward",
            {"ratio": "none", "mean": "total", "length": 4.0, "kl": 0.3, "charge": "reward", "charged": name},
            lambda v, m, estimate=estimate: charged(estimate, v, m),
            True,
        )
    yield add(
        "k2 to a reference",
        {"mean": "token", "kl": 0.1, "estimator": "k2"},
        lambda v, m: means("token", 1)(clipped(token_ratio(v), 0.2, 0.2) + 0.1 * 0.5 * (v - ref_values) ** 2, m),
        True,
    )


# ------------------------------------------------------------------------------------------------- scores and critics


def plain(name, part, lessons, seen, loss, by, before=None, reference=None):
    """A case whose numbers read are laid out as the program's: `seen` and `by` are lists of tensors, one a stream."""
    slopes = torch.autograd.grad(loss, by)
    return {
        "name": name, "part": part, "lessons": lessons, "log_probs": [x.flatten().tolist() for x in seen],
        "reference": reference, "before": before, "level": None, "loss": loss.item(),
        "gradients": [x.flatten().tolist() for x in slopes],
    }  # fmt: skip


def rewards():
    lengths, gaps = [4, 2, 5, 3], [1.3, 0.4]
    for name, settings, of in [
        ("Bradley-Terry", {}, lambda d, g: -F.logsigmoid(d)),
        ("Bradley-Terry with a margin", {"gap": "margin"}, lambda d, g: -F.logsigmoid(d - g)),
        (
            "Bradley-Terry with soft labels",
            {"gap": "odds"},
            lambda d, g: F.binary_cross_entropy_with_logits(d, torch.sigmoid(g), reduction="none"),
        ),
    ]:
        seen = [torch.randn(CONTEXT + n, requires_grad=True) for n in lengths]
        lessons = [
            {"pair": {"chosen": stream("c", lengths[2 * i]), "rejected": stream("r", lengths[2 * i + 1]), "gap": gaps[i]}}
            for i in range(2)
        ]
        last = torch.stack([x[-1] for x in seen])
        chosen, rejected = last[0::2], last[1::2]
        loss = of(chosen - rejected, torch.tensor(gaps)).mean() + 0.05 * ((chosen + rejected) ** 2).mean()
        yield plain(name, {"reward": {**settings, "center": 0.05}}, lessons, seen, loss, seen)


def criteria():
    """Soft labels by three criteria, a score each; and the five differences of a model of improvement."""
    lengths, better = [4, 2, 5, 3], [[0.9, 0.5, 0.0], [0.2, 1.0, 0.6]]
    seen = [torch.randn(CONTEXT + n, 3, requires_grad=True) for n in lengths]
    lessons = [
        {
            "pair": {
                "chosen": stream("c", lengths[2 * i]), "rejected": stream("r", lengths[2 * i + 1]), "gap": 0.0,
                "better": better[i],
            }
        }  # fmt: skip
        for i in range(2)
    ]
    last = torch.stack([x[-1] for x in seen])
    loss = F.binary_cross_entropy_with_logits(last[0::2] - last[1::2], torch.tensor(better))
    yield plain("soft labels by several criteria", {"reward": {}}, lessons, seen, loss, seen)

    lessons = [{"pair": {"chosen": stream("c", 3), "rejected": stream("r", 2), "gap": 1.0}} for _ in range(2)]
    sizes = [(3, 2), (3, 3), (2, 2), (2, 3)]  # the answer scored, and the one before it
    seen = [torch.randn(CONTEXT + a + b, requires_grad=True) for _ in range(2) for a, b in sizes]
    wl, ww, ll, lw = torch.stack([x[-1] for x in seen]).reshape(2, 4).T
    differences = torch.stack([wl - ww, wl - ll, wl - lw, ww - lw, ll - lw])
    yield plain("five differences of improvement", {"improvement": {}}, lessons, seen, -F.logsigmoid(differences).sum(0).mean(), seen)


# --------------------------------------------------------------------------------------------- imitation and distillation


def imitated():
    lengths, weights = [4, 2, 3], [1.0, 0.5, 2.0]
    log_probs, divisors = draw(lengths), [torch.randn(n).tolist() for n in lengths]
    lessons = []
    for n, weight in zip(lengths, weights):
        own = stream("i", n)
        own["weights"] = [0.0] * CONTEXT + [weight] * n
        lessons.append({"stream": own})
    lessons[0]["stream"]["weights"][CONTEXT + 1] = 0.25  # one token counts less
    by_token = [torch.tensor(lesson["stream"]["weights"][CONTEXT:]) for lesson in lessons]
    for per in ["token", "sequence"]:
        for z in [0.0, 0.1]:
            x = [torch.tensor(row, requires_grad=True) for row in log_probs]
            y = [torch.tensor(row, requires_grad=True) for row in divisors]
            costs = [(w * (-a + z * b**2)).sum() for w, a, b in zip(by_token, x, y)]
            if per == "token":
                loss = sum(costs) / sum(w.sum() for w in by_token)
            else:
                strongest = torch.stack([w.max() for w in by_token])
                means = torch.stack([cost / w.sum() for cost, w in zip(costs, by_token)])
                loss = (strongest * means).sum() / strongest.sum()
            found = torch.autograd.grad(loss, x + y, allow_unused=True)
            found = [torch.zeros_like(a) if g is None else g for g, a in zip(found, x + y)]
            both = z != 0.0
            yield {
                "name": f"imitation per {per}, z-loss {z}", "part": {"imitate": {"per": per, "z_loss": z}}, "lessons": lessons,
                "log_probs": [behind(a) + (behind(b) if both else []) for a, b in zip(log_probs, divisors)],
                "reference": None, "level": None, "loss": loss.item(),
                "gradients": [
                    behind(a.tolist()) + (behind(b.tolist()) if both else [])
                    for a, b in zip(found[: len(x)], found[len(x) :])
                ],
            }  # fmt: skip


def distilled():
    lengths, vocabulary = [3, 2], 7
    lessons = []
    for n in lengths:
        own = stream("d", n)
        own["tokens"] = torch.randint(0, vocabulary, (CONTEXT + n,)).tolist()
        lessons.append({"viewed": {"stream": own, "teacher": own["tokens"][:CONTEXT]}})
    distributions = lambda n: F.log_softmax(1.5 * torch.randn(CONTEXT + n, vocabulary), -1)
    teacher = [distributions(n) for n in lengths]
    for divergence in ["forward", "reverse", "jensen-shannon"]:
        student = [distributions(n).requires_grad_(True) for n in lengths]
        t, s = torch.cat([x[CONTEXT:] for x in teacher]), torch.cat([x[CONTEXT:] for x in student])
        if divergence == "forward":
            apart = (t.exp() * (t - s)).sum(-1)
        elif divergence == "reverse":
            apart = (s.exp() * (s - t)).sum(-1)
        else:
            m = torch.log(0.3 * t.exp() + 0.7 * s.exp())
            apart = (0.3 * t.exp() * (t - m) + 0.7 * s.exp() * (s - m)).sum(-1)
        tokens = torch.cat([torch.tensor(lesson["viewed"]["stream"]["tokens"][CONTEXT:]) for lesson in lessons])
        own = -s.gather(1, tokens.unsqueeze(1)).squeeze(1)
        loss = (0.8 * apart + 0.4 * own).mean()
        part = {"distill": {"divergence": divergence, "beta": 0.3, "top_k": 0, "weight": 0.8, "nll": 0.4}}
        yield plain(
            f"distillation, {divergence}", part, lessons, student, loss, student,
            reference=[x.flatten().tolist() for x in teacher],
        )  # fmt: skip


def values():
    lengths = [4, 3]
    labels = [[-100, 1, -100, 0], [-100, -100, 1]]
    for measure, outputs in [("squared", 1), ("binary", 1), ("classes", 2)]:
        seen = [torch.randn(CONTEXT + n, outputs, requires_grad=True) for n in lengths]
        lessons = []
        for n, own in zip(lengths, labels):
            valued = stream("v", n)
            valued["weights"] = [0.0] * CONTEXT + [0.0 if label == -100 else 1.0 for label in own]
            lessons.append({"valued": {"stream": valued, "targets": [0.0] * CONTEXT + [max(float(x), 0.0) for x in own]}})
        scores = torch.cat(seen)
        target = torch.tensor(sum([[-100] * CONTEXT + own for own in labels], []))
        known = target != -100
        if measure == "squared":
            loss = F.mse_loss(scores[known, 0], target[known].double())
        elif measure == "binary":
            loss = F.binary_cross_entropy_with_logits(scores[known, 0], target[known].double())
        else:
            loss = F.cross_entropy(scores, target, ignore_index=-100)
        yield plain(f"values, {measure}", {"value": {"measure": measure}}, lessons, seen, loss, seen)


def critics():
    lengths, gamma, lam, kl = [4, 2, 3], 0.98, 0.9, 0.07
    reward = [1.0, 0.0, 0.5]
    old, old_values = draw(lengths), [torch.randn(n).tolist() for n in lengths]
    new, new_values = shifted(old, 0.3), [(torch.tensor(v) + 0.4 * torch.randn(len(v))).tolist() for v in old_values]
    ref = shifted(old, 0.4)
    lessons = [
        {
            "rollout": {
                "stream": stream(f"e{i}", n), "behaviour": behind(old[i]), "advantages": behind([reward[i]] * n), "group": i,
            }
        }  # fmt: skip
        for i, n in enumerate(lengths)
    ]
    # Over padded tensors, as TRL's PPOTrainer of version 0.29 does it.
    (o, mask), (v, _), (q, _) = padded(old), padded(old_values), padded(ref)
    score = -kl * (o - q) * mask
    for i, n in enumerate(lengths):
        score[i, n - 1] += reward[i]
    last, reversed_advantages = torch.zeros(len(lengths)), []
    width = o.shape[1]
    for t in reversed(range(width)):
        following = v[:, t + 1] * mask[:, t + 1] if t < width - 1 else torch.zeros(len(lengths))
        delta = score[:, t] + gamma * following - v[:, t]
        last = (delta + gamma * lam * last) * mask[:, t]
        reversed_advantages.append(last)
    advantages = torch.stack(reversed_advantages[::-1], 1)
    returns = advantages + v
    taken = advantages[mask.bool()]
    whitened = (advantages - taken.mean()) * torch.rsqrt(taken.var() + 1e-8)
    for whiten in [False, True]:
        x = [torch.tensor(row, requires_grad=True) for row in new]
        y = [torch.tensor(row, requires_grad=True) for row in new_values]
        total = sum(lengths)
        loss = 0.0
        for i, n in enumerate(lengths):
            credit = (whitened if whiten else advantages)[i, :n]
            ratio = torch.exp(x[i] - o[i, :n])
            policy = torch.max(-credit * ratio, -credit * ratio.clamp(0.8, 1.2)).sum()
            held = torch.clamp(y[i], v[i, :n] - 0.2, v[i, :n] + 0.2)
            value = 0.5 * torch.max((y[i] - returns[i, :n]) ** 2, (held - returns[i, :n]) ** 2).sum()
            loss = loss + (policy + 0.1 * value) / total
        by = torch.autograd.grad(loss, x + y)
        yield {
            "name": f"actor and critic, whitened: {whiten}",
            "part": {"actor_critic": {"gamma": gamma, "lambda": lam, "kl": kl, "whiten": whiten}},
            "lessons": lessons,
            "log_probs": [behind(a) + behind(b) for a, b in zip(new, new_values)],
            "before": [behind(a) + behind(b) for a, b in zip(old, old_values)],
            "reference": [behind(row) for row in ref],
            "level": None,
            "loss": loss.item(),
            "gradients": [behind(a.tolist()) + behind(b.tolist()) for a, b in zip(by[: len(x)], by[len(x) :])],
        }


if __name__ == "__main__":
    cases = [*preferences(), *labels(), *rollouts(), *rewards(), *values(), *critics(), *criteria(), *imitated(), *distilled()]
    print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
