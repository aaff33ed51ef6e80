use std::fmt;

/// What holds a program on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The version of Landlock's interface: 1 knows files, 4 TCP, 6 signals; none without it.
    pub landlock: Option<u32>,
    /// Whether system calls are filtered.
    pub seccomp: bool,
    /// Whether it has users, processes, mounts, a network and a `/tmp` of its own.
    pub namespaces: bool,
    /// Whether folders that hold nothing it may read are hidden from it; else it sees which files
    /// are in them.
    pub folders: bool,
}

/// How much of a sandbox must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strength {
    /// Landlock and seccomp at least.
    #[default]
    Needed,
    /// Whatever there is: someone has said that this machine holds nothing worth protecting.
    Whatever,
}

impl Layers {
    /// What is missing of what is needed.
    pub fn missing(&self) -> Option<String> {
        match (self.landlock, self.seccomp) {
            (Some(_), true) => None,
            (None, true) => Some("it has no Landlock, which keeps files from it".to_owned()),
            (Some(_), false) => Some("it has no seccomp, which keeps system calls from it".to_owned()),
            (None, false) => Some("it has neither Landlock nor seccomp".to_owned()),
        }
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let landlock = self.landlock.map(|version| format!("Landlock {version}"));
        let seccomp = self.seccomp.then(|| "seccomp".to_owned());
        let namespaces = self.namespaces.then(|| "namespaces".to_owned());
        let active: Vec<String> =
            [namespaces, Some("limits".to_owned()), landlock, seccomp].into_iter().flatten().collect();
        write!(f, "{}", active.join(", "))?;
        if !self.namespaces {
            f.write_str("; without namespaces, so without a /tmp")?;
        } else if !self.folders {
            f.write_str("; names of files can be seen")?;
        }
        match self.missing() {
            Some(missing) => write!(f, "; weak: {missing}"),
            None => Ok(()),
        }
    }
}
