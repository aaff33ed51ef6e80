//! Landlock: which files may be read, and that none may be written.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, Scope,
};

use crate::SandboxFault;

/// The newest interface that is asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V6;

/// Devices that a program may use; none of them keeps anything.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];

/// The version of Landlock's interface in this kernel.
pub(super) fn version() -> Option<u32> {
    const CREATE_RULESET_VERSION: libc::c_uint = 1;
    // SAFETY: with this flag and no attributes the call reads no memory of ours and gives a number.
    let version = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0usize, CREATE_RULESET_VERSION)
    };
    u32::try_from(version).ok().filter(|version| *version > 0)
}

/// The list of files that may be read, in the kernel.
pub(super) struct Files(OwnedFd);

impl Files {
    pub(super) fn new(readable: &[PathBuf]) -> Result<Files, SandboxFault> {
        let failed = |error: &dyn std::fmt::Display| SandboxFault::Start {
            step: "making a list of the files that it may read",
            source: std::io::Error::other(error.to_string()),
        };
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(NEWEST)))
            .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
            .and_then(|rules| rules.create())
            .map_err(|error| failed(&error))?;
        // `BestEffort` narrows rights that a file cannot have, and leaves out those that the kernel does not know.
        for path in readable {
            let Ok(file) = PathFd::new(path) else { continue };
            let rights = match path.is_dir() {
                true => AccessFs::from_read(NEWEST),
                false => AccessFs::from_read(NEWEST) & AccessFs::from_file(NEWEST),
            };
            rules = rules.add_rule(PathBeneath::new(file, rights)).map_err(|error| failed(&error))?;
        }
        for path in DEVICES {
            let Ok(file) = PathFd::new(path) else { continue };
            let rights = AccessFs::ReadFile | AccessFs::WriteFile;
            rules = rules.add_rule(PathBeneath::new(file, rights)).map_err(|error| failed(&error))?;
        }
        let list: Option<OwnedFd> = rules.into();
        list.map(Files).ok_or_else(|| failed(&"the kernel has no Landlock"))
    }

    pub(super) fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// What may be done in a program's own `/tmp`, in the kernel's bits: everything but executing, devices and sockets, as far as this
/// version of the interface knows it.
pub(super) fn scratch_rights(version: u32) -> u64 {
    // linux/landlock.h: WRITE_FILE 1, READ_FILE 2, READ_DIR 3, REMOVE_DIR 4, REMOVE_FILE 5, MAKE_DIR 7, MAKE_REG 8, MAKE_SYM 12;
    // REFER 13 since version 2, TRUNCATE 14 since version 3.
    let bits = [1, 2, 3, 4, 5, 7, 8, 12].into_iter().chain((version >= 2).then_some(13));
    bits.chain((version >= 3).then_some(14)).fold(0, |rights, bit| rights | 1 << bit)
}
