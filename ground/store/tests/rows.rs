//! Rows come back as they went, and equal rows give equal bytes.

mod common;

use std::fs;

use common::folder;
use nouns::{
    At, Candidate, Component, Content, Cost, Digest, Episode, EpisodeTurn, Finish, Image, Judgement, Node, Part, Role,
    Sampling, Task, Teaching, Trace, Turn, Unsettled, Verdict,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use store::{
    Checked, candidates_to_parquet, read_candidates, read_tasks, read_traces, read_verdicts, tasks_to_parquet,
    traces_to_parquet, verdicts_to_parquet,
};

fn parts() -> impl Strategy<Value = Part> {
    prop_oneof![
        any::<String>().prop_map(Part::Text),
        vec(any::<u32>(), 0..4).prop_map(Part::Tokens),
        images().prop_map(Part::Image),
        vec(images(), 0..3).prop_map(Part::Frames),
        images().prop_map(Part::Mask),
        vec(any::<String>(), 0..3).prop_map(Part::Labels),
        vec(any::<String>(), 0..3).prop_map(Part::Actions),
        vec(-1e300f64..1e300, 0..3).prop_map(Part::Numbers),
    ]
}

fn images() -> impl Strategy<Value = Image> {
    vec(any::<u8>(), 3).prop_map(|rgb| {
        let bytes = pictures::encode_png(&pictures::Pixels { width: 1, height: 1, rgb }).expect("a picture");
        pictures::read(bytes, "column `image`").expect("a picture")
    })
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let role = prop::sample::select(vec![Role::System, Role::User, Role::Assistant, Role::Tool]);
    let turn = (role, vec(parts(), 0..3)).prop_map(|(role, parts)| Turn { role, content: Content(parts) });
    vec(turn, 0..3)
}

fn tasks() -> impl Strategy<Value = Task> {
    (any::<String>(), any::<String>(), turns()).prop_map(|(world, id, prompt)| Task { world, id, prompt })
}

fn samplings() -> impl Strategy<Value = Sampling> {
    let stop = vec(any::<String>(), 0..3);
    let among = prop_oneof![Just(Vec::new()), vec(any::<String>(), 1..3)];
    let least = prop_oneof![Just(0), any::<u32>()];
    (0f32..2.0, any::<u32>(), 0f32..1.0, 0f32..1.0, any::<u32>(), stop, least, among).prop_map(
        |(temperature, top_k, top_p, min_p, max_tokens, stop, min_tokens, among)| Sampling {
            temperature,
            top_k,
            top_p,
            min_p,
            max_tokens,
            min_tokens,
            stop,
            among,
        },
    )
}

fn costs() -> impl Strategy<Value = Cost> {
    any::<[u64; 5]>().prop_map(|[generated_tokens, context_tokens, trained_tokens, value_calls, environment_steps]| {
        Cost { generated_tokens, context_tokens, trained_tokens, value_calls, environment_steps }
    })
}

fn episodes() -> impl Strategy<Value = Episode> {
    let action = vec(parts(), 0..2).prop_map(Content);
    let turn = (0u32..9, 0u32..9, action, turns(), option::of(-1e9..1e9f64));
    let turn = turn.prop_map(|(drawn, observed, action, observation, reward)| EpisodeTurn {
        drawn,
        observed,
        action,
        observation,
        reward,
    });
    let unsettled = option::of(any::<String>().prop_map(Unsettled::OutOfBounds));
    (vec(turn, 0..3), unsettled).prop_map(|(turns, unsettled)| Episode { turns, unsettled })
}

fn traces() -> impl Strategy<Value = Trace> {
    let answers = prop_oneof![any::<String>().prop_map(Content::text), vec(parts(), 0..3).prop_map(Content)];
    let names = (any::<String>(), any::<String>(), any::<String>(), option::of(any::<String>()), answers);
    let numbers = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>());
    let drawn = vec((any::<u32>(), -1e30f32..0.0), 0..6);
    (names, numbers, turns(), turns(), drawn, samplings(), costs(), option::of(episodes())).prop_map(
        |(names, numbers, generated_under, trained_under, drawn, sampling, cost, episode)| {
            let (id, task, model_name, parent, answer) = names;
            let (round, sample, turn, stopped) = numbers;
            let (tokens, log_probs) = drawn.into_iter().unzip();
            let (model, finish) = (Digest::of(id.as_bytes()), if stopped { Finish::Stop } else { Finish::Length });
            Trace {
                id,
                task,
                round,
                sample,
                model_name,
                turn,
                parent,
                generated_under,
                trained_under,
                answer,
                tokens,
                log_probs,
                sampling,
                model,
                finish,
                cost,
                episode,
            }
        },
    )
}

