//! Freed memory stays with the process.
//!
//! A training step frees and asks again for the same megabytes. By default the C library gives them
//! back to the system in between and every page faults again, which costs more than the arithmetic
//! of a small model (measured: half of the step).

/// Asks the C library, once per process, to keep what is freed: blocks of up to 32 MiB (its
/// greatest setting) come from the heap, the heap is not cut down, and there is one for all
/// threads, because those of further threads are given back whole. Nothing to do where the C
/// library is another one. Threads that have asked for memory already keep heaps of their own: so,
/// early.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn keep_freed_memory() {
    use std::ffi::c_int;
    use std::sync::Once;

    // From glibc's <malloc.h>.
    const M_TRIM_THRESHOLD: c_int = -1;
    const M_MMAP_THRESHOLD: c_int = -3;
    const M_ARENA_MAX: c_int = -8;
    unsafe extern "C" {
        fn mallopt(param: c_int, value: c_int) -> c_int;
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: glibc's function of this signature; it takes its own lock, and it refuses values it cannot use.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, 32 << 20);
            mallopt(M_TRIM_THRESHOLD, c_int::MAX);
            mallopt(M_ARENA_MAX, 1);
        }
    });
}

/// Nothing to do where the C library is not glibc.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_freed_memory() {}
