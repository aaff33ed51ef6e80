//! Records as people read them: on the terminal, as REPRODUCTIONS.md, and as the data of a page.

use std::collections::BTreeSet;

use dashboard::{Compared, Reproduced};
use events::duration;
use repeat::DeviceKind;
use reproduce::{BaseModel, ClaimRecord, Record, Verdict};

/// One record in a few lines.
pub(super) fn words(record: &Record) -> String {
    let mut text =
        format!("{} ({}), {} seeds, {}\n", record.name, record.paper, record.seeds.len(), duration(record.seconds));
    for premise in &record.premises {
        let holds = if premise.holds { "so" } else { "NOT SO" };
        text += &format!("  premise, {holds}: {} ({})\n", premise.says, shares(&premise.values));
    }
    for claim in &record.claims {
        text += &format!("  {}: {}: {}\n", claim.verdict.words(), claim.says, figures(claim));
    }
    for control in &record.controls {
        text += &format!("  control, {}: {}: {}\n", control_words(control), control.says, figures(control));
    }
    match record.quick {
        true => text + "  a quick try: these verdicts mean nothing\n",
        false => text,
    }
}

fn figures(claim: &ClaimRecord) -> String {
    let Some(mean) = claim.difference else { return "not measured".to_owned() };
    let interval = match claim.interval {
        Some((low, high)) => format!("{} to {}", change(claim, low), change(claim, high)),
        None => "no interval from one seed".to_owned(),
    };
    format!(
        "{} against {}, {} ({interval}) on {} items",
        value(claim, claim.better),
        value(claim, claim.than),
        change(claim, mean),
        claim.items
    )
}

/// A figure: a share in per cent, any other as it is.
fn value(claim: &ClaimRecord, value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| if claim.plain { format!("{value:.3}") } else { format!("{:.1} %", 100.0 * value) },
    )
}

/// A difference: of shares in points.
fn change(claim: &ClaimRecord, value: f64) -> String {
    if claim.plain { format!("{value:+.3}") } else { format!("{:+.1}", 100.0 * value) }
}

fn control_words(control: &ClaimRecord) -> &'static str {
    if control.verdict == Verdict::Held { "came out, and should not" } else { "did not come out, as it should" }
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{:.1} %", 100.0 * value))
}

fn shares(values: &[Option<f64>]) -> String {
    values.iter().map(|&value| share(value)).collect::<Vec<_>>().join(", ")
}

const ABOUT: &str = "Made by `autodidact reproduce`; [reproductions/results](reproductions/results) has the records that this \
                     table is made of, [CONTRIBUTING.md](CONTRIBUTING.md) the rules. Differences are in points, with 95 % \
                     intervals of a paired bootstrap over items (an item counts by the mean of its seeds), of what is one \
                     number for each seed Student's over the seeds. *Held* means that the whole interval lies above what it has \
                     to exceed. Models made from nothing are a million times smaller than the papers'; `smollm2` is SmolLM2-135M-Instruct \
                     (Q4_1, dequantised), and the digest beside it names its weights.";

/// A paragraph of Markdown, in lines of at most 100 columns.
fn prose(text: &str) -> String {
    recipe::wrap(text, 100).join("\n") + "\n"
}

/// The model that every arm began with, and what names its weights.
fn with_model(model: &BaseModel) -> String {
    let digest = model.digest.as_deref().map_or_else(String::new, |digest| format!(" ({:.8})", digest));
    format!(" with `{}`{digest}", model.name)
}

/// Every result there is.
pub(super) fn markdown(records: &[(Record, Option<String>)]) -> String {
    let mut text = "# Reproductions\n\n".to_owned() + &prose(ABOUT);
    for (record, stale) in records {
        let machine = &record.machine;
        let bf16 = if record.device == DeviceKind::CpuBf16 { "bf16, " } else { "" };
        let jobs = if record.jobs > 1 { format!(", {} arms at a time", record.jobs) } else { String::new() };
        text += &format!("\n## {}\n\n", record.name);
        text += &prose(&format!(
            "{}. On `{}`{}, seeds {}, {} of work, at {}, {} ({}{} threads{jobs}). Again: `autodidact reproduce {}`.",
            record.paper,
            record.on,
            record.model.as_ref().map_or_else(String::new, with_model),
            record.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
            duration(record.seconds),
            machine.commit,
            if machine.processor.is_empty() { &machine.platform } else { &machine.processor },
            bf16,
            machine.threads,
            record.name
        ));
        text += "\n";
        text += &stale.as_ref().map_or_else(String::new, |why| prose(&format!("**Stale**: {why}.")) + "\n");
        for premise in &record.premises {
            let holds = if premise.holds { "holds" } else { "**absent**" };
            text += &prose(&format!("Premise, {holds}: {} ({}).", premise.says, shares(&premise.values)));
            text += "\n";
        }
        text += "| claim | the paper | here | against | difference | interval | verdict |\n|---|---|---:|---:|---:|---|---|\n";
        for claim in &record.claims {
            text += &row(claim, &format!("**{}**", claim.verdict.words()));
        }
        for control in &record.controls {
            text += &row(control, &format!("control {}", control_words(control)));
        }
        text += &ways(record);
        text += &costs(record);
    }
    text
}