fn nodes() -> impl Strategy<Value = Node> {
    let text = (any::<String>(), any::<String>(), any::<String>());
    let places = (any::<u32>(), any::<u32>(), any::<Option<u32>>(), any::<u32>());
    let worth = (proptest::option::of(-1e9..1e9f64), -1e9..1e9f64, any::<bool>(), any::<bool>());
    let finish = prop_oneof![Just(None), Just(Some(Finish::Stop)), Just(Some(Finish::Length))];
    let drawn = (vec(any::<u32>(), 0..4), vec(-50.0..0.0f32, 0..4));
    (text, places, worth, finish, drawn).prop_map(|(text, places, worth, finish, drawn)| Node {
        tree: text.0,
        task: text.1,
        round: places.0,
        number: places.1,
        parent: places.2,
        text: text.2,
        tokens: drawn.0,
        log_probs: drawn.1,
        value: worth.0,
        mean: worth.1,
        visits: places.3,
        finish,
        rollout: worth.2,
        route: worth.3,
    })
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Right),
        any::<String>().prop_map(Verdict::Wrong),
        any::<f64>().prop_filter("equal to itself", |grade| !grade.is_nan()).prop_map(Verdict::Graded),
        any::<String>().prop_map(|why| Verdict::Unsettled(Unsettled::CheckerFailed(why))),
        any::<String>().prop_map(|why| Verdict::Unsettled(Unsettled::OutOfBounds(why))),
        Just(Verdict::Unsettled(Unsettled::NoMajority)),
        Just(Verdict::Unsettled(Unsettled::NoReference)),
    ]
}

fn candidates() -> impl Strategy<Value = Candidate> {
    (traces(), verdicts(), -1e30f32..1e30, teachings()).prop_map(|(trace, verdict, weight, teaching)| Candidate {
        weight,
        teaching,
        ..Candidate::new(trace, verdict)
    })
}

fn teachings() -> impl Strategy<Value = Teaching> {
    prop_oneof![
        Just(Teaching::Example),
        any::<u32>().prop_map(|pair| Teaching::Chosen { pair }),
        any::<u32>().prop_map(|pair| Teaching::Rejected { pair }),
        Just(Teaching::Desirable),
        Just(Teaching::Viewed),
        Just(Teaching::Undesirable),
        (-1e30f64..1e30, any::<u32>(), prop_oneof![Just(1.0f32), 0.0f32..4.0])
            .prop_map(|(advantage, group, kl_weight)| Teaching::Reinforced { advantage, group, kl_weight }),
        (-1e30f64..1e30, prop_oneof![Just(At::End), Just(At::Steps), Just(At::Every)])
            .prop_map(|(value, at)| Teaching::Valued { value, at }),
    ]
}

/// Writes with one function and reads with the other.
fn round_trip<T>(
    rows: &[T],
    write: fn(&[T]) -> store::Result<Vec<u8>>,
    read: fn(&std::path::Path) -> store::Result<Vec<T>>,
) -> Vec<T> {
    with_pictures(rows, &[], write, read)
}

/// The same of rows that show these pictures, which are kept beside.
fn with_pictures<T>(
    rows: &[T],
    images: &[Image],
    write: fn(&[T]) -> store::Result<Vec<u8>>,
    read: fn(&std::path::Path) -> store::Result<Vec<T>>,
) -> Vec<T> {
    let home = folder();
    let path = home.path().join("rows");
    fs::create_dir(home.path().join("media")).expect("it can be made");
    for image in images {
        fs::write(home.path().join("media").join(image.file_name()), image.bytes()).expect("it can be written");
    }
    let bytes = write(rows).expect("it can be written");
    assert_eq!(bytes, write(rows).expect("it can be written again"), "equal rows give equal bytes");
    fs::write(&path, bytes).expect("it can be written");
    read(&path).expect("it can be read")
}

