//! Data files with pictures: where they are found, and that a task is what it shows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use nouns::{Content, Part, Role, Split, Task};
use pictures::{Pixels, data_uri, encode_png, read};
use serde_json::json;
use sources::{Options, find, hold_out};
use tempfile::TempDir;

fn png(shade: u8) -> Vec<u8> {
    encode_png(&Pixels { width: 2, height: 2, rgb: vec![shade; 12] }).expect("a picture")
}

/// A folder with pictures `1.png`, `2.png` and `3.png`, and these lines as a data file.
fn folder(lines: &[serde_json::Value]) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("photos")).expect("made");
    for shade in 1..=3 {
        fs::write(folder.path().join(format!("photos/{shade}.png")), png(shade)).expect("written");
    }
    let path = folder.path().join("data.jsonl");
    let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
    fs::write(&path, text.join("\n")).expect("written");
    let path = path.display().to_string();
    (folder, path)
}

fn tasks(path: &str) -> Result<Vec<Task>, String> {
    let world = find(path, &Options::default()).map_err(|error| error.to_string())?;
    Ok(Split::ALL.iter().flat_map(|split| world.tasks(*split).expect("tasks")).collect())
}

fn only(line: serde_json::Value) -> Task {
    let (_folder, path) = folder(&[line]);
    let mut tasks = tasks(&path).expect("tasks");
    assert_eq!(tasks.len(), 1);
    tasks.remove(0)
}

/// What a prompt of one turn consists of: texts, and pictures as the shade they have.
fn outline(task: &Task) -> Vec<String> {
    let of = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        other => {
            other.images().iter().map(|image| format!("<{}>", Pixels::of(image).expect("pixels").rgb[0])).collect()
        }
    };
    task.prompt.iter().flat_map(|turn| &turn.content.0).map(of).collect()
}

#[test]
fn pictures_are_found_in_columns_and_in_messages() {
    let uri = data_uri(&read(png(3), "made").expect("a picture"));
    let columns = [
        (json!({"question": "What?", "image": "photos/1.png"}), vec!["<1>", "What?"]),
        (json!({"question": "What?", "image": uri}), vec!["<3>", "What?"]),
        (json!({"question": "What?", "image": {"bytes": null, "path": "photos/2.png"}}), vec!["<2>", "What?"]),
        (json!({"question": "What?", "image": null}), vec!["What?"]),
        (
            json!({"question": "A <image>, B <image>?", "images": ["photos/1.png", "photos/2.png"]}),
            vec!["A ", "<1>", ", B ", "<2>", "?"],
        ),
        (json!({"images": ["photos/2.png"], "answer": "two"}), vec!["<2>"]),
        (json!({"question": "What moves?", "video": ["photos/1.png", "photos/2.png"]}), vec!["<1><2>", "What moves?"]),
        (
            json!({"question": "<video> <video>", "videos": [["photos/1.png"], ["photos/2.png", "photos/3.png"]]}),
            vec!["<1>", " ", "<2><3>"],
        ),
    ];
    for (line, wanted) in columns {
        assert_eq!(outline(&only(line.clone())), wanted, "{line}");
    }
    let message = |content: serde_json::Value| json!([{"role": "user", "content": content}, {"role": "assistant", "content": "two"}]);
    let text = json!({"type": "text", "text": "What?"});
    let own = json!({"type": "image_url", "image_url": {"url": "photos/2.png", "detail": "low"}});
    let messages = [
        (json!({"messages": message(json!([own, text]))}), vec!["<2>", "What?"]),
        (
            json!({"messages": message(json!([text, {"type": "image"}])), "images": ["photos/3.png"]}),
            vec!["What?", "<3>"],
        ),
        (json!({"messages": message(json!("What?")), "images": ["photos/3.png"]}), vec!["<3>", "What?"]),
        (json!({"messages": message(json!("Here: <image>")), "image": "photos/1.png"}), vec!["Here: ", "<1>"]),
    ];
    for (line, wanted) in messages {
        assert_eq!(outline(&only(line.clone())), wanted, "{line}");
    }
}

