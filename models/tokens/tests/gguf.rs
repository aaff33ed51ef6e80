//! Tokenizers of GGUF files against the libraries that trained them (golden/gguf_tokenizers.py).

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokens::Tokens;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gguf");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "gguf"));
    files.sort();
    assert_eq!(files.len(), 8);
    files
}

/// Lines, and their tokens.
fn golden(file: &Path) -> Vec<(String, Vec<u32>)> {
    let text = std::fs::read_to_string(file.with_extension("json")).expect("numbers");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let lines: Vec<String> = serde_json::from_value(json["lines"].clone()).expect("lines");
    let ids: Vec<Vec<u32>> = serde_json::from_value(json["ids"].clone()).expect("ids");
    lines.into_iter().zip(ids).collect()
}

#[test]
fn lines_have_the_tokens_that_their_own_library_gives_them() {
    for file in files() {
        let tokens = Tokens::from_folder(&file).expect("a tokenizer");
        for (line, ids) in golden(&file) {
            assert_eq!(tokens.encode_text(&line), ids, "{}: {line:?}", file.display());
        }
    }
}

#[test]
fn what_is_saved_is_the_same_tokenizer() {
    for file in files() {
        let tokens = Tokens::from_folder(&file).expect("a tokenizer");
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in tokens.to_files() {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
        let again = Tokens::from_folder(folder.path()).expect("a tokenizer");
        assert_eq!(
            (again.begin_id(), again.end_id(), again.pad_id()),
            (tokens.begin_id(), tokens.end_id(), tokens.pad_id())
        );
        for (line, ids) in golden(&file) {
            assert_eq!(again.encode_text(&line), ids, "{}: {line:?}", file.display());
        }
    }
}

#[test]
fn special_tokens_are_those_that_the_file_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gguf");
    let tokens = Tokens::from_folder(&folder.join("qwen2.gguf")).expect("a tokenizer");
    assert_eq!((tokens.begin_id(), tokens.end_id(), tokens.pad_id()), (Some(1), 2, Some(0)));
    assert_eq!(tokens.encode_fragment("<|im_start|>"), [1]);
    let pieces = Tokens::from_folder(&folder.join("pieces.gguf")).expect("a tokenizer");
    assert_eq!((pieces.begin_id(), pieces.end_id()), (Some(1), 2));
}

/// Written as GGUF and read again, every line has the tokens that it had.
#[test]
fn a_tokenizer_goes_out_as_it_came_in() {
    for file in files() {
        let first = gguf::Gguf::open(&file).expect("a file");
        let tokens = Tokens::from_gguf(&first).expect("a tokenizer");
        let rows = first.config()["vocab_size"].as_u64().expect("a size") as usize;
        let table = gguf::Outgoing {
            name: "model.embed_tokens.weight".into(),
            shape: vec![rows, 1],
            values: Box::new(move || vec![0.5; rows]),
        };
        let bytes = gguf::to_bytes(first.config(), &tokens.to_files(), gguf::Kind::F16, vec![table]).expect("a file");
        let again = Tokens::from_gguf(&gguf::Gguf::of_bytes(&bytes, &file).expect("a file")).expect("a tokenizer");
        assert_eq!(
            (again.begin_id(), again.end_id(), again.pad_id()),
            (tokens.begin_id(), tokens.end_id(), tokens.pad_id())
        );
        for (line, ids) in golden(&file) {
            assert_eq!(again.encode_text(&line), ids, "{}: {line:?}", file.display());
        }
    }
}
