//! Programs that try to get out, or to take more than they may. Each is contained, and how it ended
//! is known as a type.
//!
//! They are written in Python. Where there is none, or no sandbox, the tests fail: nothing would
//! have been tested. With `AUTODIDACT_SANDBOX=absent` in the environment they say so on standard
//! error and pass.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::{Ended, Layers, Limit, Limits, Program, Python, Ran, Sandbox, Strength};

/// What is needed, or a message that nobody can overlook.
fn ready() -> Option<(Python, Sandbox)> {
    let python = Python::find().ok_or("there is no python3");
    let opened = python.and_then(|python| {
        let sandbox = Sandbox::open(&python.readable, Strength::Needed).map_err(|_| "the machine has no sandbox")?;
        Ok((python, sandbox))
    });
    match opened {
        Ok(ready) => Some(ready),
        Err(why) if std::env::var_os("AUTODIDACT_SANDBOX").is_none_or(|word| word != "absent") => {
            panic!("{why}; `AUTODIDACT_SANDBOX=absent` lets these tests pass without testing")
        }
        Err(why) => {
            // The test harness captures `eprintln!`, and this must be seen.
            writeln!(std::io::stderr(), "SKIPPED, NOTHING TESTED: {why}").expect("said");
            None
        }
    }
}

fn run_with(code: &str, change: impl FnOnce(&mut Program)) -> Option<Ran> {
    let (python, sandbox) = ready()?;
    let mut program = python.program(code, Limits::default());
    change(&mut program);
    Some(sandbox.run(&program).expect("it begins"))
}

/// What a program prints, and how it ends.
fn run(code: &str) -> Option<(Ended, String)> {
    let ran = run_with(code, |_| {})?;
    let said = [&ran.stdout[..], &ran.stderr].concat();
    Some((ran.ended, String::from_utf8_lossy(&said).into_owned()))
}

/// Each of these lines must fail, with namespaces and without; the program says which did not.
fn all_fail(attempts: &[&str]) {
    let mut code = "import os, sys, socket, ctypes, signal, threading, subprocess\n".to_owned();
    for attempt in attempts {
        code += &format!(
            "try:\n    {attempt}\nexcept (OSError, ValueError) as error:\n    pass\nelse:\n    print({attempt:?})\n"
        );
    }
    let Some((python, sandbox)) = ready() else { return };
    let program = python.program(&code, Limits::default());
    for sandbox in [Sandbox::open(&python.readable, Strength::Needed).expect("as before"), sandbox.without_namespaces()]
    {
        let ran = sandbox.run(&program).expect("it begins");
        let said = String::from_utf8_lossy(&[&ran.stdout[..], &ran.stderr].concat()).into_owned();
        assert_eq!((ran.ended, said.as_str()), (Ended::Exited(0), ""), "with {}", sandbox.layers());
    }
}

#[test]
fn ordinary_programs_run() {
    let code = "import sys, json, math, collections, re, itertools\nprint(sum(map(int, sys.stdin.read().split())))\nsys.exit(3)";
    if let Some(ran) = run_with(code, |program| program.stdin = b"1 2 39".to_vec()) {
        assert_eq!((ran.ended, &ran.stdout[..], &ran.stderr[..]), (Ended::Exited(3), &b"42\n"[..], &b""[..]));
    }
    let threads = "import threading\nfound = []\nthread = threading.Thread(target=lambda: found.append(7))\nthread.start()\nthread.join()\nprint(found)";
    if let Some(ran) = run(threads) {
        assert_eq!(ran, (Ended::Exited(0), "[7]\n".to_owned()));
    }
}

/// Programs begin without `site`, and have what it gives: installed packages, `exit` and `quit`.
#[test]
fn installed_packages_and_exit_are_there() {
    let Some((python, _)) = ready() else { return };
    let code = "import sys\nprint([path for path in sys.path if 'packages' in path], callable(quit))\nexit(4)";
    let packages: Vec<String> = python.packages.iter().filter(|path| path.contains("packages")).cloned().collect();
    let said = format!("{packages:?} True\n").replace('"', "'");
    assert_eq!(run(code), Some((Ended::Exited(4), said)));
}

