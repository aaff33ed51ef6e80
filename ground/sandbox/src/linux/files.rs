//! Landlock: which files may be read, and that none may be written.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
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

/// The files that may be read, open and ready to be listed.
pub(super) struct Files(Vec<(PathFd, BitFlags<AccessFs>)>);

impl Files {
    /// Finds them; those that are not there are left out.
    pub(super) fn find(readable: &[PathBuf]) -> Files {
        let read = AccessFs::from_read(NEWEST);
        let rights = |path: &PathBuf| if path.is_dir() { read } else { read & AccessFs::from_file(NEWEST) };
        let devices = DEVICES.map(|path| (PathBuf::from(path), AccessFs::ReadFile | AccessFs::WriteFile));
        let all = readable.iter().map(|path| (path.clone(), rights(path))).chain(devices);
        Files(all.filter_map(|(path, rights)| Some((PathFd::new(path).ok()?, rights))).collect())
    }

    /// A list in the kernel for one program. Each has a list of its own, because a program adds its
    /// `/tmp` to it: in a list that all share, every program would be slowed by the rules of those
    /// before it.
    pub(super) fn list(&self) -> Result<OwnedFd, SandboxFault> {
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
        for (file, rights) in &self.0 {
            rules = rules.add_rule(PathBeneath::new(file, *rights)).map_err(|error| failed(&error))?;
        }
        let list: Option<OwnedFd> = rules.into();
        list.ok_or_else(|| failed(&"the kernel has no Landlock"))
    }
}

/// What may be done in a program's own `/tmp`, in the kernel's bits: everything but executing,
/// devices and sockets, as far as this version of the interface knows it.
pub(super) fn scratch_rights(version: u32) -> u64 {
    // linux/landlock.h: WRITE_FILE 1, READ_FILE 2, READ_DIR 3, REMOVE_DIR 4, REMOVE_FILE 5, MAKE_DIR 7, MAKE_REG 8, MAKE_SYM 12;
    // REFER 13 since version 2, TRUNCATE 14 since version 3.
    let bits = [1, 2, 3, 4, 5, 7, 8, 12].into_iter().chain((version >= 2).then_some(13));
    bits.chain((version >= 3).then_some(14)).fold(0, |rights, bit| rights | 1 << bit)
}
