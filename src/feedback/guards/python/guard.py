"""
What the guards of pytest and unittest share: the key, signed records (`channel.ts` has the format and why), and the look-out for code that reaches
into the tests' own process.

A guard runs in the process of the code it watches. What matters is kept in the frame of one generator; the rest of the guard holds that generator's
`send`, a function written in C, and nothing else. Nobody gets from there to the frame without Python saying so first (`sys.addaudithook`, which
cannot be taken back), be it by way of the garbage collector, a frame or a debugger; and the key turns once that was told, so that nobody can take
the line out again. What is told while code of the workspace stands on the stack is told by somebody else than the runner.

For Python 3.8 and later; 3.7 has no such hook.
"""
import os
import sys
from _operator import is_, itemgetter
from _thread import get_ident
from os.path import isabs, realpath

try:
    from _sha2 import sha256
except ImportError:
    try:
        from _sha256 import sha256
    except ImportError:
        from hashlib import sha256
try:
    from _json import encode_basestring_ascii as quote, scanstring
except ImportError:
    from json.decoder import scanstring
    from json.encoder import encode_basestring_ascii as quote

most_characters = 16000
to_objects = {"gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys.settrace", "sys.setprofile", "sys.monitoring.register_callback"}
to_frames = {"sys._getframe", "sys._current_frames", "sys._current_exceptions"}
of_frames = {"tb_frame", "gi_frame", "gi_code", "cr_frame", "ag_frame"}
of_errors = {"format_exc", "print_exc", "format_exception", "print_exception", "from_exception", "format_tb", "print_tb", "extract_tb"}
of_functions = {"__code__", "__defaults__", "__kwdefaults__"}
conftest = os.sep + "conftest.py"
logging = os.path.join("logging", "__init__.py")
inner, outer = (bytes(byte ^ mask for byte in range(256)) for mask in (0x36, 0x5C))
# Who else than the runner tells of these is found out. What is heard counts for nothing where it was not seen.
checked = {"open", "saw", "end", "tests", "workers", "ticket", "fork", "thread"}
generator = type(_ for _ in ())


def open_guard(root, python_path, folder, program):
    """
    Takes this process' ticket, so that nobody after us can, and gives the function that everything is told to (`core`), and whether this is the
    runner's main process; None without a ticket. `root` is the top of the workspace, `python_path` the user's PYTHONPATH, `folder` that of the guard,
    `program` the file of the project that starts the tests (`manage.py`), '' where Python's own does.
    """
    text = taken(os.environ.pop("TEAMWRIGHT_GUARD", ""))
    if text is None:
        # Taken already, or none of ours: this process is not watched, and what it says does not count.
        return None, False

    def field(name):
        start = text.find('"' + name + '":"')
        return None if start < 0 else scanstring(text, start + len(name) + 4, True)[0]

    files, kept = Files(root, python_path, folder, program), Kept()
    is_main = field("key") is not None
    run = bytes.fromhex(field("key")) if is_main else None
    worker = "m" if is_main else field("worker")
    key = keyed(run, b"m") if is_main else bytes.fromhex(field("own"))
    one = core(run, key, worker, field("records"), files, kept)
    next(one)
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(look_out(one.send, files, kept))
    return one.send, is_main


def taken(place):
    """The text of a ticket, a file, which is gone then."""
    own = "%s.%d" % (place, os.getpid())
    try:
        # Of those that want it at once, one succeeds.
        os.rename(place, own)
        with open(own, encoding="utf-8") as file:
            text = file.read()
        os.remove(own)
        return text
    except OSError:
        return None


# ---- the record ------------------------------------------------------------------------------------------------------------------


def keyed(key, data):
    """HMAC-SHA256 under a key of 32 bytes."""
    padded = key.ljust(64, b"\0")
    return sha256(padded.translate(outer) + sha256(padded.translate(inner) + data).digest()).digest()


