//! From attempts with their verdicts to what the learner executes.
//!
//! This is the one place where text becomes training tokens, and so where the rules on what is
//! taught hold for every method: an unsettled attempt is dropped before the first chooser sees it;
//! the context is the one to train under (`trained_under`), which need not be the one that was
//! answered under; an answer's tokens are those that were drawn, never encoded again, because
//! another split of the same text would have other log-probabilities than were recorded; what the
//! environment said and what an answer retracted are context and have weight 0.

use std::collections::{BTreeMap, HashMap, HashSet};

use choose::ChoosePart;
use faults::Outcome;
use nouns::{
    At, Candidate, Episode, Judged, Lesson, Pair, Policy, Rollout, Stage, Stream, Teaching, Trace, Valued, Verdict,
    Viewed, World, step_places,
};
use rayon::prelude::*;
use tokens::Tokens;

/// What may teach: this round's attempts, and those chosen in the rounds that the recipe remembers.
pub(crate) fn pool(
    round: u32,
    memory: u32,
    traces: Vec<Trace>,
    verdicts: &[Verdict],
    before: &[Candidate],
    world: &dyn World,
) -> Vec<Candidate> {
    let fresh = traces.into_iter().zip(verdicts);
    let fresh = fresh.map(|(trace, verdict)| Candidate::new(trace, verdict.clone()));
    let remembered = before.iter().filter(|candidate| candidate.trace.round + memory >= round);
    // One that stood in several pairs is still one attempt.
    let mut seen = HashSet::new();
    let remembered = remembered.filter(|candidate| seen.insert(&candidate.trace.id));
    let remembered = remembered.map(|candidate| Candidate::new(candidate.trace.clone(), candidate.verdict.clone()));
    let mut pool: Vec<Candidate> = fresh.chain(if memory > 0 { remembered.collect() } else { Vec::new() }).collect();
    pool.iter_mut().for_each(|one| one.domain = world.domain(&one.trace.task).unwrap_or_default());
    pool
}

/// Asks the policy where it puts the attempts, if a chooser compares them so.
pub(crate) fn embed(parts: &[ChoosePart], stage: &Stage, policy: &dyn Policy, pool: &mut [Candidate]) -> Outcome<()> {
    if !parts.iter().any(|part| part.needs_embeddings()) {
        return Ok(());
    }
    let contexts = pool.iter().map(|one| policy.encode(&one.trace.trained_under)).collect::<Outcome<Vec<_>>>()?;
    let items =
        contexts.iter().zip(pool.iter()).map(|(context, one)| (context.as_slice(), one.trace.tokens.as_slice()));
    let found = policy.embed(&items.collect::<Vec<_>>(), stage.progress)?;
    let found = found.unwrap_or_default();
    pool.iter_mut().zip(found).for_each(|(candidate, embedding)| candidate.embedding = embedding);
    Ok(())
}

/// Applies every chooser in order. Unsettled attempts are dropped before the first: they are never
/// taught. Where credit flows between turns, the whole conversation is dropped with it: an unknown
/// reward would count as 0.
pub(crate) fn choose(parts: &[ChoosePart], stage: &Stage, pool: Vec<Candidate>) -> Vec<Candidate> {
    let broken = if parts.iter().any(|part| part.sees_chains()) { broken(&pool) } else { HashSet::new() };
    let settled = pool.into_iter().enumerate();
    let settled = settled.filter(|(place, one)| !one.verdict.is_unsettled() && !broken.contains(place));
    let settled = settled.map(|(_, candidate)| candidate).collect();
    let choose = |pool, part: &ChoosePart| part.choose(&stage.key.of(part.describe().name()), pool);
    let mut chosen: Vec<Candidate> = parts.iter().fold(settled, choose);
    // What is read back of the stage has none either.
    chosen.iter_mut().for_each(|candidate| candidate.embedding = Vec::new());
    chosen
}

