"""
Starts the guard of pytest or unittest. Python itself loads this file from the folder in PYTHONPATH before any folder of the workspace is looked
into; then it gives the user's PYTHONPATH back and steps aside for a `sitecustomize` of the user's.

As a program, `sitecustomize.py RUNNER WORD...` is `-m RUNNER WORD...` for an interpreter that is told to pay no heed to PYTHONPATH.
"""
import builtins
import os
import sys

_folder = os.path.dirname(os.path.abspath(__file__))


def _load(name):
    """
    What a file beside this one defines, with built-in functions that nobody else can replace. Its code is of no file, so that no tool counts it
    among the project's.
    """
    with open(os.path.join(_folder, name), encoding="utf-8") as file:
        text = file.read()
    space = {"__name__": "teamwright", "__builtins__": dict(vars(builtins))}
    exec(compile(text, "<teamwright>", "exec", dont_inherit=True), space)
    return space


def _start():
    given = os.environ.pop("TEAMWRIGHT_PYTHON", None)
    if given is None:
        return
    runner, root, program, path = given.split("\n", 3)
    sys.path[:] = [one for one in sys.path if os.path.abspath(one) != _folder]
    tell, is_main = _load("guard.py")["open_guard"](root, path, _folder, program)
    if tell is not None:
        watch = _load("watch.py")
        if runner == "pytest":
            # What a worker of pytest's finds in its environment is what we found in ours.
            _load("pytest_plugin.py")["install"](tell, watch, is_main, {"TEAMWRIGHT_PYTHON": given, "PYTHONPATH": _folder})
        else:
            _load("unittest_result.py")["install"](tell, watch, program != "")
    # It waited in a variable of ours, so that no folder of it could stand in for a module of the standard library.
    os.environ.pop("PYTHONPATH", None)
    if path:
        os.environ["PYTHONPATH"] = path
        if not sys.flags.ignore_environment:
            sys.path[0:0] = [os.path.abspath(one) for one in path.split(os.pathsep)]


if __name__ == "__main__":
    # Said by a variable as well, which it pays no heed to.
    sys.dont_write_bytecode = True
    looks_first_here = os.path.abspath(sys.path[0]) == _folder
    _start()
    if looks_first_here:
        sys.path.insert(0, os.getcwd())
    import runpy

    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    _start()
    del sys.modules["sitecustomize"]
    try:
        import sitecustomize
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        # Python asks for it by name once we are done.
        sys.modules["sitecustomize"] = type(sys)("sitecustomize")
