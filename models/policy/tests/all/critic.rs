//! What a model says along an answer is what it says of the answer's parts.

use networks::{Config, Decoder, DeviceKind, ScoreHead, device};
use nouns::{Key, Silent, ValueModel};
use policy::LocalCritic;

/// A random model, with a score head or without.
fn critic(head: Option<ScoreHead>) -> LocalCritic {
    let config = r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": 24,
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 48, "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2}"#;
    let config = Config { scores: head, ..Config::from_json(config).expect("a config") };
    let device = device(DeviceKind::Cpu).expect("the processor");
    let decoder = Decoder::random(config, &Key::root(5), &device);
    let digest = networks::digest(&decoder);
    LocalCritic::new(decoder, digest, head.is_some())
}

const ANSWERS: [(&[u32], &[u32]); 3] =
    [(&[1, 5, 6], &[7, 8, 9, 10, 2]), (&[1], &[3, 4]), (&[1, 11, 12, 13, 14], &[20, 21, 22, 2])];

#[test]
fn one_pass_says_what_reading_every_part_says_to_the_bit() {
    let lengths = [vec![1, 3, 5], vec![2], vec![2, 4]];
    for critic in [critic(None), critic(None).per_token(), critic(Some(ScoreHead::REWARD))] {
        let along = critic.values_along(&ANSWERS, &lengths, &Silent).expect("values");
        for (((context, answer), lengths), along) in ANSWERS.iter().zip(&lengths).zip(&along) {
            let parts: Vec<(&[u32], &[u32])> = lengths.iter().map(|&length| (*context, &answer[..length])).collect();
            assert_eq!(&critic.values(&parts, &Silent).expect("values"), along);
        }
    }
}

#[test]
fn a_mean_over_tokens_is_the_whole_over_their_number() {
    let (whole, mean) = (critic(None), critic(None).per_token());
    let values = |critic: &LocalCritic| critic.values(&ANSWERS, &Silent).expect("values");
    for ((whole, mean), (_, answer)) in values(&whole).into_iter().zip(values(&mean)).zip(ANSWERS) {
        assert_eq!(whole / answer.len() as f64, mean);
    }
    assert_ne!(whole.digest(), mean.digest(), "they say different things");
}