def core(run, key, worker, path, files, kept):
    """
    Takes one message after the other. Most are records, and are written. The others: `tests` names a file of tests, and a test's function in it;
    `answers` a function that answers the runner's question `name`; `keep` gives functions to remember (owner's name, its namespace, name, value);
    `look` asks whether they are the same, `all` of them or those that are `hot`; `workers` foresees so many workers, and `ticket` gives the path of a
    ticket for the next of them, None where all are used up; `fork` says that the runner forks a process for one test now, which is then heard under a
    name and a key of its own, and without a `name` that this is over; `thread` that the runner runs in this thread. `workers` and `thread` can be told
    before the first tests are.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    open_file, append, close, pid, parent, frame_of = os.open, os.write, os.close, os.getpid, getattr(os, "getppid", None), sys._getframe
    owner, thread = pid(), get_ident()
    seq, signs, lines, spares, forks, child, begun = 0, set(), [], [], 0, None, False

    def is_heard():
        """A forked child is another process, and is not heard, but for the one that the runner forks for a test."""
        nonlocal owner, worker, key, seq, child
        if pid() == owner:
            return True
        if child is None or parent() != owner:
            return False
        owner, (worker, key), seq, child = pid(), child, 0, None
        lines.clear()
        return True

    def write(record):
        nonlocal seq
        if not is_heard():
            return
        json = "{" + ",".join([quote(name) + ":" + written(value) for name, value in record.items() if value is not None]) + "}"
        head = "%s %d " % (worker, seq)
        seq += 1
        lines.append(head + keyed(key, (head + json).encode("ascii")).hex() + " " + json + "\n")
        # What the main process saw of a test is written with what it hears of it.
        if record["t"] == "saw" and worker == "m":
            return
        file = open_file(path, flags, 0o600)
        try:
            append(file, "".join(lines).encode("ascii"))
            lines.clear()
        finally:
            close(file)

    def tell(kind, detail, file=None, t="doubt"):
        nonlocal key
        if (kind, detail, file) in signs:
            return
        signs.add((kind, detail, file))
        write({"t": t, "kind": kind, "detail": detail, "file": file})
        key = keyed(key, b"turn")

    def foresee(count):
        for name in ["w%d" % (number + 1) for number in range(count)]:
            spares.append((name, keyed(run, name.encode("ascii"))))

    def ticket():
        if not spares:
            return None
        name, own = spares.pop(0)
        place = os.path.join(os.path.dirname(path), "ticket-" + os.urandom(8).hex())
        with open(place, "x", encoding="utf-8") as file:
            file.write('{"worker":"%s","own":"%s","records":%s}' % (name, own.hex(), quote(path)))
        return place

    def fork(file, name):
        nonlocal forks, child
        child = None
        if name is not None:
            forks += 1
            own = "%s.%d" % (worker, forks)
            write({"t": "fork", "child": own, "file": file, "name": name})
            child = (own, keyed(key, own.encode("ascii")))

    def handle(message):
        nonlocal run, begun, thread
        t = message["t"]
        if t in ("doubt", "breach"):
            return tell(message["kind"], message["detail"], message.get("file"), t)
        file = files.own_on(frame_of(2)) if t in checked else None
        if t == "thread" and file is None and not begun:
            thread = get_ident()
        is_ours = file is None and get_ident() == thread
        if not is_ours:
            tell("reached-in", "The guard was called by somebody else than the runner", file)
        if t == "workers":
            return foresee(message["count"]) if is_ours else None
        if t == "ticket":
            return ticket() if is_ours else None
        if t == "fork":
            return fork(message["file"], message["name"]) if is_ours else None
        if t == "thread":
            return
        if t in ("tests", "start"):
            run, begun = None, True
        if t == "tests":
            for reader in files.add_tests(message["file"], message["function"]) if is_ours else ():
                tell(*read(reader))
            source = None if message["function"] is None else files.own(message["function"])
            if source is not None and not files.is_test(source):
                tell("foreign-test", "A test stands in a file that is no file of tests", source)
        elif t == "answers":
            file = files.own(message["function"])
            if file is None and files.is_installed(message["function"]) or file is not None and files.is_test(file):
                return
            tell("patched", "The runner's " + message["name"] + " is answered by code that is none of its", file)
        elif t == "keep":
            kept.ways = ()
            for owner, space, name, value in message["functions"]:
                _, before, hot = kept.get((owner, name), (space, value, False))
                # What installed plugins replaced while they were loaded is theirs.
                if before is not value and files.own(value) is not None:
                    tell("patched", owner + "." + name + " was replaced", files.own(value))
                kept[owner, name] = (space, value, hot or message["hot"])
        elif t == "look":
            for owner, name in kept.changed(message["all"]):
                space = kept.pop((owner, name))[0]
                tell("patched", owner + "." + name + " was replaced", files.own(space.get(name)))
        else:
            write(message)

    answer = None
    while True:
        message = yield answer
        try:
            answer = handle(message)
        except Exception:
            # A line is missing now, and that is seen.
            seq += 1
        if message["t"] == "end":
            break
    while True:
        yield


def written(value):
    if value is True or value is False:
        return "true" if value else "false"
    if not isinstance(value, str):
        return "%.3f" % value
    if len(value) > most_characters:
        value = value[: most_characters // 2] + "\n[...]\n" + value[-most_characters // 2 :]
    return quote(value)


def read(file):
    return "reached-in", "The code under test read its own tests", file


# ---- files and functions ---------------------------------------------------------------------------------------------------------


class Files:
    """Which files are the project's own, and which of those hold its tests."""

    def __init__(self, root, python_path, folder, program):
        self.here = os.getcwd() + os.sep
        self.program = self.whole(program) if program else None
        self.tests = set()
        # Of tests, by identity.
        self.functions = {}
        # Files of Python that were opened, and who did.
        self.opened = {}
        self.known = {}
        installed = [one for one in sys.path if os.path.basename(one) in ("site-packages", "dist-packages")]
        standard = [os.path.dirname(os.__file__)]
        given = [one for one in python_path.split(os.pathsep) if one and not (realpath(one) + os.sep).startswith(root + os.sep)]
        self.others = tuple(form(one) + os.sep for one in [folder] + installed + standard + given for form in (os.path.abspath, realpath))

    def place(self, name):
        """The file of a code's name where it is the project's own; None for Python's, an installed package's, and what is in no file."""
        if name not in self.known:
            self.known[name] = None if name.startswith("<") or name.startswith(self.others) else self.whole(name)
        return self.known[name]

    def whole(self, name):
        # Without a look at the disk: tests may have replaced what looks there.
        return name if isabs(name) else self.here + name

    def own_on(self, frame):
        """The innermost of the project's own files on the stack that holds no tests."""
        while frame is not None:
            file = self.place(frame.f_code.co_filename)
            if file is not None and file != self.program and not self.is_test(file):
                return file
            frame = frame.f_back
        return None

    def own(self, value):
        """The file that a function stands in, as above."""
        code = getattr(getattr(value, "__func__", value), "__code__", None)
        return None if code is None else self.place(code.co_filename)

    def is_installed(self, value):
        code = getattr(getattr(value, "__func__", value), "__code__", None)
        return code is not None and (code.co_filename == "<teamwright>" or code.co_filename.startswith(self.others))

    def is_test(self, file):
        return file in self.tests or file.endswith(conftest)

    def add_tests(self, name, function):
        """Gives those of the project's own files that have read this file of tests."""
        if function is not None:
            self.functions[id(function)] = function
        file = self.whole(name)
        if file in self.tests:
            return ()
        self.tests.add(file)
        return [one for one in self.opened.pop(file, ()) if not self.is_test(one)]


