//! Runs programs and their tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sandbox::{Ended, Limit, Limits, Process, Program, Python, Ran, Sandbox, SandboxFault, Strength};
use serde::Deserialize;

use super::printed;
use super::tested::{CodeFault, Tested};
use super::tests::Tests;

const ANSWER: &str = concat!(include_str!("values.py"), "\n", include_str!("answer.py"));
const TESTS: &str = concat!(include_str!("values.py"), "\n", include_str!("tests.py"), "\n", include_str!("run.py"));
/// Compiles what it reads, to a text that does the same.
const COMPILE: &str = "import binascii, marshal, sys, zlib
code = zlib.compress(marshal.dumps(compile(sys.stdin.read(), 'judge', 'exec')))
code = binascii.b2a_base64(code, newline=False)
print(f'import binascii, marshal, zlib\\nexec(marshal.loads(zlib.decompress(binascii.a2b_base64({code}))))', end='')";
/// Runs a program that reads and prints, as a file of its own would be run.
const SCRIPT: &str = "import sys; exec(compile(sys.argv.pop(), 'answer', 'exec'), {'__name__': '__main__'})";

/// The longest program that is run: longer ones do not fit an argument.
const LONGEST: usize = 100_000;

/// What the tests may use: more time on the wall than the answer, so that it is the answer that is
/// seen to take too long, and more memory, so that they can hold what it gives.
const PATIENCE: Limits = Limits {
    processor_seconds: 10,
    wall: Duration::from_secs(120),
    memory: 2 << 30,
    output: 4 << 20,
    threads: 8,
    files: 1 << 20,
};

/// Judges programs: the system's Python in a sandbox.
pub struct Judge {
    python: Python,
    sandbox: Sandbox,
    /// What the answer's process and the tests' run.
    codes: [String; 2],
}

impl Judge {
    /// Finds Python and opens the sandbox.
    pub fn open(strength: Strength) -> Result<Judge, CodeFault> {
        let python = Python::find().ok_or(CodeFault::NoInterpreter)?;
        let sandbox = Sandbox::open(&python.readable, strength)?;
        let codes = [ANSWER, TESTS].map(|source| compiled(&python, &sandbox, source));
        Ok(Judge { python, sandbox, codes })
    }

    /// What it is, and what its sandbox is not, in words.
    pub fn summary(&self) -> String {
        format!(
            "tests run with Python {} in a sandbox ({}); no protection from defects of the kernel, the processor or Python itself, \
             and names, sizes and times of files can be seen",
            self.python.version,
            self.sandbox.layers()
        )
    }

    /// Judges an answer.
    pub fn judge(&self, tests: &Tests, answer: &str) -> Tested {
        let no_code = |detail: &str| Tested::Wrong { reason: "no-code", test: 0, detail: detail.to_owned() };
        let Some(program) = tests.program(answer) else { return no_code("it gives no program") };
        if program.len() > LONGEST {
            return no_code("its program is longer than 100 kB");
        }
        let tested = match (tests, tests.task(&program)) {
            (Tests::Streams(pairs), _) => self.streams(pairs, &program),
            (_, Some(task)) => self.calls(task.to_string().into_bytes()),
            (_, None) => Ok(Tested::Unsettled { reason: "no-tests", detail: "there is nothing to call".to_owned() }),
        };
        tested.unwrap_or_else(|fault| Tested::Unsettled { reason: "judge-failed", detail: chain(&fault) })
    }

