/** Python: a forked process on its way from keeper to program, and the start of the program as `python3` itself would. */
export const programSource = String.raw`
in_program = False


def become_keeper(channel, groups):
    """In the new process: forks the init of a PID namespace, and that the program; only the program comes back."""
    global in_program
    try:
        _signal.signal(SIGTERM, _signal.SIG_DFL)
        call("prctl", 1, SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
        if posix.getppid() != own_pid:
            posix._exit(0)
        # The server's sockets and lock stay the server's.
        posix.dup2(channel, 3)
        close_all_from(4)
        posix.setsid()
        call("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: or the maps of a user namespace would be root's
        joins = [posix.open(folder + "/" + plan["groupFile"], posix.O_WRONLY | posix.O_CLOEXEC) for folder in groups]
        in_user_namespace = unshare()
        if plan["loopback"]:
            raise_loopback()
        call("mount", b"none", b"/", 0, 0x44000, 0)  # MS_REC | MS_PRIVATE
        mount_layers()
        call("prctl", 4, 0, 0, 0, 0)
        init = posix.fork()
        if init != 0:
            close_all_from(0)
            posix._exit(exit_code(posix.waitpid(init, 0)[1]))
        call("prctl", 1, SIGKILL, 0, 0, 0)
        mount_processes(in_user_namespace)
        program = posix.fork()
        if program != 0:
            # Of the server's it holds its way to say how the program ended, and nothing for the program to reach.
            posix.dup2(3, 0)
            close_all_from(1)
            channel = socket_from(0)
            rehearse_end()
            channel.send(b"k")
            while True:
                pid, status = posix.waitpid(-1, 0)
                if pid == program:
                    break
            code = exit_code(status)
            if nobody_is_left(posix.WNOHANG):
                tell_end(channel, code)
            posix._exit(code)
        for join in joins:
            posix.write(join, b"0")
            posix.close(join)
        call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        enter_landlock()
        drop_privileges(in_user_namespace)
        call("prctl", 4, 1, 0, 0, 0)  # as after an exec; the domain keeps siblings out
        in_program = True
    except BaseException as error:
        report_and_exit(error)


def nobody_is_left(options):
    """Whoever loses its parent becomes a child of this process."""
    try:
        posix.waitpid(-1, options)
    except ChildProcessError:
        return True
    return False


def tell_end(channel, code):
    """Tells the client the exit code, through its connection, which the program has left here; and the server that it knows."""
    try:
        _, ancillary, _, _ = channel.recvmsg(1, _socket.CMSG_SPACE(4), _socket.MSG_DONTWAIT)
        posix.write(int.from_bytes(ancillary[0][2][:4], "little"), b"S" + word(code, 1))
        channel.send(b"d")
    except (OSError, IndexError):
        pass  # nobody has asked yet, or has hung up: the server sees the keeper end


def rehearse_end():
    """All of it once, with itself as server and client, so that the pages which that takes are copied before a client waits."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    hand_on(ours, ours)
    nobody_is_left(posix.WNOHANG - 0x80000000)  # __WCLONE: there is none of that kind
    tell_end(theirs, 0)
    ours.detach()
    theirs.detach()
    close_all_from(1)


def exit_code(status):
    code = posix.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def report_and_exit(error):
    try:
        what = getattr(error, "filename", None) or "start"
        posix.write(3, ("e%s: %s" % (what, getattr(error, "strerror", None) or error)).encode())
    finally:
        posix._exit(125)


def take_request():
    """Waits for the client's connection and reads what it asks for: strings, and its descriptors 0 to 2."""
    channel = socket_from(3)
    channel.send(b"r")
    # It stays for the first process, which tells the client the end.
    message, ancillary, _, _ = channel.recvmsg(1, _socket.CMSG_SPACE(4), _socket.MSG_PEEK)
    if message != b"c":
        posix._exit(0)
    posix.sched_setaffinity(0, processors)
    connection = socket_from(int.from_bytes(ancillary[0][2][:4], "little"))
    head, ancillary, _, _ = connection.recvmsg(4, _socket.CMSG_SPACE(12))
    descriptors = [int.from_bytes(ancillary[0][2][at : at + 4], "little") for at in (0, 4, 8)]
    while len(head) < 4:
        head += connection.recv(4 - len(head))
    size, content = int.from_bytes(head, "little"), []
    while size > 0:
        content.append(connection.recv(min(size, 1 << 20)))
        if not content[-1]:
            posix._exit(0)
        size -= len(content[-1])
    for at, descriptor in enumerate(descriptors):
        posix.dup2(descriptor, at)
    try:
        connection.send(b"R", 0x4000)  # MSG_NOSIGNAL
    except OSError:
        posix._exit(0)
    channel.send(b"s")
    channel.detach()
    connection.detach()
    close_all_from(3)
    strings = b"".join(content).split(b"\0")
    count = int(strings[0])
    return strings[1], strings[2], strings[3 : 3 + count], strings[3 + count : -1]


def forget_server():
    """What the server held, so that nothing closes its descriptors' numbers, which will be the program's."""
    listener.detach()
    for program in programs:
        if program.channel is not None:
            program.channel.detach()
        if program.connection is not None:
            program.connection.detach()
    for connection in waiting:
        connection.detach()
    programs.clear()
    waiting.clear()


def take_over(folder, environment):
    """
    The client's folder, environment and standard streams in place of the server's. Python's module random, where the server
    has it, has seeded itself anew at the fork (os.register_at_fork).
    """
    import os, site

    posix.chdir(folder)
    coerced = os.environ.get("LC_CTYPE")
    for name in [*os.environb]:
        del os.environb[name]
    for assignment in environment:
        name, _, value = assignment.partition(b"=")
        os.environb[name] = value
    if coerced is not None and "LC_CTYPE" not in os.environ:
        os.environ["LC_CTYPE"] = coerced  # PEP 538 does so at the start
    if "TZ" in os.environ:
        time.tzset()
    _signal.signal(SIGINT, _signal.default_int_handler)
    site.USER_BASE = site.USER_SITE = None
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        old = getattr(sys, name)
        unbuffered = mode == "w" and getattr(old, "write_through", False)
        binary = open(("stdin", "stdout", "stderr").index(name), mode + "b", 0 if unbuffered else -1, closefd=False)
        raw = getattr(binary, "raw", binary)
        raw.name = "<%s>" % name
        lines = name == "stderr" or (not unbuffered and raw.isatty())
        new = io.TextIOWrapper(
            binary, old.encoding, old.errors, newline="\n", line_buffering=lines, write_through=unbuffered
        )
        new.mode = mode
        setattr(sys, name, new)
        setattr(sys, "__%s__" % name, new)


below_home = ()


def look_at_site():
    """What Python's module site adds to a home to find the user's own packages."""
    global below_home
    import os, site

    home, found = os.environ["HOME"], (site.getuserbase(), site.getusersitepackages())
    if all(each is not None and each.startswith(home + "/") for each in found):
        below_home = tuple(each[len(home) :] for each in found)


def add_user_site():
    """The user's own packages, which the server has not looked at: their code runs in the sandbox alone."""
    import os, site

    if not site.ENABLE_USER_SITE:
        return
    if below_home and "HOME" in os.environ:
        home = os.environ["HOME"].rstrip("/")  # as os.path.expanduser has it
        site.USER_BASE, site.USER_SITE = (home + each for each in below_home)
    if not os.path.isdir(site.getusersitepackages()):
        return
    packages = set(site.getsitepackages())
    later = [path for path in sys.path if path in packages]
    sys.path[:] = [path for path in sys.path if path not in packages]
    site.addusersitepackages(None)
    sys.path.extend(later)
    site.execusercustomize()


def start(mode, arguments):
    """The program in __main__, as python3 -c, -m or with a file starts it."""
    words = [each.decode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()) for each in arguments]
    # A module of its own, whose objects nothing of the server's keeps alive at the end.
    server_main = sys.modules["__main__"].__dict__
    sys.modules["__main__"] = type(sys)("__main__")
    main = sys.modules["__main__"].__dict__
    main.update((name, value) for name, value in server_main.items() if name.startswith("__"))
    first = words[0]
    sys.orig_argv = ["python3", *(["-" + mode] if mode in "cm" else []), *words]
    safe = getattr(sys.flags, "safe_path", False)
    if mode == "c":
        sys.argv[:] = ["-c", *words[1:]]
        if not safe:
            sys.path.insert(0, "")
        return lambda: exec(compile(first, "<string>", "exec", dont_inherit=True), main)
    if mode == "m":
        import os, runpy

        sys.argv[:] = ["-m", *words[1:]]
        if not safe:
            sys.path.insert(0, os.getcwd())
        return lambda: runpy._run_module_as_main(first)
    import os

    sys.argv[:] = words
    if not first.startswith("/"):
        first = os.getcwd() + "/" + first
    for hook in sys.path_hooks:
        try:
            hook(first)
        except ImportError:
            continue
        import runpy

        sys.path.insert(0, first)
        return lambda: runpy._run_module_as_main("__main__", False)
    if not safe:
        sys.path.insert(0, os.path.dirname(os.path.realpath(first)))
    try:
        with io.open_code(first) as file:
            text = file.read()
    except OSError as error:
        message = "%s: can't open file %r: [Errno %d] %s" % (sys.executable, first, error.errno, error.strerror)
        print(message, file=sys.stderr)
        raise SystemExit(2)
    main["__file__"], main["__cached__"] = first, None
    main["__loader__"] = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", first)
    return lambda: exec(compile(text, first, "exec", dont_inherit=True), main)


def run(program):
    """Runs it and ends as an interpreter does. What is not caught is shown without the frames of this file."""
    code = 0
    try:
        program()
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == "<zygote>":
            trace = trace.tb_next
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        del sys.last_type, sys.last_value, sys.last_traceback
        code = 130 if isinstance(error, KeyboardInterrupt) else 1
        trace = None
    if code is None:
        code = 0
    elif not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    return code & 0xFF


def finish(code):
    """
    What Py_FinalizeEx does for what the program itself has made: threads are waited for, exit functions run, objects of its
    modules are finalised. The modules that the server had loaded before are left as they are, which saves most of the time.
    """
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    posix._exit(finalise(flush(code)))


def finalise(code):
    for name in [name for name in sys.modules if name not in server_modules]:
        del sys.modules[name]
    del sys.modules["__main__"]
    gc.collect()
    return flush(code)


def flush(code):
    """120 where the output could not be written, as of any interpreter."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:
            if stream is sys.stdout and code != 120:
                print("Exception ignored in:", repr(stream), file=sys.stderr)
                print("%s: %s" % (type(error).__name__, error), file=sys.stderr)
            code = 120
    return code
`;