/// The places of every turn of conversations in which a turn could not be judged.
fn broken(pool: &[Candidate]) -> HashSet<usize> {
    let places: HashMap<&str, usize> = pool.iter().enumerate().map(|(n, one)| (one.trace.id.as_str(), n)).collect();
    let first = |mut place: usize| {
        while pool[place].trace.turn > 0 {
            let before = pool[place].trace.parent.as_deref().and_then(|parent| places.get(parent));
            match before.filter(|&&before| pool[before].trace.turn < pool[place].trace.turn) {
                Some(&before) => place = before,
                None => break,
            }
        }
        place
    };
    let gone: HashSet<usize> = (0..pool.len()).filter(|&n| pool[n].verdict.is_unsettled()).map(first).collect();
    (0..pool.len()).filter(|&place| gone.contains(&first(place))).collect()
}

/// What the learner executes: the context to be trained under, then the answer's tokens as they
/// were drawn.
pub(crate) fn lessons(world: &dyn World, tokens: &Tokens, chosen: &[Candidate]) -> Outcome<Vec<Lesson>> {
    let writer = Writer { world, tokens };
    let alone: Outcome<Vec<Option<Lesson>>> = chosen.par_iter().map(|candidate| writer.alone(candidate)).collect();
    let pairs: Outcome<Vec<Lesson>> = paired(chosen).into_par_iter().map(|sides| writer.pair(sides)).collect();
    Ok(alone?.into_iter().flatten().chain(pairs?).collect())
}

/// Writes attempts down as tokens.
struct Writer<'a> {
    world: &'a dyn World,
    tokens: &'a Tokens,
}

impl Writer<'_> {
    /// The lesson of an attempt that teaches by itself.
    fn alone(&self, candidate: &Candidate) -> Outcome<Option<Lesson>> {
        Ok(Some(match candidate.teaching {
            Teaching::Example => Lesson::Stream(self.example(candidate)?),
            Teaching::Desirable => Lesson::Judged(self.judged(candidate, true)?),
            Teaching::Undesirable => Lesson::Judged(self.judged(candidate, false)?),
            Teaching::Reinforced { advantage, group, kl_weight } => {
                let Trace { id, tokens, log_probs, .. } = &candidate.trace;
                let (context, advantage) = (self.context(candidate)?, advantage as f32 * candidate.weight);
                let rollout = Rollout::new(id.clone(), &context, tokens, log_probs, advantage, group);
                let rollout = by_turn(Rollout { kl_weight, ..rollout }, context.len(), candidate);
                Lesson::Rollout(rollout.without(&observed(candidate)))
            }
            Teaching::Valued { value, at } => Lesson::Valued(self.valued(candidate, value as f32, at)?),
            Teaching::Viewed => Lesson::Viewed(Viewed {
                teacher: self.tokens.encode_context(&candidate.trace.generated_under)?,
                stream: self.whole(candidate)?,
            }),
            Teaching::Chosen { .. } | Teaching::Rejected { .. } => return Ok(None),
        }))
    }

    fn pair(&self, (chosen, rejected): (&Candidate, &Candidate)) -> Outcome<Lesson> {
        let gap = chosen.verdict.reward().zip(rejected.verdict.reward()).map_or(0.0, |(one, other)| one - other);
        Ok(Lesson::Pair(Pair { chosen: self.whole(chosen)?, rejected: self.whole(rejected)?, gap, better: Vec::new() }))
    }

    fn judged(&self, candidate: &Candidate, desirable: bool) -> Outcome<Judged> {
        Ok(Judged { context: self.context(candidate)?.len(), stream: self.whole(candidate)?, desirable })
    }

    /// An answer with its value at its end, at the ends of its steps, or at every token.
    fn valued(&self, candidate: &Candidate, value: f32, at: At) -> Outcome<Valued> {
        let trace = &candidate.trace;
        let last = trace.tokens.len().saturating_sub(1);
        let places: Vec<usize> = match at {
            At::End => vec![last],
            At::Every => (0..trace.tokens.len()).collect(),
            At::Steps => step_places(self.world, &|tokens| self.tokens.decode(tokens), &trace.tokens),
        };
        let observed = observed(candidate);
        let places = places.into_iter().filter(|place| !observed.contains(&(trace.tokens.len() - place)));
        let known: Vec<(usize, f32)> = places.map(|place| (place, value)).collect();
        Ok(Valued::new(trace.id.clone(), &self.context(candidate)?, &trace.tokens, &known))
    }

    /// An answer to imitate: what it retracted itself is context.
    fn example(&self, candidate: &Candidate) -> Outcome<Stream> {
        let trace = &candidate.trace;
        let (retracted, answer) = trace.tokens.split_at(retracted(self.world, self.tokens, trace));
        let context = [&self.context(candidate)?, retracted].concat();
        Ok(Stream::new(trace.id.clone(), &context, answer, candidate.weight).without(&observed(candidate)))
    }

    /// All that was answered: what is preferred or reinforced is the whole, with what it retracted.
    fn whole(&self, candidate: &Candidate) -> Outcome<Stream> {
        let trace = &candidate.trace;
        let stream = Stream::new(trace.id.clone(), &self.context(candidate)?, &trace.tokens, candidate.weight);
        Ok(stream.without(&observed(candidate)))
    }

    fn context(&self, candidate: &Candidate) -> Outcome<Vec<u32>> {
        self.tokens.encode_context(&candidate.trace.trained_under)
    }
}