    /// Judges many answers, some at a time. What comes out does not depend on how many.
    pub fn judge_all(&self, items: &[(&Tests, &str)]) -> Vec<Tested> {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(items.len());
        let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let work = || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some((tests, answer)) = items.get(place) else { break };
                let tested = self.judge(tests, answer);
                done.lock().unwrap_or_else(PoisonError::into_inner).insert(place, tested);
            }
        };
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work);
            }
        });
        done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
    }

    /// The program once for every input, until one of its outputs is not the one that is expected.
    fn streams(&self, pairs: &[(String, String)], source: &str) -> Result<Tested, SandboxFault> {
        for (number, (input, expected)) in (1..).zip(pairs) {
            let mut run = self.python.program(SCRIPT, Limits::default());
            run.arguments.push(source.replace('\0', " "));
            run.stdin = input.as_bytes().to_vec();
            let ran = self.sandbox.run(&run)?;
            let wrong = |reason, detail| Ok(Tested::Wrong { reason, test: number, detail });
            match ran.ended {
                Ended::Exited(0) if printed::agrees(&ran.stdout, expected) => {}
                Ended::Exited(0) => {
                    let prints = shortened(&String::from_utf8_lossy(&ran.stdout));
                    return wrong("failed-test", format!("it prints {prints:?}, not {:?}", shortened(expected)));
                }
                Ended::Exited(_) => return wrong("error", last_line(&ran.stderr)),
                ended => return Ok(gone(ended, number)),
            }
        }
        Ok(Tested::Right)
    }

    /// The answer and its tests in two processes.
    fn calls(&self, task: Vec<u8>) -> Result<Tested, SandboxFault> {
        let [answer, tests] = &self.codes;
        let answer = self.python.program(answer, Limits::default());
        let tests = Program { stdin: task, results: 1, ..self.python.program(tests, PATIENCE) };
        let limits = answer.limits;
        let [answer, tests] = self.sandbox.begin_pair([&answer, &tests])?;
        let (answer, tests) = together(answer, tests, &limits)?;
        let Heard { replied, told } = Heard::of(tests.results.first().map_or(&[], Vec::as_slice));
        let Some(told) = told else {
            // Whatever it is that they cannot get over, it was the answer that gave it to them.
            if let Some(test) = replied {
                return Ok(gone(tests.ended, test));
            }
            let reason = if tests.ended == Ended::Over(Limit::Wall) { "busy-machine" } else { "broken-tests" };
            return Ok(Tested::Unsettled { reason, detail: format!("the tests gave no verdict: {}", tests.ended) });
        };
        if told.verdict != "right" && answer.ended == Ended::Over(Limit::Threads) {
            return Ok(gone(answer.ended, told.test));
        }
        let detail = match (told.location.as_str(), told.why.as_str()) {
            ("", why) => why.to_owned(),
            (location, "") => format!("`{location}` does not hold"),
            (location, why) => format!("`{location}`: {why}"),
        };
        Ok(match told.verdict.as_str() {
            "right" => Tested::Right,
            "wrong" if told.why.is_empty() || told.location.is_empty() && told.test > 0 && !told.why.contains(": ") => {
                Tested::Wrong { reason: "failed-test", test: told.test, detail }
            }
            "wrong" => Tested::Wrong { reason: "error", test: told.test, detail },
            "lost" => gone(answer.ended, told.test),
            "own word" => Tested::Unsettled { reason: "own-operators", detail },
            _ => Tested::Unsettled { reason: "broken-tests", detail },
        })
    }
}

/// A source compiled once: to compile it takes longer than most programs run. Itself, where that
/// cannot be done.
fn compiled(python: &Python, sandbox: &Sandbox, source: &str) -> String {
    let compile = Program { stdin: source.into(), ..python.program(COMPILE, Limits::default()) };
    let ran = sandbox.run(&compile).ok().filter(|ran| ran.ended == Ended::Exited(0) && ran.stdout.len() < LONGEST);
    ran.and_then(|ran| String::from_utf8(ran.stdout).ok()).unwrap_or_else(|| source.to_owned())
}

/// What the tests' process tells.
#[derive(Deserialize)]
struct Told {
    verdict: String,
    test: usize,
    #[serde(rename = "where")]
    location: String,
    why: String,
}

/// All that the tests' process tells.
struct Heard {
    /// The test that ran when the answer replied last: from then on it is to blame if the tests
    /// cannot go on.
    replied: Option<usize>,
    told: Option<Told>,
}

impl Heard {
    fn of(bytes: &[u8]) -> Heard {
        let text = String::from_utf8_lossy(bytes);
        let replied = text.lines().rev().find_map(|line| line.strip_prefix("replied ")?.parse().ok());
        Heard { replied, told: text.lines().next_back().and_then(|line| serde_json::from_str(line).ok()) }
    }
}

/// Watches both to their ends. When the tests are over, so is the answer: if they lost it, it may
/// be about to end by itself, which says more than that it was ended.
fn together(answer: Process, tests: Process, limits: &Limits) -> Result<(Ran, Ran), SandboxFault> {
    let stopper = answer.stopper()?;
    thread::scope(|scope| {
        let answer = scope.spawn(|| answer.finish());
        let tests = tests.finish();
        let crowded = stopper.threads() > limits.threads as u64;
        let told = tests.as_ref().ok().and_then(|ran| Heard::of(ran.results.first()?).told);
        let lost = told.is_none_or(|told| told.verdict == "lost");
        stopper.stop_after(if lost && !crowded { Duration::from_millis(500) } else { Duration::ZERO });
        let mut answer = answer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if crowded {
            answer.ended = Ended::Over(Limit::Threads);
        }
        Ok((answer, tests?))
    })
}

/// The verdict on a program that ended before its tests did.
fn gone(ended: Ended, test: usize) -> Tested {
    let detail = ended.to_string();
    let wrong = |reason| Tested::Wrong { reason, test, detail: detail.clone() };
    match ended {
        Ended::Over(Limit::Wall) => Tested::Unsettled { reason: "busy-machine", detail },
        Ended::Over(Limit::Processor | Limit::Idle) => wrong("too-slow"),
        Ended::Over(Limit::Output | Limit::FileSize) => wrong("too-much-output"),
        Ended::Over(Limit::Threads) => wrong("too-many-threads"),
        Ended::Exited(_) | Ended::Crashed(_) => wrong("crashed"),
    }
}

fn shortened(text: &str) -> String {
    let start: String = text.trim_end().chars().take(60).collect();
    if start.len() < text.trim_end().len() { start + "…" } else { start }
}

fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    shortened(text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it ended with an error"))
}

fn chain(fault: &SandboxFault) -> String {
    match std::error::Error::source(fault) {
        Some(source) => format!("{fault}: {source}"),
        None => fault.to_string(),
    }
}