fn row(claim: &ClaimRecord, verdict: &str) -> String {
    let interval = claim
        .interval
        .map_or("–".to_owned(), |(low, high)| format!("{} to {}", change(claim, low), change(claim, high)));
    let must = if claim.by == 0.0 { String::new() } else { format!(" (by more than {})", change(claim, claim.by)) };
    format!(
        "| {}{must} | {} | {} | {} | {} | {interval} | {verdict} |\n",
        claim.says,
        claim.paper,
        value(claim, claim.better),
        value(claim, claim.than),
        claim.difference.map_or("–".to_owned(), |difference| change(claim, difference))
    )
}

/// What the arms cost, by seed.
fn costs(record: &Record) -> String {
    let mut text =
        "\n| arm | recipe | tokens, each seed | tokens an answer | time |\n|---|---|---:|---:|---:|\n".to_owned();
    for (name, arm) in &record.arms {
        let count = arm.seeds.len().max(1) as f64;
        let tokens = arm.seeds.iter().map(|seed| seed.tokens as f64).sum::<f64>() / count;
        let answers: Vec<f64> = arm.seeds.iter().filter_map(|seed| seed.tokens_per_answer).collect();
        let answer = match answers.len() {
            0 => "–".to_owned(),
            some => format!("{:.0}", answers.iter().sum::<f64>() / some as f64),
        };
        let seconds = arm.seeds.iter().map(|seed| seed.seconds).sum();
        text += &format!("| {name} | {} | {tokens:.0} | {answer} | {} |\n", arm.recipe, duration(seconds));
    }
    text
}

/// What the other ways of answering of each arm reached and took, means over the seeds.
fn ways(record: &Record) -> String {
    const BY: &str = "answers by ";
    const TOOK: &str = "tokens by ";
    let mut rows = String::new();
    for (name, arm) in &record.arms {
        let mean = |score: &str| {
            let found: Vec<f64> = arm.seeds.iter().filter_map(|seed| seed.scores.get(score).copied()).collect();
            (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
        };
        let measured: BTreeSet<&str> =
            arm.seeds.iter().flat_map(|seed| seed.scores.keys()).filter_map(|score| score.strip_prefix(BY)).collect();
        for way in measured {
            let tokens = mean(&format!("{TOOK}{way}")).map_or("–".to_owned(), |tokens| format!("{tokens:.0}"));
            rows += &format!("| {name} | {way} | {} | {tokens} |\n", share(mean(&format!("{BY}{way}"))));
        }
    }
    match rows.is_empty() {
        true => rows,
        false => format!(
            "\n| arm | way of answering | right | tokens and value calls an answer |\n|---|---|---:|---:|\n{rows}"
        ),
    }
}

/// The same for the page with the intervals drawn.
pub(super) fn pages(records: &[(Record, Option<String>)]) -> Vec<Reproduced> {
    let compared = |claim: &ClaimRecord, control: bool| Compared {
        says: claim.says.clone(),
        paper: claim.paper.clone(),
        mean: claim.difference,
        interval: claim.interval,
        by: claim.by,
        paper_by: claim.paper_by,
        plain: claim.plain,
        verdict: if control { control_words(claim).to_owned() } else { claim.verdict.words().to_owned() },
        held: (claim.verdict == Verdict::Held) != control,
        control,
    };
    let page = |(record, stale): &(Record, Option<String>)| Reproduced {
        name: record.name.clone(),
        about: format!("{}; on {}; {} seeds; {}", record.paper, record.on, record.seeds.len(), record.machine.commit)
            + &stale.as_ref().map_or_else(String::new, |why| format!("; stale: {why}")),
        claims: record
            .claims
            .iter()
            .map(|claim| compared(claim, false))
            .chain(record.controls.iter().map(|control| compared(control, true)))
            .collect(),
    };
    records.iter().map(page).collect()
}
