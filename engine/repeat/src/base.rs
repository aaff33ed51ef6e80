//! The model a run begins with where no folder is given: made from nothing, and taught the world's
//! language.

use faults::Outcome;
use learn::{Imitate, OptimizerSettings};
use networks::{Config, Rope};
use nouns::{Cue, Example, Key, Language, Lesson, Role, Stream, Turn, World};
use rayon::prelude::*;
use tokens::Tokens;

recipe::part! {
    /// Makes a small decoder and teaches it the world's language. The examples are correct at every
    /// step, but in general they do not solve a task. Used only where no `--model` is given.
    pub struct Base = "base", version 1 {
        /// Width of the residual stream.
        pub width: usize = 128, "ours: about 0.7 M parameters", 1..=65_536;
        /// Layers.
        pub layers: usize = 4, "ours", 1..=1024;
        /// Attention heads.
        pub heads: usize = 4, "ours", 1..=1024;
        /// Heads of keys and values.
        pub key_value_heads: usize = 1, "ours: one, shared (Shazeer 2019, arXiv 1911.02150): sampling waits for the cache", 1..=1024;
        /// Width of the feed-forward layer.
        pub feed_forward: usize = 344, "ours: 8/3 of the width, as in Llama", 1..=1 << 20;
        /// Number of examples of the language.
        pub examples: u64 = 30_000, "ours", 0..=1 << 40;
        /// Fresh examples of the language among the lessons of every round, as a share of the
        /// lessons' tokens (rehearsal), so that a model which imitates its successes does not
        /// forget the rest of the language.
        pub replay: f64 = 0.0, "ours: none, as in the papers", 0.0..=1000.0;
        /// The share of examples that follow retracted answers to other problems, each with the
        /// words that make a model think again, so that it learns to start over. The context is
        /// made long enough for them.
        pub rethink: f64 = 0.0, "ours: none", 0.0..=1.0;
        /// The share of examples whose answer is an abstention, in the world's words for that:
        /// short, and never right.
        pub abstain: f64 = 0.0, "ours: none", 0.0..=1.0;
        /// The share of examples written in another way than the world's usual one, where it has
        /// several, so that a model can be right in different ways.
        pub other_ways: f64 = 0.0, "ours: none", 0.0..=1.0;
        /// The share of examples about the model's own ability, where the world has such: whether
        /// it can solve a task, and which tasks it can and cannot.
        pub ability: f64 = 0.0, "ours: none", 0.0..=1.0;
        /// Cues (instruction prefixes) that it learns to follow, where the world has examples:
        /// `retry`, `differ`, `hint`. Its vocabulary then has the words for them, and its context
        /// room for one more answer.
        pub cues: Vec<Cue> = Vec::new(), "ours: none";
        /// The share of examples that have one of these cues.
        pub cued: f64 = 0.5, "ours", 0.0..=1.0;
        /// How the examples are learned.
        pub learn: Imitate = Imitate { epochs: 1.0, optimizer: OptimizerSettings::at(3e-3), ..Imitate::default() }, "ours";
    }
}

/// Most retracted answers in one example.
pub(crate) const THOUGHTS: usize = 3;

impl Base {
    /// The decoder's shape for a world's tokenizer and longest text.
    pub fn config(&self, tokens: &Tokens, context: usize) -> Config {
        let head_dim = self.width / self.heads.max(1);
        Config {
            vocab_size: tokens.vocabulary_size(),
            hidden_size: self.width,
            intermediate_size: self.feed_forward,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            num_key_value_heads: self.key_value_heads,
            head_dim,
            max_position_embeddings: context,
            norm_eps: 1e-5,
            rope: Rope::plain(10_000.0, head_dim),
            tie_word_embeddings: true,
            bos_token_id: tokens.begin_id(),
            eos_token_ids: vec![tokens.end_id()],
            pad_token_id: tokens.pad_id(),
            ..Config::default()
        }
    }

