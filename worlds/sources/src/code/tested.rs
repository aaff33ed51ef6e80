//! What tests say of a program.

use faults::{Code, Fault};
use nouns::{Unsettled, Verdict};
use sandbox::SandboxFault;

/// What tests say of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tested {
    /// It passes them all.
    Right,
    /// It does not.
    Wrong {
        /// A code: `no-code`, `failed-test`, `error`, `too-slow`, `crashed`, `too-much-output`,
        /// `too-many-threads`.
        reason: &'static str,
        /// The first test that it does not pass, from 1; 0 if it came to none.
        test: usize,
        /// The test, and the first line of the error.
        detail: String,
    },
    /// It cannot be told: the judge's fault, not the program's.
    Unsettled {
        /// A code: `no-interpreter`, `no-sandbox`, `no-tests`, `broken-tests`, `own-operators`,
        /// `busy-machine`, `judge-failed`.
        reason: &'static str,
        /// Why.
        detail: String,
    },
}

impl Tested {
    /// Whether it is right; `None` if that cannot be told.
    pub fn correct(&self) -> Option<bool> {
        match self {
            Tested::Right => Some(true),
            Tested::Wrong { .. } => Some(false),
            Tested::Unsettled { .. } => None,
        }
    }

    /// The code of the reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Tested::Right => "passed",
            Tested::Wrong { reason, .. } | Tested::Unsettled { reason, .. } => reason,
        }
    }

    /// More about it, for people.
    pub fn detail(&self) -> String {
        match self {
            Tested::Right => String::new(),
            Tested::Wrong { test: 0, detail, .. } => detail.clone(),
            Tested::Wrong { test, detail, .. } => format!("test {test}: {detail}"),
            Tested::Unsettled { detail, .. } => detail.clone(),
        }
    }
}

impl From<Tested> for Verdict {
    fn from(tested: Tested) -> Verdict {
        match &tested {
            Tested::Right => Verdict::Right,
            Tested::Wrong { .. } => Verdict::Wrong(tested.detail()),
            Tested::Unsettled { reason: "busy-machine", detail } => {
                Verdict::Unsettled(Unsettled::OutOfBounds(detail.clone()))
            }
            Tested::Unsettled { reason: "no-tests", .. } => Verdict::Unsettled(Unsettled::NoReference),
            Tested::Unsettled { detail, .. } => Verdict::Unsettled(Unsettled::CheckerFailed(detail.clone())),
        }
    }
}

/// Why programs cannot be judged here.
#[derive(Debug, thiserror::Error)]
pub enum CodeFault {
    /// There is no Python.
    #[error("programs are judged by running them with `python3`, and there is none")]
    NoInterpreter,
    /// There is no sandbox.
    #[error(transparent)]
    NoSandbox(#[from] SandboxFault),
}

impl CodeFault {
    /// The code of the reason.
    pub fn reason(&self) -> &'static str {
        match self {
            CodeFault::NoInterpreter => "no-interpreter",
            CodeFault::NoSandbox(_) => "no-sandbox",
        }
    }
}

impl Fault for CodeFault {
    fn code(&self) -> Code {
        Code::Device
    }

    fn hint(&self) -> Option<String> {
        match self {
            CodeFault::NoInterpreter => Some("Install Python 3.8 or newer, so that `python3` finds it.".to_owned()),
            CodeFault::NoSandbox(fault) => fault.hint(),
        }
    }
}