#[test]
fn files_outside_cannot_be_read() {
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let (home, here) = (format!("os.listdir({home:?})"), format!("open({here:?})"));
    all_fail(&[
        "open('/etc/passwd')",
        "open('/etc/shadow')",
        "os.listdir('/')",
        "os.listdir('/etc')",
        &home,
        &here,
        "open('/proc/self/environ')",
        "open('/proc/self/maps')",
        "open('/proc/self/mem', 'r+b')",
        "open('/proc/1/environ')",
        "open('/proc/self/root/etc/passwd')",
        "open('/dev/tty')",
        "open('/dev/sda', 'rb')",
    ]);
}

#[test]
fn files_outside_cannot_be_written() {
    // Not below /tmp, which its own hides.
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let kept = folder.path().join("kept");
    std::fs::write(&kept, "kept").expect("written");
    let (there, folder) = (kept.display().to_string(), folder.path().display().to_string());
    let attempts = [
        format!("open({there:?}, 'w')"),
        format!("os.truncate({there:?}, 0)"),
        format!("os.unlink({there:?})"),
        format!("os.rename({there:?}, '/tmp/taken')"),
        format!("os.chmod({there:?}, 0)"),
        format!("os.chmod({folder:?}, 0)"),
        format!("os.utime({there:?}, (0, 0))"),
        format!("os.setxattr({there:?}, 'user.mark', b'1')"),
        format!("os.symlink('/etc/passwd', {folder:?} + '/link')"),
        format!("os.link({there:?}, '/tmp/link')"),
        "open('/usr/lib/autodidact-was-here', 'w')".to_owned(),
        "open('/autodidact-was-here', 'w')".to_owned(),
        "open('/dev/shm/autodidact-was-here', 'w')".to_owned(),
        "os.mkdir('/var/tmp/autodidact-was-here')".to_owned(),
    ];
    all_fail(&attempts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(std::fs::read_to_string(&kept).expect("it is there"), "kept");
}

#[test]
fn its_tmp_is_its_own_and_small_and_gone() {
    let Some((_, sandbox)) = ready() else { return };
    if !sandbox.layers().namespaces {
        all_fail(&["open('/tmp/file', 'w')"]);
        return;
    }
    let name = "/tmp/autodidact-scratch-test";
    let code = format!(
        "open({name:?}, 'w').write('mine')\nimport os\nprint(open({name:?}).read(), os.listdir('/tmp'), os.getcwd())"
    );
    for _ in 0..2 {
        assert_eq!(
            run(&code),
            Some((Ended::Exited(0), "mine ['autodidact-scratch-test'] /tmp\n".to_owned())),
            "nothing is there from before"
        );
    }
    assert!(!Path::new(name).exists(), "nor afterwards, nor here");
    all_fail(&[
        "[open(f'/tmp/{n}', 'wb').write(bytes(1 << 20)) for n in range(64)]",
        "[os.mkdir(f'/tmp/d{n}') for n in range(5000)]",
    ]);
    let program = "file = os.open('/tmp/run', os.O_CREAT | os.O_WRONLY, 0o755); os.write(file, b'#!/bin/sh'); os.close(file); os.execv('/tmp/run', ['run'])";
    all_fail(&[program]);
}

#[test]
fn no_network_of_any_kind() {
    all_fail(&[
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
        "socket.socket(16, socket.SOCK_RAW)",
        "socket.socketpair()",
        "socket.create_connection(('127.0.0.1', 80), 1)",
    ]);
}

#[test]
fn no_processes_no_signals_no_tracing() {
    all_fail(&[
        "os.fork()",
        "subprocess.run(['/bin/sh', '-c', 'true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.kill(os.getppid(), 9)",
        "os.kill(-1, 9)",
        "os.kill(1, 0)",
        "os.setsid()",
        "os.setpgid(0, 0)",
        "os.setuid(0)",
        "os.nice(-5)",
        "os.chroot('/tmp')",
    ]);
    // By number, past the library: ptrace, process_vm_readv, mount, unshare, bpf, io_uring_setup, memfd_create, keyctl, clone3 with a
    // process, pidfd_open. (x86-64's numbers; elsewhere they are other calls that may be allowed.)
    let numbers = [101, 310, 165, 272, 321, 425, 319, 250, 435, 434];
    let attempts = numbers.map(|number| {
        format!("ctypes.CDLL(None, use_errno=True).syscall({number}, 0, 0, 0, 0, 0) == -1 and (_ for _ in ()).throw(OSError())")
    });
    if cfg!(target_arch = "x86_64") {
        all_fail(&attempts.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn the_environment_and_open_files_are_not_inherited() {
    let secret = tempfile::tempfile().expect("a file");
    let code = "import os\nprint(sorted(os.environ))\nfor n in range(3, 400):\n    try:\n        os.fstat(n)\n        print('open:', n)\n    except OSError:\n        pass";
    if let Some((ended, said)) = run(code) {
        assert_eq!(ended, Ended::Exited(0));
        assert!(!said.contains("open:") && !said.contains("PATH") && said.contains("PYTHONHASHSEED"), "{said}");
    }
    drop(secret);
}

#[test]
fn what_spins_or_sleeps_for_ever_is_ended() {
    let short = |program: &mut Program| {
        program.limits.processor_seconds = 1;
        program.limits.wall = Duration::from_secs(8);
    };
    let ended = |code, change: &dyn Fn(&mut Program)| run_with(code, change).map(|ran| ran.ended);
    for code in ["while True: pass", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"] {
        assert!(matches!(ended(code, &short), None | Some(Ended::Over(Limit::Processor))), "{code}");
    }
    let soon = |program: &mut Program| program.limits.wall = Duration::from_millis(800);
    for code in ["import time\ntime.sleep(1000)", "import os\nos.read(os.pipe()[0], 1)"] {
        let began = Instant::now();
        assert!(matches!(ended(code, &soon), None | Some(Ended::Over(Limit::Idle | Limit::Wall))), "{code}");
        assert!(began.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn what_eats_memory_gets_none() {
    if let Some((ended, said)) = run("x = []\nwhile True: x.append(bytearray(1 << 24))") {
        assert!(ended == Ended::Exited(1) && said.contains("MemoryError"), "{ended:?} {said}");
    }
    // Through the library's own stack, not the interpreter's.
    let deep =
        "import sys\nsys.setrecursionlimit(1 << 30)\nclass A:\n    def __repr__(self): return repr(self)\nrepr(A())";
    if let Some(ran) = run_with(deep, |program| program.limits.memory = 256 << 20) {
        assert!(matches!(ran.ended, Ended::Crashed(11) | Ended::Exited(1)), "{:?}", ran.ended);
    }
}

#[test]
fn what_prints_gigabytes_is_ended() {
    for stream in ["stdout", "stderr"] {
        let code = format!("import sys\nwhile True: sys.{stream}.write('x' * 65536)");
        if let Some(ran) = run_with(&code, |program| program.limits.output = 1 << 20) {
            assert_eq!(ran.ended, Ended::Over(Limit::Output));
            assert_eq!(ran.stdout.len().max(ran.stderr.len()), 1 << 20);
        }
    }
}

#[test]
fn what_begins_threads_without_end_is_ended() {
    let code = "import threading, time\nthreading.stack_size(65536)\nwhile True:\n    try:\n        threading.Thread(target=time.sleep, args=(100,)).start()\n    except RuntimeError:\n        time.sleep(0.01)";
    if let Some((ended, _)) = run(code) {
        assert_eq!(ended, Ended::Over(Limit::Threads));
    }
}

/// By its own number, which nobody else has: a thread that stays behind would keep the process.
#[test]
fn nothing_is_left_behind() {
    let Some((python, sandbox)) = ready() else { return };
    let code = "import os, sys, threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\nos.close(1)\nos.close(2)\nos.write(3, b'here')\nos._exit(0)";
    let mut program = python.program(code, Limits::default());
    program.results = 1;
    let ran = sandbox.run(&program).expect("it begins");
    assert_eq!((ran.ended, ran.results), (Ended::Exited(0), vec![b"here".to_vec()]));
    let children = || std::fs::read_to_string(format!("/proc/self/task/{}/children", std::process::id()));
    // Other tests of this process have programs of their own in other threads; none of ours is a zombie.
    for pid in children().unwrap_or_default().split_whitespace() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(!stat.contains(") Z "), "{stat}");
    }
}

#[test]
fn two_programs_talk_with_each_other_alone() {
    let Some((python, sandbox)) = ready() else { return };
    let asks = "import os\nos.write(4, b'question')\nprint(os.read(3, 99).decode())";
    let answers = "import os\nos.write(4, os.read(3, 99).upper())";
    let programs = [asks, answers].map(|code| python.program(code, Limits::default()));
    let [first, second] = sandbox.begin_pair([&programs[0], &programs[1]]).expect("they begin");
    let (second, first) = (second.finish().expect("an end"), first.finish().expect("an end"));
    assert_eq!((first.stdout, first.ended, second.ended), (b"QUESTION\n".to_vec(), Ended::Exited(0), Ended::Exited(0)));
}

#[test]
fn what_cannot_begin_is_a_fault_and_no_verdict() {
    let Some((python, sandbox)) = ready() else { return };
    let mut program = python.program("", Limits::default());
    program.path = "/usr/lib".into();
    let why = sandbox.run(&program).expect_err("a folder is no program").to_string();
    assert_eq!(why, "a program could not be begun: the program's file");
    program.path = "/etc/passwd".into();
    assert!(sandbox.run(&program).is_err(), "it is not on the list");
}

#[test]
fn a_machine_without_what_is_needed_is_refused() {
    let nothing = Layers::default();
    assert_eq!(nothing.missing().as_deref(), Some("it has neither Landlock nor seccomp"));
    let old = Layers { seccomp: true, namespaces: true, folders: true, ..nothing };
    assert_eq!(old.to_string(), "namespaces, limits, seccomp; weak: it has no Landlock, which keeps files from it");
    let container = Layers { seccomp: true, landlock: Some(4), ..nothing };
    assert_eq!(container.to_string(), "limits, Landlock 4, seccomp; without namespaces, so without a /tmp");
    assert_eq!(container.missing(), None);
}

/// Signals without `kill`, and locks on files that it may only read: none of them is an effect
/// outside.
#[test]
fn open_files_send_no_signals_and_hold_no_locks() {
    let library = "file = os.open(os.__file__, os.O_RDONLY)";
    let lock = "__import__('struct').pack('hhqqi', fcntl.F_RDLCK, 0, 0, 1, 0)";
    let of_pipe = [
        "fcntl.fcntl(file, fcntl.F_SETOWN, 1)".to_owned(),
        "fcntl.fcntl(file, fcntl.F_SETOWN, -os.getpgrp())".to_owned(),
        "fcntl.fcntl(file, 15, bytes(8))".to_owned(),
        "fcntl.fcntl(file, 10, 9)".to_owned(),
        "fcntl.fcntl(file, fcntl.F_SETFL, os.O_ASYNC)".to_owned(),
        "fcntl.fcntl(file, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)".to_owned(),
        "fcntl.ioctl(file, 0x5452, b'\\1\\0\\0\\0')".to_owned(),
        "fcntl.fcntl(file, 1031, 1 << 20)".to_owned(),
    ];
    let of_library = [
        "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)".to_owned(),
        "fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)".to_owned(),
        "fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)".to_owned(),
        "fcntl.fcntl(file, fcntl.F_NOTIFY, 1)".to_owned(),
        format!("fcntl.fcntl(file, fcntl.F_SETLK, {lock})"),
        format!("fcntl.fcntl(file, fcntl.F_OFD_SETLK, {lock})"),
    ];
    let after = |opening: &str, attempts: &[String]| -> Vec<String> {
        attempts.iter().map(|attempt| format!("import fcntl; {opening}; {attempt}")).collect()
    };
    let all = [after("file, other = os.pipe()", &of_pipe), after(library, &of_library)].concat();
    all_fail(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let allowed = "import fcntl, os\nfile, other = os.pipe()\nos.set_blocking(file, False)\nfcntl.fcntl(file, fcntl.F_DUPFD, 20)\nprint(os.get_blocking(file), os.dup(other) > 0)";
    if let Some(ran) = run(allowed) {
        assert_eq!(ran, (Ended::Exited(0), "False True\n".to_owned()));
    }
}

#[test]
fn other_processes_are_not_seen() {
    let Some((_, sandbox)) = ready() else { return };
    if sandbox.layers().namespaces {
        let code = "import os\nprint([n for n in ['self', *range(1, 40000)] if os.path.lexists(f'/proc/{n}')])";
        assert_eq!(run(code), Some((Ended::Exited(0), "[]\n".to_owned())));
    }
    if sandbox.layers().folders {
        let hidden = "['/etc/passwd', '/etc/os-release', '/etc/localtime', '/var/run', '/var/lib', '/sys/kernel']";
        let code = format!("import os\nprint([path for path in {hidden} if os.path.lexists(path)])");
        assert_eq!(run(&code), Some((Ended::Exited(0), "[]\n".to_owned())));
    }
}

/// Its score cannot be read inside: it says what it is told from outside, while it runs.
#[test]
fn the_kernel_ends_it_before_its_judge() {
    let Some((python, sandbox)) = ready() else { return };
    let programs = ["import os\nos.read(3, 1)", "import time\ntime.sleep(0.5)"]
        .map(|code| python.program(code, Limits::default()));
    let [first, second] = sandbox.begin_pair([&programs[0], &programs[1]]).expect("they begin");
    let stopper = first.stopper().expect("a stopper");
    let children = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    let score = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/oom_score_adj")).unwrap_or_default();
    for pid in children.split_whitespace() {
        assert_eq!(score(pid).trim(), "1000");
    }
    assert_eq!(stopper.threads(), 1);
    assert_eq!(second.finish().expect("an end").ended, Ended::Exited(0));
    stopper.stop_after(Duration::ZERO);
    assert_eq!(first.finish().expect("an end").ended, Ended::Crashed(9));
    assert_eq!(stopper.threads(), 0);
}

/// Thousands of threads never exist, where the kernel counts them for a namespace.
#[test]
fn threads_are_bounded_by_the_kernel() {
    let Some((_, sandbox)) = ready() else { return };
    let code = "import _thread, os, time\nbegun = 0\n_thread.stack_size(32768)\ntry:\n    for _ in range(5000):\n        _thread.start_new_thread(time.sleep, (9,))\n        begun += 1\nexcept RuntimeError:\n    os.write(3, b'refused')\n    os._exit(0)";
    if let Some(ran) = run_with(code, |program| program.results = 1) {
        let ended = ran.ended == Ended::Over(Limit::Threads) || ran.results == [b"refused".to_vec()];
        assert!(ended || !sandbox.layers().namespaces, "{ran:?}");
    }
}

/// What asks for sockets or shared memory in Python's library, and can do without.
#[test]
fn asyncio_locks_and_time_zones_work() {
    let code = "import asyncio, multiprocessing, threading\nasync def one(n):\n    await asyncio.sleep(0.01)\n    return n\nasync def all():\n    loop = asyncio.get_running_loop()\n    threads = [loop.run_in_executor(None, pow, n, 2) for n in range(3)]\n    return await asyncio.gather(*map(one, range(3)), *threads)\nprint(asyncio.run(all()), asyncio.run(one(7)))\nlock, again, few = multiprocessing.Lock(), multiprocessing.RLock(), multiprocessing.Semaphore(2)\nwith lock:\n    print(lock.acquire(timeout=0.01), lock.acquire(False))\nwith again, again:\n    few.acquire()\nprint(lock.acquire(False), few.get_value())";
    if let Some(ran) = run(code) {
        let said = "[0, 1, 2, 0, 1, 4] 7\nFalse False\nTrue 1\n";
        assert_eq!(ran, (Ended::Exited(0), said.to_owned()));
    }
    let zone = "import datetime, zoneinfo\nprint(datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Paris')).utcoffset())";
    if Path::new("/usr/share/zoneinfo/Europe/Paris").exists()
        && let Some(ran) = run(zone)
    {
        assert_eq!(ran, (Ended::Exited(0), "2:00:00\n".to_owned()));
    }
}
