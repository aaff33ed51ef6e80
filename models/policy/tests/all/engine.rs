//! What the trait `Policy` promises, held by the built-in engine on a small random model.

use std::sync::atomic::{AtomicU64, Ordering};

use faults::Code;
use networks::{Config, Decoder, DeviceKind, Precision, device};
use nouns::{Completion, Finish, Key, Policy, Progress, Request, Sampling, Silent, Tick, Turn, Vocabulary};
use policy::LocalPolicy;
use tokens::Tokens;

const WORDS: [&str; 20] =
    ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];

fn policy(slots: usize) -> LocalPolicy {
    policy_in(Precision::F32, slots)
}

fn policy_in(precision: Precision, slots: usize) -> LocalPolicy {
    let words = WORDS.iter().map(|&word| word.to_owned()).collect();
    let tokens = Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer");
    let config = format!(
        r#"{{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": {},
            "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 48, "rms_norm_eps": 1e-6,
            "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2}}"#,
        tokens.vocabulary_size()
    );
    let device = device(DeviceKind::Cpu).expect("the processor");
    let config = Config { precision, ..Config::from_json(&config).expect("a config") };
    let decoder = Decoder::random(config, &Key::root(5), &device);
    LocalPolicy::new(decoder, tokens, device, slots)
}

/// Requests of many lengths and settings, several of them with the same prompt.
fn requests(policy: &LocalPolicy) -> Vec<Request> {
    let prompts = ["a b c", "a b c", "a b c", "t", "k l m n o p q r s t a b c d e f", "c c", "c c"];
    let settings = [
        Sampling { temperature: 0.0, ..Sampling::default() },
        Sampling { temperature: 1.3, ..Sampling::default() },
        Sampling { top_k: 5, ..Sampling::default() },
        Sampling { top_p: 0.7, temperature: 0.8, ..Sampling::default() },
        Sampling { min_p: 0.2, ..Sampling::default() },
    ];
    let request = |number: usize| Request {
        context: policy.encode(&[Turn::user(prompts[number % prompts.len()])]).expect("tokens"),
        sampling: Sampling { max_tokens: 3 + (number as u32 * 7) % 23, ..settings[number % settings.len()].clone() },
        key: Key::root(9).at(number as u64),
    };
    (0..40).map(request).collect()
}

fn bits(completions: &[Completion]) -> Vec<(Vec<u32>, Vec<u32>, Finish)> {
    let bits = |completion: &Completion| completion.log_probs.iter().map(|number| number.to_bits()).collect();
    completions.iter().map(|one| (one.tokens.clone(), bits(one), one.finish)).collect()
}

#[test]
fn a_completion_does_not_depend_on_its_neighbours_the_slots_or_the_threads() {
    [Precision::F32, Precision::Bf16].into_iter().for_each(depends_on_nothing);
}

fn depends_on_nothing(precision: Precision) {
    let policy = |slots| policy_in(precision, slots);
    let wide = policy(64);
    let requests = requests(&wide);
    let together = bits(&wide.sample(&requests, &Silent).expect("completions"));
    for slots in [1, 3, 7] {
        let fewer = policy(slots).sample(&requests, &Silent).expect("completions");
        assert_eq!(bits(&fewer), together, "with {slots} slots");
    }
    let alone: Vec<_> =
        requests.iter().flat_map(|one| wide.sample(std::slice::from_ref(one), &Silent).expect("one")).collect();
    assert_eq!(bits(&alone), together, "one by one");
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    assert_eq!(bits(&one_thread.install(|| wide.sample(&requests, &Silent)).expect("completions")), together);
    let backwards: Vec<Request> = requests.iter().rev().cloned().collect();
    let mut turned = wide.sample(&backwards, &Silent).expect("completions");
    turned.reverse();
    assert_eq!(bits(&turned), together, "in the other order");
}

#[test]
fn scoring_gives_the_bits_that_sampling_recorded() {
    [Precision::F32, Precision::Bf16].into_iter().for_each(scores_what_it_samples);
}

