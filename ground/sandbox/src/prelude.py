# What of Python's library asks for more than a sandbox gives, and can do without: mended when it is imported. Every program begins so.
import _sitebuiltins, builtins, sys

# As the `site` module does, which does not run.
builtins.exit, builtins.quit = (_sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)") for name in ("exit", "quit"))
builtins.help = _sitebuiltins._Helper()


class Mending:
    """Finds modules as ever, and mends some of them behind their loading."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        mend = {"asyncio.selector_events": without_sockets, "multiprocessing.synchronize": among_threads}.get(name)
        if mend is None:
            return None
        found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not Mending)
        spec = next((spec for spec in found if spec), None)
        if spec:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                mend(module)

            spec.loader.exec_module = exec_module
        return spec


def without_sockets(module):
    """An event loop wakes itself by a pair of sockets; a pipe does it as well."""
    import os

    class End:
        def __init__(self, number):
            os.set_blocking(number, False)
            self.number = number
            self.fileno, self.close = lambda: number, lambda: os.close(number)
            self.recv, self.send = lambda most: os.read(number, most), lambda data: os.write(number, data)

    def make_self_pipe(self):
        self._ssock, self._csock = map(End, os.pipe())
        self._internal_fds += 1
        self._add_reader(self._ssock.fileno(), self._read_from_self)

    module.BaseSelectorEventLoop._make_self_pipe = make_self_pipe


def among_threads(module):
    """Locks between processes want shared memory; there are no other processes, so locks between threads are the same."""
    import threading

    class SemLock:
        SEM_VALUE_MAX, name, handle = 2**31 - 1, None, 0

        def __init__(self, kind, value, maxvalue, *_):
            self.kind, self.maxvalue, self.holders = kind, maxvalue, []
            self.lock = threading.RLock() if kind == module.RECURSIVE_MUTEX else threading.Semaphore(value)

        def acquire(self, block=True, timeout=None):
            got = self.lock.acquire(block, *([] if timeout is None or not block else [max(timeout, 0)]))
            if got:
                self.holders.append(threading.get_ident())
            return got

        def release(self):
            if self.kind != module.RECURSIVE_MUTEX and self._get_value() >= self.maxvalue:
                raise ValueError("semaphore or lock released too many times")
            self.lock.release()
            if self.holders:
                self.holders.pop()

        def __enter__(self):
            return self.acquire()

        def __exit__(self, *_):
            self.release()

        def _count(self):
            return self.holders.count(threading.get_ident())

        def _is_mine(self):
            return self._count() > 0

        def _get_value(self):
            return int(not self.holders) if self.kind == module.RECURSIVE_MUTEX else self.lock._value

        def _is_zero(self):
            return self._get_value() == 0

        def _after_fork(self):
            pass

    module._multiprocessing.SemLock = SemLock


sys.meta_path.insert(0, Mending)