/// Every picture has its bytes: equality is that of what they show.
fn are_whole<'a>(images: impl Iterator<Item = &'a Image>) -> bool {
    images.into_iter().all(|image| pictures::Pixels::of(image).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tasks_come_back(rows in vec(tasks(), 0..8)) {
        let images: Vec<Image> = rows.iter().flat_map(Task::images).cloned().collect();
        let back = with_pictures(&rows, &images, tasks_to_parquet, read_tasks);
        prop_assert!(are_whole(back.iter().flat_map(Task::images)));
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn traces_come_back(rows in vec(traces(), 0..8)) {
        let images: Vec<Image> = rows.iter().flat_map(Trace::images).cloned().collect();
        let back = with_pictures(&rows, &images, traces_to_parquet, read_traces);
        prop_assert!(are_whole(back.iter().flat_map(Trace::images)));
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn verdicts_come_back(rows in vec((any::<String>(), verdicts(), vec((any::<String>(), -2.0..2.0, verdicts()), 0..3)), 0..8)) {
        let component = |(name, weight, verdict)| Component { name, weight, verdict };
        let row = |(trace, verdict, components): (String, _, Vec<_>)| {
            let components = components.into_iter().map(component).collect();
            Checked { trace, judgement: Judgement { verdict, components } }
        };
        let rows: Vec<Checked> = rows.into_iter().map(row).collect();
        prop_assert_eq!(round_trip(&rows, verdicts_to_parquet, read_verdicts), rows);
    }

    #[test]
    fn trees_come_back(rows in vec(nodes(), 0..8)) {
        // A root says that it is its own parent.
        let rows = rows.into_iter().map(|node| Node { parent: node.parent.filter(|&p| p != node.number), ..node });
        let rows: Vec<Node> = rows.collect();
        prop_assert_eq!(round_trip(&rows, store::nodes_to_parquet, store::read_nodes), rows);
    }

    #[test]
    fn candidates_come_back(rows in vec(candidates(), 0..8)) {
        let images: Vec<Image> = rows.iter().flat_map(|row| row.trace.images()).cloned().collect();
        prop_assert_eq!(with_pictures(&rows, &images, candidates_to_parquet, read_candidates), rows);
    }
}

#[test]
fn many_rows_and_long_lists_come_back() {
    let tokens: Vec<u32> = (0..700).collect();
    let mut trace = sample_trace();
    let rows: Vec<Trace> = (0..5000)
        .map(|sample| {
            trace.sample = sample;
            trace.tokens = tokens[..sample as usize % 700].to_vec();
            trace.log_probs = vec![f32::NEG_INFINITY; trace.tokens.len()];
            trace.clone()
        })
        .collect();
    assert_eq!(round_trip(&rows, traces_to_parquet, read_traces), rows);
}

fn sample_trace() -> Trace {
    Trace {
        id: "1/4 7 8 8/0".into(),
        task: "4 7 8 8".into(),
        round: 1,
        sample: 0,
        model_name: "policy".into(),
        turn: 0,
        parent: None,
        generated_under: vec![Turn::user("4 7 8 8")],
        trained_under: vec![Turn::user("4 7 8 8")],
        answer: "8 - 4 = 4".into(),
        tokens: vec![5, 6, 7],
        log_probs: vec![-0.5, f32::NEG_INFINITY, -0.25],
        sampling: Sampling::default(),
        model: Digest::of(b"model"),
        finish: Finish::Stop,
        cost: Cost { generated_tokens: 3, ..Cost::default() },
        episode: None,
    }
}

#[test]
fn a_file_of_other_rows_is_refused_in_words() {
    let home = folder();
    let path = home.path().join("rows");
    fs::write(&path, tasks_to_parquet(&[]).expect("it can be written")).expect("it can be written");
    let error = read_traces(&path).expect_err("these are tasks");
    assert_eq!(error.to_string(), format!("`{}` cannot be read: it has no column `task`", path.display()));
    fs::write(&path, b"PAR1 or not").expect("it can be written");
    assert!(read_traces(&path).is_err());
}

#[test]
fn a_picture_that_is_not_kept_or_is_another_is_an_error_that_names_it() {
    let home = folder();
    let [image, other] = [1, 2].map(|shade| {
        let pixels = pictures::Pixels { width: 1, height: 1, rgb: vec![shade; 3] };
        pictures::read(pictures::encode_png(&pixels).expect("png"), "photos/cat.png").expect("a picture")
    });
    let shown = Turn { role: Role::User, content: Content(vec![Part::Image(image.clone())]) };
    let trace = Trace { generated_under: vec![shown], ..sample_trace() };
    let path = home.path().join("part-0000.parquet");
    let bytes = traces_to_parquet(&[trace]).expect("it can be written");
    assert!(!bytes.windows(8).any(|some| some == &image.bytes()[..8]), "rows name pictures and do not hold them");
    fs::write(&path, bytes).expect("it can be written");
    let error = || read_traces(&path).expect_err("its picture is missing").to_string();
    assert!(
        error().contains(&format!("the picture {} that it names is not in `media`", image.file_name())),
        "{}",
        error()
    );
    fs::create_dir(home.path().join("media")).expect("it can be made");
    fs::write(home.path().join("media").join(image.file_name()), other.bytes()).expect("it can be written");
    assert!(error().contains("shows something else"), "{}", error());
}

/// The digest of a file of traces, written down on 2026-11-24: other bytes would make runs of two
/// versions differ.
#[test]
fn the_bytes_are_frozen() {
    let bytes = traces_to_parquet(&[sample_trace(), sample_trace()]).expect("it can be written");
    assert_eq!(Digest::of(&bytes).short(), "e3b1a76e");
}