/// With the credit of each turn on its tokens, where turns are credited apart.
fn by_turn(mut rollout: Rollout, context: usize, candidate: &Candidate) -> Rollout {
    let turns = candidate.trace.episode.as_ref().map(Episode::turn_of_tokens).unwrap_or_default();
    for (advantage, turn) in rollout.advantages[context..].iter_mut().zip(turns) {
        if let Some(&credit) = candidate.by_turn.get(turn) {
            *advantage = credit as f32 * candidate.weight;
        }
    }
    rollout
}

/// The places of the tokens that the model was shown while it answered, counted from the end of the
/// answer (1 is the last): they are never taught.
fn observed(candidate: &Candidate) -> HashSet<usize> {
    let drawn = candidate.trace.drawn();
    (0..drawn.len()).filter(|&place| !drawn[place]).map(|place| drawn.len() - place).collect()
}

/// The two sides of every pair that has both.
fn paired(chosen: &[Candidate]) -> Vec<(&Candidate, &Candidate)> {
    let mut sides: BTreeMap<u32, [Option<&Candidate>; 2]> = BTreeMap::new();
    for candidate in chosen {
        match candidate.teaching {
            Teaching::Chosen { pair } => sides.entry(pair).or_default()[0] = Some(candidate),
            Teaching::Rejected { pair } => sides.entry(pair).or_default()[1] = Some(candidate),
            _ => {}
        }
    }
    sides.into_values().filter_map(|[better, worse]| better.zip(worse)).collect()
}

