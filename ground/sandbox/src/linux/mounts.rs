//! What a process sees of the machine's folders: its own `/tmp`, no `/proc`, and none of those that
//! hold nothing it may read.
//!
//! Landlock keeps files from it; that they exist, their sizes and times, and what links point at,
//! would be seen all the same.

use std::ffi::{CStr, CString, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A folder that is hidden behind an empty one.
pub(super) struct Hidden {
    folder: CString,
    /// Files in it that may be read and so stay there, at most [`KEPT`].
    kept: Vec<CString>,
}

const KEPT: usize = 4;

/// Folders of the root with nothing in them that may be read, but for single files. `/tmp` is
/// hidden in any case, and `/dev` has what every program needs.
pub(super) fn hidden(readable: &[PathBuf]) -> Vec<Hidden> {
    let real = readable.iter().filter_map(|path| path.canonicalize().ok());
    let all: Vec<PathBuf> = readable.iter().filter(|path| path.exists()).cloned().chain(real).collect();
    let folders = std::fs::read_dir("/").into_iter().flatten().flatten();
    let folders = folders.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path());
    let others =
        folders.filter(|path| ![Path::new("/tmp"), Path::new("/dev"), Path::new("/proc")].contains(&path.as_path()));
    let name = |path: &Path| CString::new(path.as_os_str().as_bytes()).ok();
    let hidden = others.filter_map(|folder| {
        let mut kept: Vec<&PathBuf> = all.iter().filter(|path| path.starts_with(&folder)).collect();
        kept.dedup();
        let single = kept.len() <= KEPT && kept.iter().all(|path| path.is_file() && path.parent() == Some(&folder));
        let kept = kept.iter().map(|path| name(path)).collect::<Option<Vec<_>>>();
        single.then_some(Hidden { folder: name(&folder)?, kept: kept? })
    });
    hidden.collect()
}

const OURS: libc::c_ulong = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;

/// Hides `/tmp` behind a small one in memory, which nobody else sees and which goes when the
/// process goes; and hides `/proc`, after bounding its threads in it where the kernel can (since
/// Linux 6.14).
///
/// # Safety
///
/// Must be called in a process with its own mount namespace; allocates nothing.
pub(super) unsafe fn own_scratch(size: &CStr, threads: &CStr) -> bool {
    let none = std::ptr::null();
    // SAFETY: mounts in the process's own mount namespace; all strings end with a zero.
    unsafe {
        if libc::mount(none, c"/".as_ptr(), none, libc::MS_REC | libc::MS_PRIVATE, none.cast()) != 0 {
            return false;
        }
        // A container may forbid one of its own.
        if libc::mount(c"proc".as_ptr(), c"/proc".as_ptr(), c"proc".as_ptr(), OURS, none.cast()) == 0 {
            say(c"/proc/sys/kernel/pid_max", threads);
        }
        empty(c"/proc", c"size=4096,nr_inodes=2,mode=555") && empty(c"/tmp", size)
    }
}

/// Hides folders.
///
/// # Safety
///
/// As [`own_scratch`].
pub(super) unsafe fn hide(folders: &[Hidden]) -> bool {
    // linux/mount.h
    const OPEN_TREE_CLONE: c_int = 1;
    const MOVE_MOUNT_F_EMPTY_PATH: c_int = 4;
    // SAFETY: system calls on live strings that end with a zero, and on descriptors of ours.
    unsafe {
        folders.iter().all(|hidden| {
            let mut files = [-1i64; KEPT];
            for (file, path) in files.iter_mut().zip(&hidden.kept) {
                let flags = OPEN_TREE_CLONE | libc::O_CLOEXEC;
                *file = libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags);
            }
            empty(&hidden.folder, c"size=4096,nr_inodes=8,mode=755")
                && files.iter().zip(&hidden.kept).all(|(&file, path)| {
                    let place = libc::open(path.as_ptr(), libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC, 0o444);
                    libc::close(place);
                    let (here, itself) = (libc::AT_FDCWD, c"".as_ptr());
                    let moved =
                        libc::syscall(libc::SYS_move_mount, file, itself, here, path.as_ptr(), MOVE_MOUNT_F_EMPTY_PATH);
                    place >= 0 && moved == 0 && libc::close(file as c_int) == 0
                })
        })
    }
}

/// # Safety
///
/// As [`own_scratch`].
unsafe fn empty(folder: &CStr, options: &CStr) -> bool {
    // SAFETY: a mount in the process's own mount namespace; all strings end with a zero.
    unsafe { libc::mount(c"own".as_ptr(), folder.as_ptr(), c"tmpfs".as_ptr(), OURS, options.as_ptr().cast()) == 0 }
}

/// Writes a line to a file.
///
/// # Safety
///
/// Allocates nothing: for a process that may do nothing but system calls.
pub(super) unsafe fn say(path: &CStr, what: &CStr) -> bool {
    let bytes = what.to_bytes();
    // SAFETY: opens, writes the bytes of a live string, closes.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        let written = file >= 0 && libc::write(file, bytes.as_ptr().cast(), bytes.len()) == bytes.len() as isize;
        libc::close(file);
        written
    }
}
