//! A model that sees: pictures after equal words never share keys and values, and what is sampled
//! is what is scored.

use std::sync::Mutex;

use networks::{
    Config, Decoder, DeviceKind, NumberFormat, Packed, Precision, device, from_safetensors, to_safetensors,
};
use nouns::{
    Completion, Content, Image, Key, Part, Policy, Progress, Request, Role, Sampling, Silent, Tick, Turn, Vocabulary,
};
use pictures::{Pixels, encode_png, read};
use policy::LocalPolicy;
use tokens::Tokens;

/// Pixels along a patch.
const SIDE: usize = 4;

fn tokens() -> Tokens {
    let words = "abcdefghijklmnopqrst".chars().map(|letter| letter.to_string()).collect();
    Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer")
}

fn decoder(patch_size: Option<usize>, precision: Precision) -> Decoder {
    let config = format!(
        r#"{{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": {},
            "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 128, "rms_norm_eps": 1e-6,
            "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2}}"#,
        tokens().vocabulary_size()
    );
    let config = Config { precision, patch_size, ..Config::from_json(&config).expect("a config") };
    Decoder::random(config, &Key::root(5), &device(DeviceKind::Cpu).expect("the processor"))
}

fn policy(decoder: Decoder) -> LocalPolicy {
    LocalPolicy::new(decoder, tokens(), device(DeviceKind::Cpu).expect("the processor"), 8)
}

fn seeing() -> LocalPolicy {
    policy(decoder(Some(SIDE), Precision::F32))
}

/// A picture of 24×20 pixels: 6×5 patches, nearly two pages of keys and values.
fn picture(shade: u8) -> Image {
    let rgb = (0..24 * 20 * 3).map(|at: usize| (at % 251) as u8 ^ shade).collect();
    read(encode_png(&Pixels { width: 24, height: 20, rgb }).expect("png"), "made").expect("a picture")
}

/// The same words around a picture.
fn shown(image: &Image) -> Turn {
    let text = |text: &str| Part::Text(text.to_owned());
    Turn { role: Role::User, content: Content(vec![text("a b c d"), Part::Image(image.clone()), text("e f g h")]) }
}

fn request(policy: &LocalPolicy, image: &Image) -> Request {
    let sampling = Sampling { temperature: 1.0, max_tokens: 12, ..Sampling::default() };
    Request { context: policy.encode(&[shown(image)]).expect("tokens"), sampling, key: Key::root(3) }
}

/// Counts the rows that the model computed.
#[derive(Default)]
struct Rows(Mutex<u64>);

impl Progress for Rows {
    fn tick(&self, tick: Tick) {
        *self.0.lock().expect("no panic") = tick.tokens;
    }
}

fn sampled(policy: &LocalPolicy, requests: &[Request]) -> (Vec<Completion>, u64) {
    let rows = Rows::default();
    let done = policy.sample(requests, &rows).expect("completions");
    (done, rows.0.into_inner().expect("no panic"))
}

fn bits(completion: &Completion) -> (Vec<u32>, Vec<u32>) {
    (completion.tokens.clone(), completion.log_probs.iter().map(|number| number.to_bits()).collect())
}

#[test]
fn two_pictures_behind_equal_words_never_share_keys_and_values() {
    let [one, other] = [0, 1].map(picture);
    let alone = [&one, &other].map(|image| {
        let fresh = seeing();
        let (done, rows) = sampled(&fresh, &[request(&fresh, image)]);
        (bits(&done[0]), rows)
    });
    assert_ne!(alone[0].0, alone[1].0, "the model sees a difference");

    // One after the other over one cache: the second finds nothing of the first, and finds itself when it comes again.
    let shared = seeing();
    let turns = [&one, &other, &one, &other].map(|image| {
        let (done, rows) = sampled(&shared, &[request(&shared, image)]);
        (bits(&done[0]), rows)
    });
    assert_eq!((&turns[0], &turns[1]), (&alone[0], &alone[1]), "what is computed, and how much of it");
    assert_eq!((&turns[2].0, &turns[3].0), (&alone[0].0, &alone[1].0), "found again, it has the same bits");
    let pages = 2 * 16;
    assert_eq!((turns[2].1, turns[3].1), (alone[0].1 - pages, alone[1].1 - pages), "two whole pages were found");

    // Side by side in one call, where equal contexts lead and follow.
    let requests = [&one, &one, &other, &one].map(|image| request(&shared, image));
    let (done, _) = sampled(&seeing(), &requests);
    let wanted = [&alone[0].0, &alone[0].0, &alone[1].0, &alone[0].0];
    assert!(done.iter().map(bits).eq(wanted.into_iter().cloned()));
}

#[test]
fn what_is_sampled_behind_a_picture_is_scored_to_the_same_bits() {
    for precision in [Precision::F32, Precision::Bf16] {
        let policy = policy(decoder(Some(SIDE), precision));
        let requests = [0, 7, 9].map(|shade| request(&policy, &picture(shade)));
        let (done, _) = sampled(&policy, &requests);
        let items: Vec<(&[u32], &[u32])> =
            requests.iter().zip(&done).map(|(asked, done)| (&asked.context[..], &done.tokens[..])).collect();
        let scores = policy.score(&items, &Silent).expect("scores");
        for (done, scores) in done.iter().zip(&scores) {
            assert_eq!(&done.log_probs, scores, "{precision:?}");
        }
    }
}

#[test]
fn a_picture_moves_no_word_before_it_and_words_alone_are_as_without_sight() {
    let (seeing, blind) = (decoder(Some(SIDE), Precision::F32), decoder(None, Precision::F32));
    let words: Vec<u32> = (4..20).collect();
    let log_probs =
        |decoder: &Decoder, ids: &[u32]| networks::values(&Packed::of([ids.to_vec()].into_iter()).log_probs(decoder));
    assert_eq!(log_probs(&seeing, &words), log_probs(&blind, &words));
    let policy = policy(seeing.clone());
    let context = policy.encode(&[shown(&picture(0))]).expect("tokens");
    let before = context.iter().take_while(|&&id| id < nouns::FIRST_IMAGE_ROW).count();
    let (with, without) = (log_probs(&seeing, &context), log_probs(&blind, &context[..before]));
    assert_eq!(with[..before - 1], without[..before - 1]);
}

#[test]
fn a_model_that_sees_is_saved_and_loaded_and_a_blind_one_refuses_by_name() {
    let decoder = decoder(Some(SIDE), Precision::F32);
    let bytes = to_safetensors(&decoder, NumberFormat::F32).expect("bytes");
    let config = Config { patch_size: None, ..decoder.config.clone() };
    let device = device(DeviceKind::Cpu).expect("the processor");
    let back = from_safetensors(config, &bytes, std::path::Path::new("saved"), &device).expect("loaded");
    assert_eq!((networks::digest(&back), back.config.patch_size), (networks::digest(&decoder), Some(SIDE)));
    let blind = policy(self::decoder(None, Precision::F32));
    let error = blind.encode(&[shown(&picture(0))]).expect_err("it cannot see").to_string();
    assert!(error.contains("[image 24×20, made]") && error.contains("cannot see"), "{error}");
    let context = seeing().encode(&[shown(&picture(0))]).expect("tokens");
    let asked = Request { context, sampling: Sampling::default(), key: Key::root(1) };
    assert!(blind.sample(&[asked], &Silent).is_err(), "ids of patches are no words of its vocabulary");
}