    /// Lessons of the language, one per example, drawn with the example's own key; none if the
    /// world has no language.
    pub fn lessons(
        &self,
        examples: u64,
        key: &Key,
        world: &dyn World,
        tokens: &Tokens,
        held_out: &(dyn Fn(&str) -> bool + Sync),
    ) -> Outcome<Vec<Lesson>> {
        let Some(language) = world.language() else { return Ok(Vec::new()) };
        let lesson = |number: u64| {
            let key = key.at(number);
            if let Some(turns) = language.episode_example(&key, held_out) {
                return Some(played(format!("language/{number}"), tokens, &turns).map(Lesson::Stream));
            }
            let of_ability = self.drawn(&key, "ability", self.ability);
            let example = of_ability.then(|| language.ability_example(&key, held_out)).flatten();
            let example = example.or_else(|| self.example(&key, language, held_out))?;
            let answer = tokens.encode_answer(&self.said(&key, language, &example));
            let before = self.thoughts(&key, language, world.wording().think_again(), tokens, held_out);
            let stream = |context: Vec<u32>| {
                Stream::new(format!("language/{number}"), &[context, before].concat(), &answer, 1.0)
            };
            Some(tokens.encode_context(&example.prompt).map(|context| Lesson::Stream(stream(context))))
        };
        (0..examples).into_par_iter().filter_map(lesson).collect()
    }

    /// Whether an example is one of this share.
    fn drawn(&self, key: &Key, name: &str, share: f64) -> bool {
        share > 0.0 && key.of(name).random().uniform() < share
    }

    /// The example's answer: the usual one, another right one, or an abstention.
    fn said(&self, key: &Key, language: &dyn Language, example: &Example) -> String {
        if self.drawn(key, "give up", self.abstain)
            && let Some(words) = language.abstention()
        {
            return words.to_owned();
        }
        let other = self.drawn(key, "other way", self.other_ways);
        let other = other.then(|| language.other_way(&key.of("way"), example)).flatten();
        other.unwrap_or_else(|| example.response.clone())
    }

    fn example(&self, key: &Key, language: &dyn Language, held_out: &(dyn Fn(&str) -> bool + Sync)) -> Option<Example> {
        let mut random = key.of("cued").random();
        let cue = random.pick(&self.cues).filter(|_| random.clone().uniform() < self.cued);
        cue.and_then(|cue| language.cued_example(*cue, key, held_out)).or_else(|| language.example(key, held_out))
    }

    /// What stands between an example's prompt and its answer: retracted answers to other problems,
    /// each with the words to think again.
    fn thoughts(
        &self,
        key: &Key,
        language: &dyn Language,
        think_again: &str,
        tokens: &Tokens,
        held_out: &(dyn Fn(&str) -> bool + Sync),
    ) -> Vec<u32> {
        let mut random = key.of("rethink").random();
        if self.rethink <= 0.0 || random.uniform() >= self.rethink {
            return Vec::new();
        }
        let others =
            (0..=random.below(THOUGHTS) as u64).filter_map(|n| language.example(&key.of("thought").at(n), held_out));
        let thought = |text: &str| tokens.encode_fragment(text);
        others.flat_map(|other| [thought(&other.response), thought(think_again)].concat()).collect()
    }
}

/// An example of an episode: what the assistant says is taught, what it sees is not. It is written
/// as an episode is played.
fn played(name: String, tokens: &Tokens, turns: &[Turn]) -> Outcome<Stream> {
    let opening = turns.iter().take_while(|turn| turn.role != Role::Assistant).count();
    let mut stream = Stream::new(name, &tokens.encode_context(&turns[..opening])?, &[], 0.0);
    for turn in &turns[opening..] {
        let own = turn.role == Role::Assistant;
        let text = turn.content.as_text();
        stream.tokens.extend(if own { tokens.encode_answer(&text) } else { tokens.encode_fragment(&text) });
        stream.weights.resize(stream.tokens.len(), if own { 1.0 } else { 0.0 });
    }
    Ok(stream)
}
