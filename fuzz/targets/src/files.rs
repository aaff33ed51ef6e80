//! Parsers of files that are read in place.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;

use gguf::Gguf;
use networks::{Config, DeviceKind};
use sources::rows::Rows;
use sources::{Columns, Options};
use tempfile::TempDir;
use tokens::Tokens;

thread_local! {
    /// Each thread's folder, made once: a folder for every input would be most of the work.
    static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

/// A file with these bytes, for as long as it is looked at.
fn with_file(name: &str, bytes: &[u8], look: impl FnOnce(&Path)) {
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| tempfile::tempdir().expect("a folder for temporary files"));
        let named = tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(folder.path());
        let mut file = named.expect("a temporary file");
        file.write_all(bytes).expect("room for a temporary file");
        look(file.path());
    });
}

/// A shape of a few hundred parameters, so that what a file says of larger tensors is wrong.
const TINY: &str = r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 96, "hidden_size": 8,
    "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 12, "rms_norm_eps": 1e-6,
    "max_position_embeddings": 32, "tie_word_embeddings": true}"#;

fn tiny() -> Config {
    Config::from_json(TINY).expect("a configuration of ours")
}

/// A safetensors file: header, offsets, shapes, numbers.
pub fn safetensors(bytes: &[u8]) {
    let device = networks::device(DeviceKind::Cpu).expect("a processor");
    let _decoder = networks::from_safetensors(tiny(), bytes, Path::new("model.safetensors"), &device);
}

/// A GGUF file: header, metadata, tokenizer, tensors.
pub fn gguf(bytes: &[u8]) {
    let Ok(file) = Gguf::of_bytes(bytes, Path::new("model.gguf")) else { return };
    if let Ok(tokens) = Tokens::from_gguf(&file) {
        let _text = tokens.decode(&tokens.encode_text("two and two is four"));
    }
    let device = networks::device(DeviceKind::Cpu).expect("a processor");
    let _decoder = networks::from_gguf(file, &device);
}

/// The index of a folder of shards; none of them is there.
pub fn index(bytes: &[u8]) {
    let device = networks::device(DeviceKind::Cpu).expect("a processor");
    with_file("model.safetensors.index.json", bytes, |path| {
        let Some(folder) = path.parent() else { return };
        let config = tempfile::Builder::new().prefix("config").suffix(".json").rand_bytes(0).tempfile_in(folder);
        let mut config = config.expect("a temporary file");
        config.write_all(TINY.as_bytes()).expect("room for a temporary file");
        let _decoder = networks::from_folder(folder, &device);
    });
}

/// A data file: lines, compressed lines, or a table; and as a world.
pub fn rows(bytes: &[u8]) {
    with_file("data", bytes, |path| {
        let renamed: Columns = "prompt=instruction,answer=output".parse().expect("columns");
        for columns in [Columns::default(), renamed] {
            if let Ok(rows) = Rows::open(path, &columns) {
                // A file may go on after a line that is wrong; the program does not.
                let _read = rows.take_while(Result::is_ok).count();
            }
        }
        let _world = sources::find(&path.display().to_string(), &Options::default()).is_ok();
    });
}
