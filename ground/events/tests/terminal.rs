//! What a person sees.

mod made_up;
mod shared;

use events::{Event, Look, Sink, Terminal, Time};
use nouns::Load;
use proptest::prelude::*;
use shared::Shared;

fn shown(look: Look, events: &[(Time, Event)]) -> String {
    let screen = Shared::default();
    let terminal = Terminal::new(screen.clone(), look);
    events.iter().for_each(|(at, event)| terminal.see(*at, event));
    drop(terminal);
    screen.text()
}

/// What is left on the screen when lines have been drawn over.
fn left(screen: &str) -> String {
    let lines = screen.split('\n').map(|line| line.rsplit("\r\x1b[2K").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn plain() {
    insta::assert_snapshot!(shown(Look::plain(), &made_up::run(4)), @r"
    expert-iteration on game24, 0.96 M parameters from nothing, cpu, seed 7
    run      2026-11-24-expert-iteration-game24-7f3a
    held out 100 tasks of hard.txt
    warning  2 attempts could not be judged: the checker ran out of time
    example  4 7 8 8 : [8 - 4 = 4 ( left : 4 7 8 ) 8 - 7 = 1 <end>]
             in [brackets]: the 18 of 23 tokens that are taught
    base model: learn 25 %, 27.1k tok/s, 24 s left, loss 1.091
    base model: learn 75 %, 27.1k tok/s, 8 s left, loss 0.923
    base model: learn took 40 s
    base model: accuracy on game24/valid 8.4 % (3.4 % to 13.4 %), loss 0.500, 42 s
    round 1/4: attempt 25 %, 27.1k tok/s, 27 s left
    round 1/4: attempt 75 %, 27.1k tok/s, 9 s left
    round 1/4: attempt took 45 s, traces 74368
    round 1/4: check took 2 s, solved 312, tasks 1162
    round 1/4: learn 25 %, 27.1k tok/s, 18 s left, loss 0.545
    round 1/4: learn 75 %, 27.1k tok/s, 6 s left, loss 0.462
    round 1/4: learn took 30 s, lessons 1248
    round 1/4: accuracy on game24/valid 31.0 % (26.0 % to 36.0 %), solved 312/1162, loss 0.250, promoted, 1m19s
    round 2/4: ask is used again
    round 2/4: attempt 25 %, 27.1k tok/s, 27 s left
    round 2/4: attempt 75 %, 27.1k tok/s, 9 s left
    round 2/4: attempt took 45 s, traces 74368
    round 2/4: check took 2 s, solved 518, tasks 1162
    round 2/4: learn 25 %, 27.1k tok/s, 18 s left, loss 0.364
    round 2/4: learn 75 %, 27.1k tok/s, 6 s left, loss 0.308
    round 2/4: learn took 30 s, lessons 2072
    round 2/4: accuracy on game24/valid 54.2 % (49.2 % to 59.2 %), solved 518/1162, loss 0.167, promoted, 1m19s
    round 3/4: attempt 25 %, 27.1k tok/s, 27 s left
    round 3/4: attempt 75 %, 27.1k tok/s, 9 s left
    round 3/4: attempt took 45 s, traces 74368
    round 3/4: check took 2 s, solved 688, tasks 1162
    round 3/4: learn 25 %, 27.1k tok/s, 18 s left, loss 0.273
    round 3/4: learn 75 %, 27.1k tok/s, 6 s left, loss 0.231
    round 3/4: learn took 30 s, lessons 2752
    round 3/4: accuracy on game24/valid 68.7 % (63.7 % to 73.7 %), solved 688/1162, loss 0.125, promoted, 1m19s
    round 4/4: attempt 25 %, 27.1k tok/s, 27 s left
    round 4/4: attempt 75 %, 27.1k tok/s, 9 s left
    round 4/4: attempt took 45 s, traces 74368
    round 4/4: check took 2 s, solved 731, tasks 1162
    round 4/4: learn 25 %, 27.1k tok/s, 18 s left, loss 0.218
    round 4/4: learn 75 %, 27.1k tok/s, 6 s left, loss 0.185
    round 4/4: learn took 30 s, lessons 2924
    round 4/4: accuracy on game24/valid 68.4 % (63.4 % to 73.4 %), solved 731/1162, loss 0.100, kept round 3, 1m19s
    gate     no improvement: worse on 12 of 100 items, better on 9

    accuracy on game24/valid, by round: 8.4 % to 68.4 %
    80 % |
         |                                        ******************* 68.4 %
    60 % |                              **********
         |                        ******
    40 % |                 *******
         |           ******
    20 % |     ******
         |*****
     0 % |
         +-----------------------------------------------------------
          0             1              2             3              4

    learned in 5m58s; the result is round 3
      accuracy on game24/valid rose from 8.4 % to 68.7 % (better on 62 items, worse on 2).
      Round 4 was no improvement, so round 3 was kept.
    ");
}

#[test]
fn in_place() {
    let look = Look { in_place: true, colour: false, unicode: true, width: 100 };
    let screen = shown(look, &made_up::run(4));
    insta::assert_snapshot!(left(&screen), @r"
    expert-iteration on game24 · 0.96 M parameters from nothing · cpu · seed 7
    run      2026-11-24-expert-iteration-game24-7f3a
    held out 100 tasks of hard.txt
    warning  2 attempts could not be judged: the checker ran out of time
    example  4 7 8 8 : [8 - 4 = 4 ( left : 4 7 8 ) 8 - 7 = 1 <end>]
             in [brackets]: the 18 of 23 tokens that are taught

     round  accuracy on game24/valid                        solved     loss   time    gate
      base  ███▎                                     8.4 %             0.500  42 s
         1  ███████████▊                            31.0 %  312/1162   0.250  1m19s   ✓ promoted
         2  ████████████████████▋                   54.2 %  518/1162   0.167  1m19s   ✓ promoted
         3  ██████████████████████████▏             68.7 %  688/1162   0.125  1m19s   ✓ promoted
         4  ██████████████████████████              68.4 %  731/1162   0.100  1m19s   ✗ kept round 3
    gate     no improvement: worse on 12 of 100 items, better on 9

    accuracy on game24/valid, by round: 8.4 % to 68.4 %
    80 % ┤
         │                                      ⣀⣀⠤⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒ 68.4 %
    60 % ┤                             ⣀⣀⠤⠤⠔⠒⠊⠉⠉
         │                       ⣀⡠⠤⠒⠊⠉
    40 % ┤                 ⢀⣀⠤⠔⠒⠉
         │           ⢀⣀⠤⠔⠒⠉⠁
    20 % ┤      ⣀⡠⠤⠒⠊⠁
         │⣀⡠⠤⠒⠊⠉
     0 % ┤
         └───────────────────────────────────────────────────────────
          0             1              2             3              4

    ✓ learned in 5m58s; the result is round 3
      accuracy on game24/valid rose from 8.4 % to 68.7 % (better on 62 items, worse on 2).
      Round 4 was no improvement, so round 3 was kept.
    ");
    let drawn: Vec<&str> = screen.split("\r\x1b[2K").filter(|line| line.starts_with(" round 2/4")).collect();
    insta::assert_snapshot!(drawn.join("\n"), @r"
    round 2/4  solved 312/1162  run 3m02s left
    round 2/4  attempt  solved 312/1162  run 3m02s left
    round 2/4  attempt  ──────────   0 %  27.1k tok/s  solved 312/1162  run 2m53s left
    round 2/4  attempt  ━━────────  25 %  27.1k tok/s  27 s left  solved 312/1162  run 2m44s left
    round 2/4  attempt  ━━━━━─────  50 %  27.1k tok/s  18 s left  solved 312/1162  run 2m35s left
    round 2/4  attempt  ━━━━━━━───  75 %  27.1k tok/s  9 s left  solved 312/1162  run 2m26s left
    round 2/4  attempt  ━━━━━━━━━━ 100 %  27.1k tok/s  solved 312/1162  run 2m17s left
    round 2/4  check    solved 312/1162  run 2m17s left
    round 2/4  check    ──────────   0 %  27.1k tok/s  solved 312/1162  run 2m16s left
    round 2/4  check    ━━────────  25 %  27.1k tok/s  1 s left  solved 312/1162  run 2m16s left
    round 2/4  check    ━━━━━─────  50 %  27.1k tok/s  1 s left  solved 312/1162  run 2m16s left
    round 2/4  check    ━━━━━━━───  75 %  27.1k tok/s  0.4 s left  solved 312/1162  run 2m15s left
    round 2/4  check    ━━━━━━━━━━ 100 %  27.1k tok/s  solved 312/1162  run 2m15s left
    round 2/4  learn    solved 518/1162  run 2m15s left
    round 2/4  learn    ──────────   0 %  27.1k tok/s  solved 518/1162  loss 0.400  run 2m09s left
    round 2/4  learn    ━━────────  25 %  27.1k tok/s  18 s left  solved 518/1162  loss 0.364
    round 2/4  learn    ━━━━━─────  50 %  27.1k tok/s  12 s left  solved 518/1162  loss 0.333
    round 2/4  learn    ━━━━━━━───  75 %  27.1k tok/s  6 s left  solved 518/1162  loss 0.308
    round 2/4  learn    ━━━━━━━━━━ 100 %  27.1k tok/s  solved 518/1162  loss 0.286  run 1m45s left
    round 2/4  solved 518/1162  run 1m44s left
    round 2/4  solved 518/1162  run 1m43s left
    ");
    let wide = shown(Look { in_place: true, colour: false, unicode: true, width: 160 }, &made_up::run(4));
    assert!(wide.contains("96 at a time, 12 MiB of cache"), "where there is room, what is in flight");
}

#[test]
fn colour_says_nothing_that_words_do_not() {
    let look = Look { in_place: true, colour: true, unicode: true, width: 100 };
    let coloured = shown(look.clone(), &made_up::run(4));
    let codes = ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[36m"];
    let bare = codes.iter().fold(coloured.clone(), |text, code| text.replace(code, ""));
    let lines = |text: &str| -> Vec<String> { text.lines().map(|line| line.trim_end().to_owned()).collect() };
    assert_eq!(lines(&bare), lines(&shown(Look { colour: false, ..look }, &made_up::run(4))));
    assert_ne!(coloured, bare);
}

#[test]
fn a_model_cannot_drive_the_terminal() {
    let warned = Event::Warned { what: "\x1b[2J\r\n\x07 it says".to_owned() };
    assert_eq!(shown(Look::plain(), &[(Time(0), warned)]), "warning   [2J    it says\n");
}

#[test]
fn what_else_is_printed_stands_on_a_line_of_its_own() {
    let screen = Shared::default();
    let look = Look { in_place: true, colour: false, unicode: true, width: 100 };
    let terminal = Terminal::new(screen.clone(), look);
    terminal.see(Time(0), &Event::RoundStarted { round: 1, of: 2 });
    assert!(screen.text().ends_with("round 1/2"));
    terminal.clear();
    assert!(screen.text().ends_with("\r\x1b[2K"));
}

/// Any number, the odd ones often.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(-1.0),
        0.0..1.0,
        any::<f64>()
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let round = prop_oneof![0..5u32, Just(u32::MAX)];
    let whole = || prop_oneof![Just(0), 0..100u64, Just(u64::MAX)];
    let progress = (round.clone(), "[a-z]{0,9}", whole(), whole(), number(), number()).prop_map(
        |(round, stage, done, total, loss, tokens_per_second)| Event::StageProgress {
            round,
            stage,
            done,
            total,
            tokens: done,
            loss: Some(loss),
            tokens_per_second,
            load: Some(Load { sequences: done as u32, cache_bytes: done }),
        },
    );
    let scored = (round.clone(), "[a-z]{0,2}", proptest::option::of(number()), number()).prop_map(
        |(round, metric, value, low)| Event::Scored {
            round,
            metric,
            on: "é\u{7}".to_owned(),
            value,
            low: Some(low),
            high: Some(-low),
            n: 0,
        },
    );
    let facts = (round.clone(), whole(), whole(), number()).prop_map(|(round, solved, tasks, seconds)| {
        let facts = [("solved".to_owned(), solved.into()), ("tasks".to_owned(), tasks.into())];
        Event::StageFinished { round, stage: "check".to_owned(), facts: facts.into(), seconds }
    });
    let gate = (round.clone(), any::<bool>()).prop_map(|(round, promoted)| Event::GateDecided {
        round,
        promoted,
        kept_round: round,
        why: String::new(),
    });
    let ended = (round.clone(), number()).prop_map(|(best_round, seconds)| Event::Ended {
        learned: false,
        why: vec![],
        best_round,
        seconds,
    });
    let begun = (round, 0..5u32).prop_map(|(round, of)| Event::RoundStarted { round, of });
    let shown = prop::collection::vec(any::<(String, bool)>(), 0..4).prop_map(|words| Event::ExampleShown {
        round: 1,
        words: words.into_iter().map(|(text, taught)| events::Word { text, taught }).collect(),
    });
    prop_oneof![progress, scored, facts, gate, ended, begun, shown]
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_or_wrap(
        events in prop::collection::vec((any::<u64>(), event()), 0..40),
        width in prop_oneof![0..130usize, Just(usize::MAX)],
        in_place: bool,
        unicode: bool,
    ) {
        let events: Vec<_> = events.into_iter().map(|(at, event)| (Time(at), event)).collect();
        let screen = shown(Look { in_place, colour: false, unicode, width }, &events);
        for live in screen.split("\r\x1b[2K").skip(1).filter(|live| !live.contains('\n')) {
            prop_assert!(live.chars().count() < width.max(20), "{live:?}");
        }
    }
}
