use std::io;

use faults::{Code, Fault};

/// Why a program was not run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxFault {
    /// This is no Linux.
    #[error("untrusted code is run on Linux only")]
    Platform,
    /// The machine lacks a layer that is needed.
    #[error("this machine cannot run untrusted code safely: {missing}")]
    Weak {
        /// What is missing.
        missing: String,
    },
    /// A step before the program could begin.
    #[error("a program could not be begun: {step}")]
    Start {
        /// The step.
        step: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl Fault for SandboxFault {
    fn code(&self) -> Code {
        Code::Device
    }

    fn hint(&self) -> Option<String> {
        match self {
            SandboxFault::Platform => Some("Run it on Linux 5.13 or newer, or in a virtual machine of it.".to_owned()),
            SandboxFault::Weak { .. } => Some(
                "Landlock is there since Linux 5.13, if it is switched on at boot (`lsm=landlock,…`). `--allow-weak-sandbox` runs \
                 the code with what there is."
                    .to_owned(),
            ),
            SandboxFault::Start { .. } => None,
        }
    }
}
