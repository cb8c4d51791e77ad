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


def _redirect(workspace, root):
    """
    Packages that were installed from the user's folder to be edited there lead into the copy: paths of `.pth` files, the tables of setuptools' finders,
    links of flit. Python has read the `.pth` files already, and left out what it could not see.
    """

    def moved(path):
        real = os.path.realpath(path)
        return root + real[len(workspace):] if (real + os.sep).startswith(workspace + os.sep) else None

    for at, folder in enumerate(list(sys.path)):
        sys.path[at] = moved(folder) or folder
    for folder in [one for one in sys.path if os.path.basename(one) in ("site-packages", "dist-packages") and os.path.isdir(one)]:
        for name in sorted(os.listdir(folder)):
            place = os.path.join(folder, name)
            if name.endswith(".pth") and os.path.isfile(place):
                with open(place, encoding="utf-8", errors="replace") as file:
                    lines = [line.strip() for line in file]
                added = [moved(os.path.join(folder, line)) for line in lines if line and not line.startswith(("#", "import ", "import\t"))]
                sys.path.extend(one for one in added if one and one not in sys.path)
            elif os.path.islink(place) and moved(place):
                above = os.path.dirname(moved(place))
                if above not in sys.path:
                    sys.path.insert(sys.path.index(folder), above)
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):
            for package, place in list(getattr(module, "MAPPING", {}).items()):
                module.MAPPING[package] = moved(place) or place
            for package, places in list(getattr(module, "NAMESPACES", {}).items()):
                module.NAMESPACES[package] = [moved(place) or place for place in places]


def _start():
    given = os.environ.pop("TEAMWRIGHT_PYTHON", None)
    if given is None:
        return
    runner, root, workspace, program, path = given.split("\n", 4)
    sys.path[:] = [one for one in sys.path if os.path.abspath(one) != _folder]
    if workspace and workspace != root:
        _redirect(workspace, root)
    tell, is_main = _load("guard.py")["open_guard"](root, path, _folder, program)
    cover = os.environ.pop("TEAMWRIGHT_COVER", None)
    if tell is not None:
        watch = _load("watch.py")
        if runner == "pytest":
            # What a worker of pytest's finds in its environment is what we found in ours.
            found = {"TEAMWRIGHT_PYTHON": given, "PYTHONPATH": _folder, "TEAMWRIGHT_COVER": cover}
            _load("pytest_plugin.py")["install"](tell, watch, is_main, {name: value for name, value in found.items() if value is not None})
        else:
            _load("unittest_result.py")["install"](tell, watch, runner == "program")
    if cover is not None:
        _load("recorder.py")["install"](cover, root, runner)
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
