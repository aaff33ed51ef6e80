//! Parquet files as pyarrow writes them (`golden/tables.py`), and what is no Parquet file.

use std::path::{Path, PathBuf};

use nouns::{Split, Task, Verdict};
use serde_json::{Map, Value, json};
use sources::rows::{Row, Rows};
use sources::{Columns, Options, WorldFault};

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/tables").join(file)
}

fn rows(path: &Path, columns: &str) -> Result<Vec<Row>, WorldFault> {
    Rows::open(path, &columns.parse().expect("columns"))?.collect()
}

/// A value without what is null: a table has a cell for every row, lines leave cells out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(cells) => Value::Object(
            cells.into_iter().filter(|(_, cell)| !cell.is_null()).map(|(n, c)| (n, without_nulls(c))).collect(),
        ),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

#[test]
fn a_table_says_what_its_lines_say() {
    for name in ["messages", "choices", "preferences", "instructions"] {
        let value = |row: Row| (row.number, without_nulls(serde_json::from_str(&row.text).expect("JSON")));
        let of = |suffix: &str| {
            rows(&golden(&format!("{name}.{suffix}")), "").expect("rows").into_iter().map(value).collect::<Vec<_>>()
        };
        assert_eq!(of("parquet"), of("jsonl"), "{name}");
    }
}

#[test]
fn columns_are_renamed_in_lines_and_tables_alike() {
    for suffix in ["parquet", "jsonl"] {
        let path = golden(&format!("instructions.{suffix}"));
        let first: Map<String, Value> =
            serde_json::from_str(&rows(&path, "prompt=instruction,answer=output").expect("rows")[0].text)
                .expect("JSON");
        assert_eq!((&first["prompt"], &first["answer"]), (&json!("Say 0."), &json!("0")));
        assert!(!first.contains_key("instruction"));
        let why = rows(&path, "prompt=question").expect_err("there is none").to_string();
        assert!(why.ends_with("no column `question`; the columns are instruction, input, output, tags, when"), "{why}");
        let taken = rows(&path, "input=output").expect("rows")[0].text.clone();
        assert!(taken.contains(r#""input":"0""#) && !taken.contains("output"), "the own `input` gives way: {taken}");
    }
    for wrong in ["prompt", "prompt=", "promt=a", "prompt=a,prompt=b", "prompt=a,answer=a"] {
        assert!(wrong.parse::<Columns>().is_err(), "{wrong}");
    }
}

#[test]
fn a_table_is_a_world_in_every_shape() {
    let world = |file: &str, columns: &str| {
        let options = Options { columns: columns.parse().expect("columns"), ..Options::default() };
        sources::find(&golden(file).display().to_string(), &options).expect("a world")
    };
    let tasks = |world: &dyn nouns::World| -> Vec<Task> {
        Split::ALL.iter().flat_map(|&split| world.tasks(split).expect("tasks")).collect()
    };
    let cases = [
        ("messages.parquet", "", 40, "3 + 3?", "so it is 6"),
        ("choices.parquet", "", 6, "Which is 3?", "The answer is (B)."),
        ("preferences.parquet", "", 2, "Zwei?", "2"),
        ("instructions.parquet", "prompt=instruction,answer=output", 5, "Say 4.", "4"),
    ];
    for (file, columns, number, asked, right) in cases {
        let world = world(file, columns);
        let all = tasks(world.as_ref());
        assert_eq!(all.len(), number, "{file}");
        let task = all.iter().find(|task| task.prompt_text().contains(asked)).expect("the question");
        assert_eq!(world.oracle().judge(task, right), Verdict::Right, "{file}");
    }
}

#[test]
fn only_some_columns_of_a_table_are_read() {
    let open = || Rows::open(&golden("messages.parquet"), &Columns::default()).expect("rows");
    let rows: Vec<Row> = open().only(&["id"]).expect("a column").collect::<Result<_, _>>().expect("rows");
    assert_eq!((rows.len(), rows[7].text.as_str(), rows[7].number), (40, r#"{"id":7}"#, 8));
    let why = open().only(&["prompt"]).err().expect("there is none").to_string();
    assert!(why.ends_with("no column prompt; the columns are id, messages, score"), "{why}");
}

/// Lists whose texts stand once in a dictionary of the file (`golden/tables.py`).
#[test]
fn a_row_that_says_a_long_text_many_times_is_refused_and_many_short_rows_are_not() {
    let why = rows(&golden("lists/one-long-row.parquet"), "").expect_err("refused").to_string();
    assert!(why.ends_with("may hold 3000 MiB; 1024 are allowed"), "{why}");
    let short = rows(&golden("lists/many-short-rows.parquet"), "").expect("rows");
    assert_eq!(short.len(), 3000);
    assert_eq!(short[2999], Row { number: 3000, text: r#"{"text":["b","c"]}"#.to_owned() });
}

#[test]
fn what_is_cut_off_or_changed_is_an_error() {
    let whole = std::fs::read(golden("messages.parquet")).expect("a table");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.parquet");
    let mut refused = 0;
    for place in (4..whole.len()).step_by(7) {
        for bytes in [whole[..place].to_vec(), changed(&whole, place)] {
            std::fs::write(&path, bytes).expect("written");
            refused += u32::from(rows(&path, "").is_err());
        }
    }
    assert!(refused > whole.len() as u32 / 7, "every file that is cut off, and many of those that are changed");
    std::fs::write(&path, b"PAR1PAR1").expect("written");
    assert!(rows(&path, "").expect_err("empty").to_string().ends_with("it is cut off"));
}

fn changed(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[place] ^= 0x55;
    bytes
}

/// A footer that asks for two thousand million children, and one that is nested without end.
#[test]
fn a_footer_that_would_harm_its_reader_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bomb.parquet");
    // FileMetaData: version (i32) = 1; schema: a list of structures.
    let start = |elements: u8| vec![0x15, 0x02, 0x19, 0xf0 | 0x0c, elements];
    // SchemaElement: name (field 4) = "a", num_children (field 5).
    let element = |children: &[u8]| [&[0x48, 0x01, b'a', 0x15][..], children, &[0x00]].concat();
    let many = [start(1), element(&[0xfe, 0xff, 0xff, 0xff, 0x0f]), vec![0x00]].concat();
    let deep = [start(120), element(&[0x02]).repeat(120), vec![0x00]].concat();
    let long = vec![0x15, 0x02, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07];
    for footer in [many, deep, long] {
        let bytes = [b"PAR1", &footer[..], &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat();
        std::fs::write(&path, bytes).expect("written");
        let why = rows(&path, "").expect_err("refused").to_string();
        assert!(why.ends_with("its footer cannot be read"), "{why}");
    }
}