class Kept(dict):
    """Functions that tests are judged by, as they were: by owner's name and name, the owner's namespace, the value, and whether it is hot."""

    ways = ()

    def changed(self, everything):
        """Names of those that are another one now. Asked after every test, and so in as few steps of Python's as can be."""
        if not self.ways:
            self.ways = [self.way(lambda hot: True), self.way(lambda hot: hot)]
        try:
            if all([all(map(is_, those(space), values)) for space, those, values in self.ways[0 if everything else 1]]):
                return []
        except KeyError:
            # One was taken away.
            pass
        self.ways = ()
        return [one for one, (space, value, _) in self.items() if space.get(one[1]) is not value]

    def way(self, is_meant):
        grouped = {}
        for (_, name), (space, value, hot) in self.items():
            if is_meant(hot):
                names, values = grouped.setdefault(id(space), (space, [], []))[1:]
                names.append(name)
                values.append(value)
        # For a single name it would give no tuple.
        return [(space, itemgetter(*names, names[0]), (*values, values[0])) for space, names, values in grouped.values()]


# ---- the look-out ----------------------------------------------------------------------------------------------------------------


def look_out(send, files, kept):
    """The hook that Python calls as something is about to happen."""
    frame_of = sys._getframe
    busy = False
    waiting = []

    def doubt(kind, detail, file):
        waiting.append({"t": "doubt", "kind": kind, "detail": detail, "file": file})
        try:
            while waiting:
                send(waiting[0])
                del waiting[0]
        except ValueError:
            # Something happened while a record was being written; it is told the next time.
            pass

    def hook(event, args):
        nonlocal busy
        if event == "object.__getattr__":
            if args[1] not in of_frames and (args[1] != "__code__" or id(args[0]) not in files.functions):
                return
        elif event == "object.__setattr__":
            if args[1] not in of_functions:
                return
        elif event == "open":
            if type(args[0]) is not str or not args[0].endswith((".py", "/mem")):
                return
        elif event not in to_objects and event not in to_frames:
            return
        if busy:
            return
        busy = True
        try:
            look(event, args, frame_of(1))
        except Exception:
            # It is not for us to break what is about to happen.
            pass
        finally:
            busy = False

    def look(event, args, frame):
        if event in to_objects:
            file = files.own_on(frame)
            if file is not None:
                doubt("reached-in", "The code under test looked into the memory of the tests' own process (" + event + ")", file)
        elif event == "open":
            opened(realpath(args[0]), frame)
        elif event == "object.__setattr__":
            if any(getattr(value, "__func__", value) is args[0] for _, value, _ in kept.values()) or id(args[0]) in files.functions or args[0].__code__.co_filename == "<teamwright>":
                doubt("patched", args[0].__name__ + " was replaced", files.own_on(frame))
        elif event == "object.__getattr__" and args[1] == "__code__":
            caller(frame, *read(None)[:2])
        elif event == "object.__getattr__" and type(args[0]) is generator and args[0].gi_code.co_filename == "<teamwright>":
            doubt("reached-in", "The guard's own state was looked for", files.own_on(frame))
        elif args[-1:] != ("gi_code",):
            caller(frame, "reached-in", "The code under test looked at who called it")

    def caller(frame, kind, detail):
        """Who asks for it directly, or by `inspect`: what the standard library asks for itself is harmless."""
        while frame is not None and frame.f_code.co_filename.endswith(("inspect.py", "dis.py")):
            frame = frame.f_back
        file = None if frame is None else files.place(frame.f_code.co_filename)
        if file is not None and not files.is_test(file):
            doubt(kind, detail, file)

    def opened(path, frame):
        if path.startswith("/proc/"):
            return caller(frame, "reached-in", "The code under test looked into the memory of the tests' own process (/proc)")
        reader = files.own_on(frame)
        if reader is None or reader == path or not is_reading(frame):
            return
        if path in files.tests:
            doubt(*read(reader))
        elif path.endswith(".py"):
            files.opened.setdefault(path, set()).add(reader)

    def is_reading(frame):
        """Not by loading a module, and not by a warning or the report of an error, which quote the lines they are about."""
        while frame is not None and files.place(frame.f_code.co_filename) is None:
            name, function = frame.f_code.co_filename, frame.f_code.co_name
            if name.startswith("<frozen importlib") and function in ("_find_and_load", "exec_module"):
                return False
            if name.endswith("traceback.py") and function in of_errors:
                return False
            if name.endswith(("warnings.py", logging)):
                return False
            frame = frame.f_back
        return True

    return hook