/// How many of an answer's tokens lie before its last try: they are retracted.
fn retracted(world: &dyn World, tokens: &Tokens, trace: &Trace) -> usize {
    let start = world.last_try(&trace.text());
    if start == 0 {
        return 0;
    }
    // The first `count` tokens spell ever more of the text; what is sought is where they reach the last try.
    let counts: Vec<usize> = (0..trace.tokens.len()).collect();
    counts.partition_point(|&count| tokens.decode(&trace.tokens[..count]).len() + 1 < start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use choose::{Advantages, Credit};
    use nouns::{Cost, Digest, Finish, Key, Sampling, Silent, Turn, Unsettled};

    fn turn(id: &str, turn: u32, parent: Option<&str>, verdict: Verdict) -> Candidate {
        let shown = vec![Turn::user(format!("q{turn}"))];
        let trace = Trace {
            id: id.into(),
            task: "t".into(),
            round: 1,
            sample: 0,
            model_name: "policy".into(),
            turn,
            parent: parent.map(str::to_owned),
            generated_under: shown.clone(),
            trained_under: shown,
            answer: id.into(),
            tokens: vec![1],
            log_probs: vec![-1.0],
            sampling: Sampling::default(),
            model: Digest::of(b"m"),
            finish: Finish::Stop,
            cost: Cost::default(),
            episode: None,
        };
        Candidate::new(trace, verdict)
    }

    #[test]
    fn a_conversation_with_a_turn_that_could_not_be_judged_teaches_nothing_where_credit_flows() {
        let unsettled = Verdict::Unsettled(Unsettled::NoReference);
        let pool = || {
            vec![
                turn("a", 0, None, Verdict::Right),
                turn("a2", 1, Some("a"), unsettled.clone()),
                turn("b", 0, None, Verdict::Wrong("no".into())),
                turn("b2", 1, Some("b"), Verdict::Right),
            ]
        };
        let left = |credit| {
            let part = ChoosePart::Advantages(Advantages { credit, keep_even: true, ..Advantages::default() });
            let stage = Stage { round: 1, key: Key::root(1), progress: &Silent };
            choose(&[part], &stage, pool()).into_iter().map(|one| one.trace.id).collect::<Vec<_>>()
        };
        assert_eq!(left(Credit::Own), ["a", "b", "b2"]);
        assert_eq!(left(Credit::ToGo), ["b", "b2"]);
    }

    /// Two turns: two tokens drawn and two seen, then one drawn.
    fn played() -> Candidate {
        let mut candidate = turn("a", 0, None, Verdict::Right);
        let of = |drawn, observed| nouns::EpisodeTurn {
            drawn,
            observed,
            action: "a".into(),
            observation: Vec::new(),
            reward: None,
        };
        candidate.trace.tokens = vec![4, 5, 6, 7, 8];
        candidate.trace.log_probs = vec![-1.0, -1.0, 0.0, 0.0, -1.0];
        candidate.trace.episode = Some(Episode { turns: vec![of(2, 2), of(1, 0)], unsettled: None });
        candidate.trace.trained_under = vec![Turn::user("1 + 2 :")];
        candidate
    }

    #[test]
    fn what_was_seen_in_an_episode_is_never_taught_whatever_the_lesson() {
        let world = sources::find("calculator", &sources::Options::default()).expect("a world");
        let tokens = Tokens::of_vocabulary(&world.language().expect("a language").vocabulary()).expect("a tokenizer");
        let reinforced = Teaching::Reinforced { advantage: 0.5, group: 0, kl_weight: 1.0 };
        let valued = Teaching::Valued { value: 1.0, at: At::Every };
        let kinds = [Teaching::Example, Teaching::Desirable, reinforced, valued, Teaching::Viewed];
        let pair = [Teaching::Chosen { pair: 0 }, Teaching::Rejected { pair: 0 }];
        let chosen: Vec<Candidate> =
            kinds.into_iter().chain(pair).map(|teaching| Candidate { teaching, ..played() }).collect();
        let made = lessons(world.as_ref(), &tokens, &chosen).expect("lessons");
        assert_eq!(made.len(), 6);
        for stream in made.iter().flat_map(Lesson::streams) {
            let context = stream.tokens.len() - 5;
            let taught: Vec<bool> = stream.weights.iter().map(|&weight| weight != 0.0).collect();
            assert!(!taught[..context].contains(&true));
            assert_eq!(taught[context..], [true, true, false, false, true]);
        }
        let Lesson::Rollout(rollout) = &made[2] else { panic!("{:?}", made[2]) };
        let context = rollout.advantages.len() - 5;
        assert_eq!(rollout.advantages[context..], [0.5, 0.5, 0.0, 0.0, 0.5]);
        let apart = Candidate { teaching: reinforced, by_turn: vec![2.0, -1.0], ..played() };
        let made = lessons(world.as_ref(), &tokens, &[apart]).expect("lessons");
        let Lesson::Rollout(rollout) = &made[0] else { panic!("{:?}", made[0]) };
        assert_eq!(rollout.advantages[context..], [2.0, 2.0, 0.0, 0.0, -1.0]);
    }
}