#[test]
fn a_picture_that_cannot_be_read_is_an_error_with_its_line_column_and_path() {
    let error =
        |line: serde_json::Value| tasks(&folder(&[json!({"question": "a"}), line]).1).expect_err("it is refused");
    let cases = [
        (json!({"question": "a", "image": "photos/9.png"}), vec![":2:", "photos/9.png", "cannot be read"]),
        (
            json!({"question": "a", "image": "data.jsonl"}),
            vec![":2:", "data.jsonl, column `image`", "neither a PNG nor a JPEG"],
        ),
        (json!({"question": "a", "image": "https://example.org/a.png"}), vec!["column `image`", "nothing is fetched"]),
        (json!({"question": "<image> a", "images": ["photos/1.png", "photos/2.png"]}), vec!["stands 1 times", "has 2"]),
        (json!({"question": "a", "image": 7}), vec!["column `image` holds 7"]),
        (json!({"question": "a", "video": "clip.mp4"}), vec!["column `video`", "a video is a list of pictures"]),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}),
            vec!["of the type `input_audio`"],
        ),
        (json!({"messages": [{"role": "user", "content": [{"type": "image"}]}]}), vec!["a part `image` more"]),
    ];
    for (line, parts) in cases {
        let error = error(line);
        parts.iter().for_each(|part| assert!(error.contains(part), "{error} has no {part}"));
    }
}

#[test]
fn tasks_that_differ_in_the_picture_alone_are_two_and_equal_pictures_are_one() {
    let asked = |picture: &str| json!({"question": "What is shown?", "image": picture, "answer": picture});
    let same = data_uri(&read(png(1), "made").expect("a picture"));
    let (_folder, path) = folder(&[asked("photos/1.png"), asked("photos/2.png"), asked("photos/3.png"), asked(&same)]);
    let tasks = tasks(&path).expect("tasks");
    let ids: BTreeSet<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!((tasks.len(), ids.len()), (3, 3), "{ids:?}");
    let world = find(&path, &Options::default()).expect("a world");
    let judged = |task: &Task| world.oracle().judge(task, "photos/2.png").is_right();
    assert_eq!(tasks.iter().filter(|task| judged(task) == Some(true)).count(), 1, "each has its own answer");
    // a task without a picture is what it always was
    assert_eq!(only(json!({"question": "What  is\nshown?"})).id, "What is shown?");
}

#[test]
fn a_picture_that_is_held_out_holds_out_its_task_alone() {
    let asked = |picture: u8| json!({"question": "What is shown?", "image": format!("photos/{picture}.png")});
    let (home, path) = folder(&[asked(1), asked(2), asked(3)]);
    let world = find(&path, &Options::default()).expect("a world");
    let file = home.path().join("held.jsonl");
    fs::write(&file, asked(2).to_string()).expect("written");
    let held = hold_out::read(&file, world.as_ref()).expect("a hold-out");
    let tasks = tasks(&path).expect("tasks");
    let covered: Vec<&Task> = tasks.iter().filter(|task| held.covers(task)).collect();
    assert_eq!(covered.len(), 1);
    assert_eq!(outline(covered[0]), ["<2>", "What is shown?"]);
}

#[test]
fn a_hint_keeps_the_picture() {
    let (_folder, path) = folder(&[json!({"question": "How many?", "image": "photos/1.png", "answer": "3"})]);
    let world = find(&path, &Options::default()).expect("a world");
    let task = tasks(&path).expect("tasks").remove(0);
    let hinted = world.oracle().hinted(&task).expect("a hint");
    let Content(parts) = &hinted[0].content;
    assert_eq!((hinted[0].role, parts.len()), (Role::User, 3));
    assert_eq!(parts[0].images(), task.prompt[0].content.0[0].images());
    assert_eq!(hinted[0].content.as_text(), "How many?\n(The answer is 3.)");
}

#[test]
fn a_table_of_the_datasets_library_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures.parquet");
    let tasks = tasks(&path.display().to_string()).expect("tasks");
    let outlines: BTreeSet<Vec<String>> = tasks.iter().map(outline).collect();
    let wanted = [["<10>", "Which shade?"], ["<20>", "Which shade?"]].map(|parts| parts.map(str::to_owned).to_vec());
    assert_eq!(outlines, BTreeSet::from(wanted));
}
