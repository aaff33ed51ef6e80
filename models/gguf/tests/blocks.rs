//! Quantised blocks against the `gguf` package (golden/gguf_blocks.py): every number to the bit.

use std::path::Path;

use gguf::{Gguf, Kind};
use serde_json::Value;

fn hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn golden() -> Value {
    serde_json::from_str(include_str!("blocks.json")).expect("a committed file")
}

/// A file of the smallest model whose head is these bytes.
fn file(kind: Kind, width: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    let text = |file: &mut Vec<u8>, text: &str| {
        file.extend((text.len() as u64).to_le_bytes());
        file.extend(text.as_bytes());
    };
    file.extend(3u32.to_le_bytes());
    file.extend(2u64.to_le_bytes());
    let sizes = ["context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count"];
    file.extend((sizes.len() as u64 + 2).to_le_bytes());
    text(&mut file, "general.architecture");
    file.extend(8u32.to_le_bytes());
    text(&mut file, "qwen2");
    text(&mut file, "qwen2.attention.layer_norm_rms_epsilon");
    file.extend(6u32.to_le_bytes());
    file.extend(1e-6f32.to_le_bytes());
    for size in sizes {
        text(&mut file, &format!("qwen2.{size}"));
        file.extend(4u32.to_le_bytes());
        file.extend(1u32.to_le_bytes());
    }
    for (name, kind, width, start) in [("output.weight", kind.number(), width, 0u64), ("token_embd.weight", 0, 1, 0)] {
        text(&mut file, name);
        file.extend(2u32.to_le_bytes());
        file.extend((width as u64).to_le_bytes());
        file.extend(1u64.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(start.to_le_bytes());
    }
    file.resize(file.len().next_multiple_of(32), 0);
    file.extend(bytes);
    file
}

#[test]
fn numbers_are_those_of_the_reference_to_the_bit() {
    let golden = golden();
    for kind in Kind::ALL {
        let one = &golden["read"][kind.word()];
        let bytes = hex(one["bytes"].as_str().expect("bytes"));
        let wanted: Vec<u32> = hex(one["bits"].as_str().expect("bits"))
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| u32::from_le_bytes(*b))
            .collect();
        let file = file(kind, wanted.len(), &bytes);
        let mut gguf = Gguf::of_bytes(&file, Path::new("golden.gguf")).expect("a file");
        let mut found = Vec::new();
        gguf.rows("lm_head.weight", (0, 1), &mut |_, run| found.extend(run.iter().map(|x| x.to_bits())))
            .expect("a row");
        assert_eq!(found, wanted, "{}", kind.word());
    }
}