fn scores_what_it_samples(precision: Precision) {
    let policy = policy_in(precision, 6);
    let requests = requests(&policy);
    let completions = policy.sample(&requests, &Silent).expect("completions");
    let items: Vec<(&[u32], &[u32])> =
        requests.iter().zip(&completions).map(|(asked, got)| (&asked.context[..], &got.tokens[..])).collect();
    let together = policy.score(&items, &Silent).expect("scores");
    for ((item, scored), completion) in items.iter().zip(&together).zip(&completions) {
        let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(scored), bits(&completion.log_probs));
        let alone = policy.score(std::slice::from_ref(item), &Silent).expect("a score");
        assert_eq!(bits(&alone[0]), bits(scored));
    }
}

#[test]
fn contexts_in_many_pieces_and_contexts_known_before_change_nothing() {
    let sampling = Sampling { max_tokens: 4, stop: vec!["c".into(), "h".into()], ..Sampling::default() };
    let mut random = Key::root(21).random();
    // more tokens than one step computes, many of them after the same beginning
    let asked = |number: u64| {
        let mut context = vec![4u32; 17];
        context.extend((0..24).map(|_| 4 + random.below(20) as u32));
        Request { context, sampling: sampling.clone(), key: Key::root(22).at(number) }
    };
    let requests: Vec<Request> = (0..120).map(asked).collect();
    let fresh = |request: &Request| policy(1).sample(std::slice::from_ref(request), &Silent).expect("one").remove(0);
    let alone: Vec<Completion> = requests.iter().map(fresh).collect();
    let used = policy(200);
    assert_eq!(bits(&used.sample(&requests, &Silent).expect("completions")), bits(&alone));
    assert_eq!(bits(&used.sample(&requests, &Silent).expect("again")), bits(&alone));
    // answers that ended at a stop string go on after pages that were kept
    let on = |(request, said): (&Request, &Completion)| Request {
        context: [&request.context[..], &said.tokens].concat(),
        ..request.clone()
    };
    let further: Vec<Request> = requests.iter().zip(&alone).map(on).filter(|r| r.context.len() < 48).collect();
    let alone: Vec<Completion> = further.iter().map(fresh).collect();
    assert_eq!(bits(&used.sample(&further, &Silent).expect("completions")), bits(&alone));
}

#[test]
fn log_probabilities_are_untruncated_and_of_temperature_one() {
    let policy = policy(8);
    let context = policy.encode(&[Turn::user("a b")]).expect("tokens");
    let greedy = Sampling { temperature: 0.0, max_tokens: 1, ..Sampling::default() };
    let asked = Request { context: context.clone(), sampling: greedy, key: Key::root(0) };
    let first = policy.sample(&[asked], &Silent).expect("one").remove(0);
    let every: Vec<[u32; 1]> = (0..policy.tokens().vocabulary_size() as u32).map(|token| [token]).collect();
    let items: Vec<(&[u32], &[u32])> = every.iter().map(|token| (&context[..], &token[..])).collect();
    let scores: Vec<f32> = policy.score(&items, &Silent).expect("scores").concat();
    let total: f64 = scores.iter().map(|&score| f64::from(score).exp()).sum();
    assert!((total - 1.0).abs() < 1e-5, "{total}");
    let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert_eq!(first.log_probs[0].to_bits(), best.to_bits(), "greedy takes the likeliest");
}

#[test]
fn draws_follow_the_models_own_distribution() {
    let policy = policy(256);
    let context = policy.encode(&[Turn::user("q r s")]).expect("tokens");
    let sampling = Sampling { max_tokens: 1, ..Sampling::default() };
    let asked = |number| Request { context: context.clone(), sampling: sampling.clone(), key: Key::root(3).at(number) };
    let drawn = policy.sample(&(0..8000).map(asked).collect::<Vec<_>>(), &Silent).expect("completions");
    let vocabulary = policy.tokens().vocabulary_size();
    let mut counts = vec![0.0f64; vocabulary];
    drawn.iter().for_each(|one| counts[one.tokens[0] as usize] += 1.0);
    let every: Vec<[u32; 1]> = (0..vocabulary as u32).map(|token| [token]).collect();
    let items: Vec<(&[u32], &[u32])> = every.iter().map(|token| (&context[..], &token[..])).collect();
    let expected = policy.score(&items, &Silent).expect("scores").concat();
    let chi: f64 = counts
        .iter()
        .zip(&expected)
        .map(|(count, log_prob)| {
            let mean = 8000.0 * f64::from(*log_prob).exp();
            (count - mean).powi(2) / mean
        })
        .sum();
    // 23 degrees of freedom: 49.7 is the 99.9 % point; the keys are fixed, so this either holds or does not.
    assert!(chi < 49.7, "chi-squared {chi}");
}

#[test]
fn answers_end_where_they_are_told_to() {
    let policy = policy(16);
    let requests = requests(&policy);
    for (asked, got) in requests.iter().zip(policy.sample(&requests, &Silent).expect("completions")) {
        let ended = got.tokens.last().is_some_and(|&last| policy.tokens().is_end(last));
        let length = got.tokens.len() as u32;
        assert!(length <= asked.sampling.max_tokens);
        assert_eq!(got.finish, if ended { Finish::Stop } else { Finish::Length });
        assert!(ended || length == asked.sampling.max_tokens, "neither its end nor its length was reached");
        assert_eq!((got.cost.generated_tokens, got.cost.context_tokens), (length.into(), asked.context.len() as u64));
    }
    let sampling = Sampling { max_tokens: 30, ..Sampling::default() };
    let words = |key: u64| {
        let asked = Request { sampling: sampling.clone(), key: Key::root(key), ..requests[1].clone() };
        let text = policy.decode_text(&policy.sample(std::slice::from_ref(&asked), &Silent).expect("one")[0].tokens);
        (asked, text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    };
    let (free, text) = (0..50).map(words).find(|(_, text)| text.len() > 5).expect("one of some length");
    let first_place = text.iter().position(|word| *word == text[4]).expect("it is there") + 1;
    let stopped = Request { sampling: Sampling { stop: vec![text[4].clone()], ..sampling.clone() }, ..free };
    let got = policy.sample(&[stopped], &Silent).expect("one").remove(0);
    assert_eq!((got.finish, got.tokens.len()), (Finish::Stop, first_place), "the stop string itself is kept: {text:?}");
}

#[test]
fn nothing_ends_an_answer_before_it_has_so_many_tokens() {
    let policy = policy(8);
    let end = policy.tokens().end_ids();
    let asked = |min_tokens: u32, stop: &[&str], number: u64| Request {
        context: policy.encode(&[Turn::user("k l m")]).expect("tokens"),
        sampling: Sampling {
            min_tokens,
            max_tokens: 12,
            temperature: if number.is_multiple_of(4) { 0.0 } else { 1.0 },
            top_k: if number.is_multiple_of(3) { 4 } else { 0 },
            stop: stop.iter().map(|&text| text.to_owned()).collect(),
            ..Sampling::default()
        },
        key: Key::root(9).at(number),
    };
    let lengths = |min_tokens: u32, stop: &[&str]| {
        let requests: Vec<Request> = (0..200).map(|number| asked(min_tokens, stop, number)).collect();
        let completions = policy.sample(&requests, &Silent).expect("completions");
        let items: Vec<_> = requests.iter().zip(&completions).map(|(r, c)| (&r.context[..], &c.tokens[..])).collect();
        for (completion, scored) in completions.iter().zip(policy.score(&items, &Silent).expect("scores")) {
            assert_eq!(completion.log_probs, scored, "among all tokens");
            let early = &completion.tokens[..completion.tokens.len().min(min_tokens as usize)];
            assert!(!early.iter().any(|token| end.contains(token)));
        }
        completions.iter().map(|completion| completion.tokens.len()).collect::<Vec<usize>>()
    };
    let (free, held) = (lengths(0, &[]), lengths(5, &[]));
    assert!(free.iter().any(|&length| length < 6), "some answers are short: {free:?}");
    assert!(held.iter().all(|&length| length > 5) && held.iter().any(|&length| length < 12), "{held:?}");
    assert_eq!(lengths(12, &[]), [12; 200]);
    let stops: Vec<&str> = "a b c d e f g h i j k l m n o p q r s t".split(' ').collect();
    let requests: Vec<Request> = (0..200).map(|number| asked(7, &stops, number)).collect();
    for stopped in policy.sample(&requests, &Silent).expect("completions") {
        // the first word that may end it does; a token that says nothing ends no stop string
        let (last, before) = stopped.tokens[6..].split_last().expect("seven tokens");
        assert!(before.iter().all(|&token| policy.decode_text(&[token]).is_empty()), "{stopped:?}");
        assert!(end.contains(last) || !policy.decode_text(&[*last]).is_empty() || stopped.tokens.len() == 12);
    }
    let refused = policy.sample(&[asked(13, &[], 0)], &Silent).expect_err("refused").to_string();
    assert_eq!(refused, "an answer cannot have at least 13 tokens and at most 12");
}

#[test]
fn the_context_is_never_exceeded() {
    let policy = policy(4);
    let context = policy.encode(&[Turn::user("a ".repeat(40).trim_end())]).expect("tokens");
    let room = policy.context_length() - context.len();
    let asked = Request { context, sampling: Sampling { max_tokens: 1000, ..Sampling::default() }, key: Key::root(1) };
    let got = policy.sample(&[asked], &Silent).expect("one").remove(0);
    assert!(got.tokens.len() <= room);
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_computed() {
    let policy = policy(4);
    let refused = |context: Vec<u32>| {
        let asked = Request { context, sampling: Sampling::default(), key: Key::root(1) };
        policy.sample(&[asked], &Silent).expect_err("refused")
    };
    assert_eq!(refused(Vec::new()).code(), Code::Data);
    assert_eq!(refused(vec![4; 48]).code(), Code::Data);
    assert!(refused(vec![1, 4, 999]).to_string().contains("999"));
    assert_eq!(policy.score(&[(&[], &[4])], &Silent).expect_err("refused").code(), Code::Data);
    let unknown = policy.score(&[(&[1, 4], &[999])], &Silent).expect_err("an answer's token is looked at too");
    assert!(unknown.to_string().contains("999"));
    let long = vec![4u32; 48];
    assert_eq!(policy.score(&[(&[1, 4], &long)], &Silent).expect_err("too long together").code(), Code::Data);
}

#[test]
fn a_small_cache_makes_sequences_wait_and_changes_nothing() {
    let roomy = policy(64);
    let requests = requests(&roomy);
    let together = bits(&roomy.sample(&requests, &Silent).expect("completions"));
    // Two layers of two heads of eight numbers, keys and values: 256 bytes a token, in pages of 16 tokens; 48 tokens at most. An eighth
    // is for contexts that are known.
    let tight = policy(64).with_cache_bytes(4 * 48 * 256);
    assert_eq!(bits(&tight.sample(&requests, &Silent).expect("completions")), together);
    let refused = policy(64).with_cache_bytes(100).sample(&requests, &Silent).expect_err("no room");
    assert_eq!(refused.code(), Code::Memory);
}

/// Writes down what it hears.
struct Scribe(std::sync::Mutex<Vec<Vec<u32>>>);

impl policy::Listen for Scribe {
    fn token(&self, request: usize, token: u32) {
        self.0.lock().expect("one writer")[request].push(token);
    }
}

#[test]
fn whoever_listens_hears_every_token_in_order() {
    let policy = policy(5);
    let requests = requests(&policy);
    let scribe = Scribe(std::sync::Mutex::new(vec![Vec::new(); requests.len()]));
    let completions = policy.sample_streaming(&requests, &scribe, &Silent).expect("completions");
    let heard = scribe.0.into_inner().expect("one writer");
    assert!(heard.iter().zip(&completions).all(|(heard, got)| *heard == got.tokens));
}

/// Asks to stop after some steps.
struct Impatient {
    steps: AtomicU64,
}

impl Progress for Impatient {
    fn tick(&self, _: Tick) {
        self.steps.fetch_add(1, Ordering::SeqCst);
    }

    fn stopping(&self) -> bool {
        self.steps.load(Ordering::SeqCst) >= 3
    }
}

#[test]
fn sampling_stops_when_it_is_asked_to() {
    let policy = policy(2);
    let progress = Impatient { steps: AtomicU64::new(0) };
    let stopped = policy.sample(&requests(&policy), &progress).expect_err("stopped");
    assert_eq!((stopped.code(), progress.steps.load(Ordering::SeqCst)), (Code::Interrupted, 3));
}

#[test]
fn an_answer_is_one_of_the_texts_that_it_may_be() {
    let policy = policy(8);
    let among: Vec<String> = ["a", "a b", "c d e", "t"].map(str::to_owned).into();
    let request = |number: u64| Request {
        context: policy.encode(&[Turn::user("k l m")]).expect("tokens"),
        sampling: Sampling { among: among.clone(), ..Sampling::default() },
        key: Key::root(9).at(number),
    };
    let requests: Vec<Request> = (0..200).map(request).collect();
    let completions = policy.sample(&requests, &Silent).expect("completions");
    let said: std::collections::BTreeSet<String> =
        completions.iter().map(|one| policy.decode_text(&one.tokens)).collect();
    assert_eq!(said, among.iter().cloned().collect(), "each of them, and nothing else");
    let items: Vec<_> = requests.iter().zip(&completions).map(|(r, c)| (&r.context[..], &c.tokens[..])).collect();
    for (completion, scored) in completions.iter().zip(policy.score(&items, &Silent).expect("scores")) {
        assert_eq!(completion.finish, Finish::Stop);
        assert_eq!(completion.log_probs, scored, "among all tokens");
    }
    let refused = |among: &str, max_tokens| {
        let sampling = Sampling { among: vec![among.into()], max_tokens, ..Sampling::default() };
        policy.sample(&[Request { sampling, ..request(0) }], &Silent).expect_err("refused").to_string()
    };
    assert_eq!(refused("a b c", 2), "an answer of at most 2 tokens cannot be `a b c`, which has 3");
    assert!(refused("", 2).contains("cannot be ``") && refused("zebra", 9).contains("zebra"));
}

/// A damaged checkpoint is no unlikely text.
#[test]
fn numbers_that_are_none_are_refused_by_sampling_and_scoring_alike() {
    let sound = policy(2);
    let mut decoder = sound.decoder().clone();
    decoder.norm.gain = decoder.norm.gain * f32::NAN;
    let broken = LocalPolicy::new(decoder, sound.tokens().clone(), device(DeviceKind::Cpu).expect("the processor"), 2);
    let fault = broken.score(&[(&[1, 5], &[6, 7])], &Silent).expect_err("refused");
    assert_eq!(fault.code(), Code::Diverged, "{fault}");
    assert_eq!(broken.sample(&requests(&broken), &Silent).expect_err("refused").code(), Code::Diverged);
}

/// A stop string may begin in the context; it ends the answer with the token that completes it.
#[test]
fn a_stop_string_is_seen_across_tokens_and_from_the_context_on() {
    let policy = policy(4);
    let context = policy.encode(&[Turn::user("a b")]).expect("tokens");
    let ask = |stop: &str| {
        let sampling = Sampling { temperature: 0.0, max_tokens: 6, stop: vec![stop.to_owned()], ..Sampling::default() };
        let request = Request { context: context.clone(), sampling, key: Key::root(1) };
        let done = policy.sample(&[request], &Silent).expect("a completion").remove(0);
        (done.tokens.len(), done.finish)
    };
    let (whole, _) = ask("none of the words");
    assert!(whole > 2, "the model goes on for some words");
    let sampling = Sampling { temperature: 0.0, max_tokens: 6, ..Sampling::default() };
    let request = Request { context: context.clone(), sampling, key: Key::root(1) };
    let tokens = policy.sample(&[request], &Silent).expect("a completion").remove(0).tokens;
    let word = |place: usize| policy.tokens().decode(&tokens[place..=place]);
    assert_eq!(ask(&format!("b {}", word(0))), (1, Finish::Stop));
    assert_eq!(ask(&format!("{} {}", word(0), word(1))).1, Finish::Stop);
}
